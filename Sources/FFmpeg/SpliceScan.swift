import CFFmpeg
import MediaCore
import NIOCore

/// Gathers the splice messages (SCTE 35) of a transport stream while its packets pass.
struct SpliceScan {
  private(set) var splices: [Splice] = []
  /// Ticks in a second, by stream.
  private var streams: [Int: Timescale] = [:]

  /// Messages of one source, at most; they are repeated a few times each.
  private static let maximumCount = 100_000
  /// Bytes of a section, at most (SCTE 35 §9.6).
  private static let maximumByteCount = 4096

  /// - Returns: whether the stream carries splice messages.
  mutating func takes(_ stream: StreamDescription) -> Bool {
    guard stream.codecID == AV_CODEC_ID_SCTE_35, stream.timeBase.0 == 1,
      let ticks = UInt32(exactly: stream.timeBase.1), let timescale = Timescale(ticks)
    else { return false }
    streams[stream.number] = timescale
    return true
  }

  func isOf(_ stream: Int) -> Bool { streams[stream] != nil }

  /// Takes a packet of a splice stream: one section, timed by the program's clock.
  mutating func take(_ packet: Packet, payload: ByteBuffer) {
    guard splices.count < Self.maximumCount, let splice = splice(packet, payload: payload) else {
      return
    }
    splices.append(splice)
  }

  /// What a packet of a splice stream holds; `nil` for one without a time, and one that is too large.
  func splice(_ packet: Packet, payload: ByteBuffer) -> Splice? {
    guard let timescale = streams[packet.stream], let time = packet.presentationTime,
      payload.readableBytes <= Self.maximumByteCount
    else { return nil }
    // The buffer is used again for the next packet.
    return Splice(
      time: MediaTime(time, timescale), section: ByteBuffer(bytes: payload.readableBytesView))
  }
}
