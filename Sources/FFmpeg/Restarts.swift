/// Places on the grid at which encoders begin anew, so that what follows does not depend on what came before.
struct Restarts {
  /// Those that were not reached yet.
  private var left: ArraySlice<Int64>

  /// - Parameter numbers: of pictures, rising.
  init(_ numbers: [Int64]) { left = numbers[...] }

  /// How many are reached by a picture, and were not by any before. Numbers rise.
  mutating func count(reachedBy number: Int64) -> Int {
    let reached = left.prefix { $0 <= number }.count
    left = left.dropFirst(reached)
    return reached
  }
}
