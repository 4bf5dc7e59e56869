import CMAF
import Ingest
import Library
import LiveSupport
import MediaCore
import NIOCore
import Packaging

/// Uploads to one publishing point, and what came of them.
struct LiveIngestRun {
  /// What must be the same however a title came.
  struct Known: Hashable {
    var track: String
    var segment: Int64
    var part: Int
    var time: Int64
    var byteCount: Int
  }

  var ingest: LiveIngest
  /// Nanoseconds since 1970.
  var now: Int64
  private(set) var all: [(track: String, chunk: LiveChunk)] = []
  private(set) var hasEnded = false
  /// Of the title, once it has begun.
  private(set) var tracks: [LiveTitleDescription.Track] = []

  init(now: Int64, transport: TransportReading? = nil) {
    ingest = LiveIngest(LiveOptions(), name: "tv", transport: transport)
    self.now = now
  }

  var known: [Known] {
    all.map {
      Known(
        track: $0.track, segment: $0.chunk.segment, part: $0.chunk.part, time: $0.chunk.time,
        byteCount: $0.chunk.bytes.readableBytes)
    }.sorted { ($0.track, $0.time) < ($1.track, $1.time) }
  }

  func chunks(_ track: String) -> [LiveChunk] { all.filter { $0.track == track }.map(\.chunk) }

  mutating func begin(_ path: String, _ header: ByteBuffer) throws -> Int {
    let upload = try ingest.open(path)
    try take(header, upload)
    return upload
  }

  mutating func take(_ bytes: ByteBuffer, _ upload: Int) throws {
    keep(try ingest.take(bytes, of: upload, now: now))
  }

  mutating func close(_ upload: Int, isWhole: Bool = true) throws {
    keep(try ingest.close(upload, isWhole: isWhole, now: now).steps)
  }

  mutating func advance() { keep(ingest.advance(to: now)) }

  /// One upload, in pieces of so many bytes.
  mutating func send(_ bytes: ByteBuffer, _ path: String, pieces: Int = .max) throws {
    let upload = try ingest.open(path)
    var bytes = bytes
    while let piece = bytes.readSlice(length: min(pieces, bytes.readableBytes)),
      piece.readableBytes > 0
    {
      try take(piece, upload)
    }
    try close(upload)
  }

  /// Bytes of what is sent to a path, as a request of their own (partial PUT).
  mutating func send(_ bytes: ByteBuffer, _ path: String, from offset: Int) throws {
    let upload = try ingest.open(path, piece: IngestPiece(offset: Int64(offset), isLast: false))
    try take(bytes, upload)
    try close(upload)
  }

  private mutating func keep(_ steps: [LiveIngest.Step]) {
    for step in steps {
      switch step {
      case .begin(let tracks, _): self.tracks = tracks
      case .chunk(let chunk, let track): all.append((track, chunk))
      case .end: hasEnded = true
      }
    }
  }

  /// Ten seconds of a title with pictures and sound, which come as the clock goes on.
  /// - Parameters:
  ///   - length: seconds of a fragment.
  ///   - audioLag: seconds by which sound comes later.
  ///   - isEnded: whether the publisher says so at the end.
  ///   - paths: where the header and each fragment go; without one for the header both go in one upload.
  mutating func publish(
    video: EncodedTrack, audio: EncodedTrack, _ length: Double, audioLag: Double = 0,
    isEnded: Bool = false,
    paths: (_ index: Int, _ name: String) -> (header: String?, fragment: String) = {
      (nil, "\($1).cmfv")
    }
  ) throws {
    let begin = now
    var open: [String: Int] = [:]
    for (name, track) in [("video", video), ("audio", audio)] {
      if let path = paths(1, name).header, paths(0, name).header != nil {
        try send(track.header, path)
      } else {
        open[name] = try self.begin(paths(0, name).fragment, track.header)
      }
    }
    var times: [(time: Double, name: String, index: Int)] = []
    for index in 0..<Int((10 / length).rounded()) {
      let end = Double(index + 1) * length
      times += [(end, "video", index), (end + audioLag, "audio", index)]
    }
    for (time, name, index) in times.sorted(by: { ($0.time, $0.index) < ($1.time, $1.index) }) {
      // Time passes for those who wait, too.
      let next = begin + Int64(time * 1e9)
      while now + 100_000_000 < next {
        now += 100_000_000
        advance()
      }
      now = next
      let track = name == "video" ? video : audio
      let bytes = track.fragment(Double(index) * length..<Double(index + 1) * length)
      if let upload = open[name] {
        try take(bytes, upload)
      } else {
        try send(bytes, paths(index, name).fragment)
      }
      advance()
    }
    for (name, upload) in open.sorted(by: { $0.key < $1.key }) {
      if isEnded { try take(EncodedTrack.ending, upload) }
      try close(upload, isWhole: isEnded)
      _ = name
    }
    if isEnded, open.isEmpty {
      for name in ["video", "audio"] { try send(EncodedTrack.ending, paths(0, name).fragment) }
    }
  }
}
