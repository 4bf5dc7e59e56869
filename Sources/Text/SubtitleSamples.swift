package import MediaCore
package import NIOCore

/// A subtitle track inside a container.
package enum SubtitleSamples {
  package struct Sample: Hashable, Sendable {
    /// Milliseconds.
    package var start: Int64
    /// Milliseconds.
    package var end: Int64
    package var payload: ByteBuffer

    package init(start: Int64, end: Int64, payload: ByteBuffer) {
      self.start = start
      self.end = end
      self.payload = payload
    }
  }

  /// The cues of a track.
  ///
  /// - Parameter record: what the track says once for all samples, as `coding` tells.
  package static func read(
    _ samples: [Sample], coding: TextCoding, record: ByteBuffer
  ) throws(TextError) -> CueList {
    throw TextError(.unsupported, "\(coding.rawValue) is not read")
  }
}
