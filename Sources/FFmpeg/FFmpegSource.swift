import CFFmpeg
import Codecs
package import MediaCore
import NIOCore

/// A file that libavformat demuxes: read once to learn its samples, again for their payloads.
///
///     let source = try FFmpegSource(path: "episode.mkv", name: "episode.mkv")
package struct FFmpegSource: MediaSource {
  package let name: String
  package let tracks: [SourceTrack]
  package let chapters: [Chapter]
  package let splices: [Splice]
  /// libavformat's short name of the container: `mpegts`, `matroska,webm`.
  package let formatName: String
  package var hasSystemClock: Bool { formatName == "mpegts" }
  private let path: String
  private let forms: [Int: SampleFormatter.Form]
  private let keeping: (any Sendable)?

  /// - Parameters:
  ///   - path: where the bytes are.
  ///   - name: how messages call the file.
  ///   - keeping: whatever must live as long as the path is used.
  ///   - skipsPictures: pictures are known by their kind alone, since others are made of them.
  ///   - isCancelled: asked between packets.
  package init(
    path: String, name: String, keeping: (any Sendable)? = nil, skipsPictures: Bool = false,
    isCancelled: () -> Bool = { false }
  ) throws {
    self.path = path
    self.keeping = keeping
    self.name = name
    var demuxer = try Demuxer.open(path: path)
    formatName = demuxer.formatName
    var scans: [Int: StreamScan] = [:]
    var texts: [Int: TextScan] = [:]
    var others: [SourceTrack] = []
    var spliceScan = SpliceScan()
    chapters = demuxer.chapters
    for number in 0..<demuxer.streamCount {
      let stream = demuxer.stream(number)
      if spliceScan.takes(stream) { continue }
      if skipsPictures, stream.kind == .video {
        others.append(stream.unsupportedTrack)
        demuxer.discard(number)
      } else if !stream.isAttachedPicture, let scan = try StreamScan(stream, path: name) {
        scans[number] = scan
      } else if let scan = try TextScan(stream, path: name) {
        texts[number] = scan
      } else {
        others.append(stream.unsupportedTrack)
        demuxer.discard(number)
      }
    }
    var payload = ByteBuffer()
    while let packet = try demuxer.next() {
      if isCancelled() { throw CancellationError() }
      payload.clear()
      demuxer.copyPayload(into: &payload)
      try scans[packet.stream]?.take(packet, payload: payload)
      try texts[packet.stream]?.take(packet, payload: payload)
      spliceScan.take(packet, payload: payload)
    }
    splices = spliceScan.splices
    forms = scans.mapValues { $0.formatter.form }
      .merging(texts.mapValues { $0.formatter.form }) { first, _ in first }
    tracks = (others + texts.values.map { $0.track } + (try scans.values.map { try $0.track() }))
      .sorted { $0.number < $1.number }
  }

  package func makeReader(of tracks: Set<Int>) throws -> any PayloadReader {
    try FFmpegPayloadReader(path: path, name: name, forms: forms.filter { tracks.contains($0.key) })
  }
}

/// The second pass: the same packets again, gathered into batches.
final class FFmpegPayloadReader: PayloadReader {
  private var demuxer: Demuxer
  private let forms: [Int: SampleFormatter.Form]
  private var counts: [Int: Int] = [:]
  private var gatherers: [Int: FrameGatherer] = [:]
  private var builders: [Int: VP9SuperframeBuilder] = [:]
  /// Storage for batches, used in turn: those before are still being written.
  private var batches = [ByteBuffer](repeating: ByteBuffer(), count: 6)
  private var turn = 0
  private var packet = ByteBuffer()

  init(path: String, name: String, forms: [Int: SampleFormatter.Form]) throws {
    demuxer = try Demuxer.open(path: path)
    self.forms = forms
    for number in 0..<demuxer.streamCount where forms[number] == nil { demuxer.discard(number) }
  }

  func next() throws -> PayloadBatch? {
    turn = (turn + 1) % batches.count
    batches[turn].clear()
    var runs: [PayloadRun] = []
    while batches[turn].readableBytes < PayloadBatch.targetByteCount, let found = try demuxer.next()
    {
      guard let form = forms[found.stream] else { continue }
      packet.clear()
      demuxer.copyPayload(into: &packet)
      let offset = batches[turn].readableBytes
      if form == .eac3 {
        guard let whole = try gatherers[found.stream, default: FrameGatherer()].take(packet) else {
          continue
        }
        packet = whole
      } else if form == .superframe {
        guard let whole = try builders[found.stream, default: VP9SuperframeBuilder()].take(packet)
        else { continue }
        packet = whole
      }
      guard
        try SampleFormatter(form: form)
          .append(packet, cue: found.cue, to: &batches[turn]) > 0
      else { continue }
      let index = counts[found.stream, default: 0]
      counts[found.stream] = index + 1
      if let last = runs.last, last.track == found.stream {
        runs[runs.count - 1].count += 1
      } else {
        runs.append(PayloadRun(track: found.stream, first: index, count: 1, offset: offset))
      }
    }
    return runs.isEmpty ? nil : PayloadBatch(bytes: batches[turn], runs: runs)
  }
}
