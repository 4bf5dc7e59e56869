/// What long work tells while it goes on. All calls may come from any thread.
package struct WorkProgress: Sendable {
  /// Bytes to read or move, once they are known.
  package var total: @Sendable (Int64) -> Void
  /// Bytes read or moved since the last call.
  package var moved: @Sendable (Int64) -> Void
  /// Asked often; `true` ends the work with an error.
  package var isCancelled: @Sendable () -> Bool

  package init(
    total: @escaping @Sendable (Int64) -> Void = { _ in },
    moved: @escaping @Sendable (Int64) -> Void = { _ in },
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) {
    self.total = total
    self.moved = moved
    self.isCancelled = isCancelled
  }
}
