import CFFmpeg

/// Lets libavformat ask whether to go on waiting (`AVIOInterruptCB`): the context of its C callback.
@safe final class Interrupt: Sendable {
  private let isCancelled: @Sendable () -> Bool

  init(_ isCancelled: @escaping @Sendable () -> Bool) { self.isCancelled = isCancelled }

  /// Valid as long as the object is.
  var callback: AVIOInterruptCB {
    unsafe AVIOInterruptCB(
      callback: { context in
        guard let context = unsafe context else { return 0 }
        return unsafe Unmanaged<Interrupt>.fromOpaque(context).takeUnretainedValue().isCancelled()
          ? 1 : 0
      }, opaque: Unmanaged.passUnretained(self).toOpaque())
  }
}
