import CMAF
import Codecs
import FFmpeg
import Foundation
import Ladder
import Library
import LiveEncoding
import MediaCore
import NIOCore
import Packaging
import Synchronization
import TestSupport
import Testing

/// Files of a few seconds, played as live sources and encoded as small ladders.
@Suite(.enabled(if: SourceFiles.canMake))
struct LadderInputTests {
  static let epoch: Int64 = 1_767_225_600_000_000_000

  @Sendable static func plan(_ study: PictureStudy, sizes: [(Int, Int)] = [(160, 90), (96, 64)])
    -> LiveLadder
  {
    let distance = LiveLadder.pictureCount(
      MediaTime(1, Timescale(literal: 1)), grid: study.grid, step: 1)
    let rungs = sizes.enumerated().map { index, size in
      var encoding = RungEncoding(
        .h264, width: size.0, height: size.1, frameRate: study.grid.rate,
        colour: ColourInformation(primaries: 1, transfer: 1, matrix: 1, isFullRange: false),
        rate: .average(100_000), maximumBitsPerSecond: 120_000, bufferBits: 60_000,
        preset: "ultrafast", keyFrameDistance: Int(distance))
      encoding.bidirectionalFrames = 0
      encoding.lookahead = 0
      encoding.isLowDelay = true
      return LadderRung("\(size.1)p", track: index, encoding)
    }
    let part = LiveLadder.pictureCount(
      MediaTime(200, Timescale(literal: 1000)), grid: study.grid, step: 1)
    return LiveLadder(
      "--ladder test", rungs, grid: study.grid, keyDistance: distance, partLength: part, notes: [])
  }

  static func input(
    _ path: String, isForced: Bool = true, say: @escaping @Sendable (String) -> Void = { _ in },
    // Long after, so that nothing is too late.
    clock: @escaping @Sendable () -> Int64 = { epoch + 1_000_000_000_000 },
    choose: @escaping @Sendable (PictureStudy) throws -> LiveLadder = { plan($0) }
  ) -> LadderInput {
    var options = LadderInput.Options(LiveAddress(path))
    options.epoch = epoch
    options.isForced = isForced
    return LadderInput(
      options, clock: clock, isCancelled: { false }, choose: choose, say: say)
  }

  /// Chunks of each track, of a file that is read to its end.
  static func run(_ input: LadderInput) throws -> (LiveSegmenter, [[LiveChunk]]) {
    var options = LiveOptions()
    options.segment = MediaTime(1, Timescale(literal: 1))
    options.isTimedSinceEpoch = true
    options.patience = MediaTime(60, Timescale(literal: 1))
    var analysis = LiveAnalysis(options, name: "test")
    while let event = try input.next(), try !analysis.take(event) {}
    var segmenter = try analysis.segmenter()
    var chunks = [[LiveChunk]](repeating: [], count: segmenter.tracks.count)
    for output in try segmenter.begin() { chunks[output.track].append(output.chunk) }
    while let event = try input.next() {
      for output in try segmenter.take(event) { chunks[output.track].append(output.chunk) }
    }
    for output in segmenter.finish() { chunks[output.track].append(output.chunk) }
    return (segmenter, chunks)
  }

  static func source(
    _ folder: borrowing TemporaryFolder, _ filter: String = "testsrc2=size=192x108:rate=25",
    seconds: Int = 4, _ options: [String] = ["-g", "37"]
  ) throws -> String {
    let path = folder.path + "/source.ts"
    try SourceFiles.run(
      ["-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "\(filter):duration=\(seconds)"]
        + ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=\(seconds)"]
        + ["-threads", "1", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
        + options + ["-c:a", "aac", "-b:a", "64k", path])
    return path
  }

  struct Segment: Equatable {
    /// Seconds since the epoch.
    var start: Double
    var seconds: Double
    var isIndependent: Bool
  }

  static func segments(_ chunks: [LiveChunk], _ timescale: Timescale) -> [Segment] {
    var found: [(number: Int64, segment: Segment)] = []
    for chunk in chunks {
      let start = MediaTime(chunk.time, timescale).seconds - Double(epoch) / 1e9
      let seconds = MediaTime(chunk.duration, timescale).seconds
      if found.last?.number == chunk.segment {
        found[found.count - 1].segment.seconds += seconds
      } else {
        let segment = Segment(
          start: (start * 1000).rounded() / 1000, seconds: seconds,
          isIndependent: chunk.isIndependent)
        found.append((chunk.segment, segment))
      }
    }
    return found.map { number, segment in
      var rounded = segment
      rounded.seconds = (segment.seconds * 1000).rounded() / 1000
      return rounded
    }
  }

  @Test func `all rungs are cut at the same seconds, whatever the source's key frames`() throws {
    let folder = try TemporaryFolder()
    let (segmenter, chunks) = try Self.run(Self.input(try Self.source(folder)))
    #expect(segmenter.tracks.map(\.name) == ["video-90p", "video-64p", "audio-und"])
    #expect(segmenter.tracks.prefix(2).allSatisfy { $0.hasIndependentSegments })
    #expect(segmenter.cells.duration.seconds == 1)
    for rung in 0..<2 {
      let timescale = segmenter.tracks[rung].partTarget.timescale
      let expected = [0.0, 1, 2, 3].map { Segment(start: $0, seconds: 1, isIndependent: true) }
      #expect(Self.segments(chunks[rung], timescale) == expected)
      #expect(chunks[rung].allSatisfy { !$0.isGap })
    }
    #expect(chunks[2].allSatisfy { !$0.isGap })
  }

  @Test func `two that are fed the same publish the same bytes`() throws {
    let folder = try TemporaryFolder()
    let path = try Self.source(folder)
    let one = try Self.run(Self.input(path)).1
    let other = try Self.run(Self.input(path)).1
    for (left, right) in zip(one, other) {
      #expect(left.map(\.bytes) == right.map(\.bytes) && !left.isEmpty)
    }
  }

  @Test(arguments: [
    ("testsrc2=size=192x108:rate=1", 8, 1.0),
    ("testsrc2=size=191x107:rate=30000/1001", 3, 30000.0 / 1001),
  ])
  func `one picture a second, and odd sizes, are encoded`(
    filter: String, seconds: Int, rate: Double
  ) throws {
    let folder = try TemporaryFolder()
    let (segmenter, chunks) = try Self.run(
      Self.input(
        try Self.source(
          folder, filter, seconds: seconds, filter.contains("191") ? ["-pix_fmt", "yuv444p"] : [])))
    #expect(segmenter.tracks[0].frameRate?.value == rate)
    let timescale = segmenter.tracks[0].partTarget.timescale
    let length = chunks[0].map { MediaTime($0.duration, timescale).seconds }.reduce(0, +)
    // The epoch is no key frame's place at 29.97: what lies before the first one is left out.
    #expect(length <= Double(seconds) + 1 / rate && length > Double(seconds) - 1.002)
  }

  @Test func `pictures that change their size and lose some go on in the same rungs`() throws {
    let folder = try TemporaryFolder()
    let small = try Self.source(folder, seconds: 2)
    var bytes = try Data(contentsOf: URL(filePath: small))
    let large = try Self.source(
      folder, "testsrc2=size=320x240:rate=25", seconds: 2, ["-output_ts_offset", "2"])
    bytes += try Data(contentsOf: URL(filePath: large))
    // Some packets that are not what they were.
    for offset in stride(from: 188 * 60, to: 188 * 90, by: 188) { bytes[offset + 100] ^= 0xff }
    let path = folder.path + "/joined.ts"
    try bytes.write(to: URL(filePath: path))
    let notes = Mutex<[String]>([])
    let (segmenter, chunks) = try Self.run(
      Self.input(path, say: { note in notes.withLock { $0.append(note) } }))
    let timescale = segmenter.tracks[0].partTarget.timescale
    for rung in 0..<2 {
      let segments = Self.segments(chunks[rung], timescale)
      #expect(segments.map(\.seconds).reduce(0, +) >= 3.9)
      #expect(chunks[rung].allSatisfy { !$0.isGap && !$0.startsDiscontinuity })
      #expect(Set(chunks[rung].map(\.header.version)).count == 1)
    }
    #expect(notes.withLock { $0 }.contains { $0.contains("bars fill them up") })
  }

  @Test func `rungs that fall behind keep their parts and segments, and all leave out the same`()
    throws
  {
    let folder = try TemporaryFolder()
    let notes = Mutex<[String]>([])
    let asked = Mutex<Int64>(0)
    // Asked once for each picture of eight seconds: from the third second on two seconds late, in the sixth four.
    let input = Self.input(
      try Self.source(folder, seconds: 8, ["-g", "25"]),
      say: { note in notes.withLock { $0.append(note) } },
      clock: {
        let number = asked.withLock { asked in
          defer { asked += 1 }
          return asked
        }
        let late: Int64 =
          switch number / 25 {
          case 2...4: 2
          case 5: 4
          default: 0
          }
        return Self.epoch + number * 40_000_000 + late * 1_000_000_000
      })
    let (segmenter, chunks) = try Self.run(input)
    for rung in 0..<2 {
      let timescale = segmenter.tracks[rung].partTarget.timescale
      let segments = Self.segments(chunks[rung], timescale)
      #expect(segments.map(\.start) == (0..<8).map(Double.init))
      #expect(segments.allSatisfy { $0.seconds == 1 })
      #expect(segments.map(\.isIndependent) == (0..<8).map { $0 != 5 })
      let gaps = Set(chunks[rung].filter(\.isGap).map { $0.segment - chunks[rung][0].segment })
      #expect(gaps == [5])
      #expect(
        chunks[rung].allSatisfy { MediaTime($0.duration, timescale).seconds == 0.2 })
    }
    #expect(
      notes.withLock { $0 }.filter { $0.hasPrefix("encoding") }.map { $0.prefix(30) } == [
        "encoding has fallen behind: pi", "encoding is more than 3.0 s be",
      ])
    // Of five, each part of three seconds has one.
    let first = chunks[0][0].segment
    for rung in 0..<2 {
      #expect(
        try (0..<8).map { segment in
          try chunks[rung].filter { $0.segment == first + segment && !$0.isGap }
            .reduce(0) { try $0 + Self.sampleCount($1) }
        } == [25, 25, 5, 5, 5, 0, 25, 25])
    }
  }

  @Test(arguments: [2, 1] as [Int64])
  func `each field becomes a picture where a rung takes so many`(fieldCount: Int64) throws {
    let folder = try TemporaryFolder()
    let path = try Self.source(
      folder, "testsrc2=size=192x108:rate=50", seconds: 2,
      ["-vf", "interlace=scan=tff", "-flags", "+ilme+ildct", "-g", "25"])
    let rate = fieldCount == 2 ? 50 : 25
    let ladder = Ladder(
      "test",
      [Self.rung(192, 108, highestFrameRate: rate), Self.rung(128, 72, highestFrameRate: 25)])
    let input = Self.input(
      path,
      choose: { study in
        #expect(study.isInterlaced && study.grid.rate.value == 25)
        return try LiveLadder(
          ladder, of: study, name: "--ladder test", segment: MediaTime(1, Timescale(literal: 1)),
          part: MediaTime(200, Timescale(literal: 1000)), codecs: nil, maximumHeight: nil)
      })
    let (segmenter, chunks) = try Self.run(input)
    #expect(segmenter.tracks[0].frameRate?.value == Double(25 * fieldCount))
    #expect(segmenter.tracks[1].frameRate?.value == 25)
    #expect(segmenter.tracks[0].partTarget.timescale == segmenter.tracks[1].partTarget.timescale)
    for rung in 0..<2 {
      let timescale = segmenter.tracks[rung].partTarget.timescale
      #expect(
        Self.segments(chunks[rung], timescale)
          == [0.0, 1].map {
            Segment(start: $0, seconds: 1, isIndependent: true)
          })
    }
    let counts = try chunks.prefix(2).map { chunks in
      try chunks.reduce(0) { try $0 + Self.sampleCount($1) }
    }
    #expect(counts == [Int(50 * fieldCount), 50])
  }

  static func rung(_ width: Int, _ height: Int, highestFrameRate: Int) -> Rung {
    Rung(
      width: width, height: height, highestFrameRate: highestFrameRate,
      h264: BitRates(average: 200_000), hevc: nil, av1: nil)
  }

  /// Of a chunk's `trun`.
  static func sampleCount(_ chunk: LiveChunk) throws -> Int {
    let bytes = Array(chunk.bytes.readableBytesView)
    let place = try #require(
      bytes.indices.dropLast(16).first { Array(bytes[$0..<$0 + 4]) == Array("trun".utf8) })
    return bytes[place + 8..<place + 12].reduce(0) { $0 << 8 | Int($1) }
  }

  @Test func `a ladder that no machine holds is refused, and what it holds is named`() throws {
    let folder = try TemporaryFolder()
    let input = Self.input(
      try Self.source(folder), isForced: false,
      choose: { study in
        var plan = Self.plan(study, sizes: [(3840, 2160), (96, 64)])
        plan.rungs[0].encoding.preset = "placebo"
        return plan
      })
    let error = #expect(throws: LiveEncodingError.self) { while try input.next() != nil {} }
    #expect(error?.code == .tooSlow)
    let message = error?.message ?? ""
    #expect(message.hasPrefix("--ladder test (2160p, 64p) is encoded at 0."), "\(message)")
    #expect(message.hasSuffix("or say --anyway"), "\(message)")
  }

  @Test func `a source without pictures is refused`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/tone.ts"
    try SourceFiles.run(
      ["-v", "error", "-nostdin", "-f", "lavfi", "-i", "sine=duration=1", "-c:a", "aac", path])
    let error = #expect(throws: LiveEncodingError.self) {
      let input = Self.input(path)
      while try input.next() != nil {}
    }
    #expect(error?.code == .noPictures)
  }
}
