package import NIOCore

/// A splice_info_section as a source carries it (SCTE 35 §9.6).
package struct Splice: Hashable, Sendable {
  /// When the section arrived, on the source's timeline.
  package var time: MediaTime
  /// The whole section, from table_id to CRC_32.
  package var section: ByteBuffer
  /// What is added to a `pts_time` of the section to come onto the source's timeline: its timestamps
  /// may have been moved or unwrapped since. In 90 kHz.
  package var timeOffset: Int64

  package init(time: MediaTime, section: ByteBuffer, timeOffset: Int64 = 0) {
    self.time = time
    self.section = section
    self.timeOffset = timeOffset
  }
}
