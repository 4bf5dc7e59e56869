import ArgumentParser
struct Serve: ParsableCommand {}
struct Verify: ParsableCommand {}
