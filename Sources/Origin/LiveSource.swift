import NIOCore

/// What requests can wait for: a live title, or a screening.
protocol LiveSource: AnyObject, Sendable {
  /// Finds what a key stands for. If that is yet to come, `waker` is called once when something has.
  func find(_ key: LiveKey, waker: LiveWaker?) -> LiveFound
  /// How long a request may be held.
  var holdTime: TimeAmount { get }
}

extension LiveTitle: LiveSource {}
