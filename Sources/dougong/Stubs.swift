import ArgumentParser
struct Serve: ParsableCommand {}
struct Inspect: ParsableCommand {}
