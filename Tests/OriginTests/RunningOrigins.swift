/// Bounds how many origins run at once: all tests begin together, and each origin has threads and descriptors, of which a
/// process has not any number.
actor RunningOrigins {
  static let all = RunningOrigins()
  /// A test that has an origin may have another beside it: if it had to wait for that, all might.
  @TaskLocal static var isInside = false

  private var room = 24
  private var waiting: [CheckedContinuation<Void, Never>] = []

  func enter() async {
    guard room == 0 else { return room -= 1 }
    await withCheckedContinuation { waiting.append($0) }
  }

  func leave() {
    if waiting.isEmpty { room += 1 } else { waiting.removeFirst().resume() }
  }
}
