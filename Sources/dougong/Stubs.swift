import ArgumentParser
struct Verify: ParsableCommand {}
