import CFFmpeg
import MediaCore
import NIOCore

/// Subtitles of a live source, packet by packet.
struct LiveText {
  /// It has no samples.
  let track: SourceTrack
  private let formatter: SampleFormatter
  private let factor: Int64

  /// Bytes of a sample, at most.
  private static let sampleByteCount = 64 << 10

  /// - Returns: `nil` if the stream is no text that is packaged.
  init?(_ stream: StreamDescription, path: String) {
    guard let scan = try? TextScan(stream, path: path) else { return nil }
    track = scan.track
    formatter = scan.formatter
    factor = stream.timeBase.0
  }

  /// - Returns: `nil` for one that says nothing, or that is damaged.
  func sample(_ packet: Packet, _ payload: ByteBuffer, arrival: Int64?) -> LiveSample? {
    guard let time = packet.presentationTime, !packet.isCorrupt, payload.readableBytes > 0,
      payload.readableBytes <= Self.sampleByteCount
    else { return nil }
    var bytes = ByteBuffer()
    guard (try? formatter.append(payload, cue: packet.cue, to: &bytes)) != nil else { return nil }
    return LiveSample(
      track: track.number, decodeTime: time * factor, presentationTime: time * factor,
      duration: max(0, packet.duration) * factor, randomAccess: .closed, arrival: arrival,
      payload: bytes)
  }
}
