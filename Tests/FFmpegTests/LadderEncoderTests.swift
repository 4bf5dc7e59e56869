import CFFmpeg
import Codecs
import FFmpeg
import MediaCore
import NIOCore
import Synchronization
import TestSupport
import Testing

/// Rungs from pictures that are decoded once: small ones, of two seconds.
@Suite(.enabled(if: SourceFiles.canMake))
struct LadderEncoderTests {
  static let rate = Rational(literal: 24000, 1001)
  static let bt709 = ColourInformation(primaries: 1, transfer: 1, matrix: 1, isFullRange: false)

  static func rung(
    _ codec: VideoCodec, _ width: Int, _ height: Int, track: Int, rate: Rational = rate,
    _ change: (inout RungEncoding) -> Void = { _ in }
  ) -> LadderRung {
    var encoding = RungEncoding(
      codec, width: width, height: height, frameRate: rate, colour: bt709,
      rate: .average(200_000), maximumBitsPerSecond: 300_000, bufferBits: 150_000,
      preset: codec == .av1 ? "12" : "ultrafast", keyFrameDistance: 12)
    change(&encoding)
    return LadderRung("\(height)p-\(codec.rawValue)", track: track, encoding)
  }

  struct Encoded: Equatable {
    var coding: SampleCoding?
    var timescale: Timescale?
    var samples: [(LiveSample)] = []
    /// Times that the encoder was said to have ended.
    var endCount = 0

    static func == (one: Self, other: Self) -> Bool {
      one.coding == other.coding && one.samples.map(\.payload) == other.samples.map(\.payload)
        && one.samples.map(\.presentationTime) == other.samples.map(\.presentationTime)
    }
    var keys: [Int64] {
      samples.filter { $0.randomAccess == .closed }.map(\.presentationTime)
    }
  }

  /// Encodes the pictures of a file, numbered from `first` on, or a range of them.
  static func encode(
    _ path: String, _ rungs: [LadderRung], rate: Rational = rate, first: Int64 = 0,
    pictures range: Range<Int64>? = nil, keyFrames: KeyFrames = KeyFrames(every: 12),
    restarts: [Int64] = [], note: @escaping @Sendable (String) -> Void = { _ in }
  ) throws -> [Encoded] {
    let encoded = Mutex([Encoded](repeating: Encoded(), count: rungs.count))
    let encoder = try LadderEncoder(
      rungs, rate: rate, keyFrames: keyFrames, restarts: restarts, note: note,
      ended: { rung in encoded.withLock { $0[rung].endCount += 1 } }
    ) { rung, output in
      encoded.withLock { all in
        switch output {
        case .track(let track):
          (all[rung].coding, all[rung].timescale) = (track.coding, track.timescale)
        case .sample(let sample): all[rung].samples.append(sample)
        }
      }
    }
    let pictures = try FilePictures(path: path, name: "a test", track: 0)
    var number = first
    while let picture = try pictures.next() {
      if range?.contains(number) ?? true { try encoder.push(picture.picture, number: number) }
      number += 1
    }
    try encoder.finish()
    return encoded.withLock { $0 }
  }

  /// Pictures that a decoder makes of samples.
  static func decoded(_ encoded: Encoded) throws -> [PictureForm] {
    var decoder = try PictureDecoder.open(try #require(encoded.coding), name: "a test")
    var forms: [PictureForm] = []
    for sample in encoded.samples {
      try decoder.send(sample.payload, presentationTime: sample.presentationTime)
      while let picture = try decoder.receivePicture() { forms.append(picture.form) }
    }
    try decoder.finish()
    while let picture = try decoder.receivePicture() { forms.append(picture.form) }
    return forms
  }

  static func source(
    _ folder: borrowing TemporaryFolder, _ options: [String], _ name: String = "source.mp4"
  ) throws -> String {
    let path: String = folder.path + "/" + name
    try SourceFiles.make(path, audio: 0, options)
    return path
  }

  @Test func `rungs have their key frames at the same moments, and all their pictures`() throws {
    let folder = try TemporaryFolder()
    let path = try Self.source(folder, SourceFiles.h264)
    let half = Rational(literal: 12000, 1001)
    let rungs = [
      Self.rung(.h264, 192, 108, track: 0), Self.rung(.hevc, 160, 90, track: 1),
      Self.rung(.av1, 96, 64, track: 2) { $0.bidirectionalFrames = 0 },
      Self.rung(.h264, 96, 64, track: 3, rate: half) { $0.keyFrameDistance = 6 },
    ]
    // As numbers of pictures since 1970 are.
    let first: Int64 = 42_000_000_008
    let encoded = try Self.encode(path, rungs, first: first)
    for (rung, result) in zip(rungs, encoded) {
      let ticks = Int64(try #require(result.timescale).ticksPerSecond)
      let keys = result.keys.map {
        ($0 * Self.rate.numerator + ticks * 500) / (ticks * Self.rate.denominator)
      }
      let expected = (first..<first + 48).filter { $0 % 12 == 0 }
      // The first picture is one in any case.
      #expect(keys.filter { $0 % 12 == 0 } == expected, "\(rung.name)")
      #expect(keys.count <= expected.count + 1)
      let pictures = try Self.decoded(result)
      #expect(pictures.count == (rung.encoding.frameRate == half ? 24 : 48), "\(rung.name)")
      #expect(
        pictures.allSatisfy {
          $0.width == rung.encoding.width && $0.height == rung.encoding.height
            && $0.colour == Self.bt709 && !$0.isInterlaced
        })
      #expect(result.samples.allSatisfy { $0.decodeTime <= $0.presentationTime })
      let times = result.samples.map(\.decodeTime)
      #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
    }
  }

  @Test func `the same pictures give the same bytes`() throws {
    let folder = try TemporaryFolder()
    let path = try Self.source(folder, SourceFiles.h264)
    let rungs = [
      Self.rung(.h264, 192, 108, track: 0),
      Self.rung(.hevc, 160, 90, track: 1),
      Self.rung(.h264, 128, 72, track: 2), Self.rung(.av1, 96, 64, track: 3),
    ]
    let once = try Self.encode(path, rungs)
    let again = try Self.encode(path, rungs, first: 48)
    for (one, other) in zip(once, again) {
      #expect(one.coding == other.coding)
      #expect(one.samples.map(\.payload) == other.samples.map(\.payload))
    }
  }

  #if canImport(Glibc)
    @Test func `what memory held before changes no byte`() throws {
      let folder = try TemporaryFolder()
      let path = try Self.source(folder, SourceFiles.h264)
      let rungs = [
        Self.rung(.h264, 192, 108, track: 0) { $0.preset = "veryfast" },
        Self.rung(.h264, 128, 72, track: 1) { $0.preset = "medium" },
        Self.rung(.hevc, 160, 90, track: 2), Self.rung(.av1, 96, 64, track: 3),
      ]
      // Fills every block that is given out (mallopt(3)).
      defer { mallopt(M_PERTURB, 0) }
      let encoded = try [90, 165].map { (fill: CInt) in
        mallopt(M_PERTURB, fill)
        return try Self.encode(path, rungs, restarts: [12, 24])
      }
      for (index, rung) in rungs.enumerated() {
        #expect(encoded[0][index] == encoded[1][index], "\(rung.name)")
      }
    }
  #endif

  @Test(arguments: [SourceFiles.h264, SourceFiles.interlaced])
  func `behind a restart all is as if nothing had been before`(options: [String]) throws {
    let folder = try TemporaryFolder()
    let path = try Self.source(folder, options)
    let rungs = [
      Self.rung(.h264, 192, 108, track: 0) { $0.preset = "veryfast" },
      Self.rung(.hevc, 160, 90, track: 1),
      Self.rung(.h264, 96, 64, track: 2, rate: Rational(literal: 12000, 1001)) {
        $0.keyFrameDistance = 6
      }, Self.rung(.av1, 96, 64, track: 3),
    ]
    let whole = try Self.encode(path, rungs, restarts: [12, 24])
    let alone = try [0..<12, 12..<24, 24..<48].map {
      try Self.encode(path, rungs, pictures: $0)
    }
    for (index, rung) in rungs.enumerated() {
      let samples = alone.flatMap { $0[index].samples }
      #expect(whole[index].coding == alone[2][index].coding, "\(rung.name)")
      #expect(whole[index].samples.map(\.payload) == samples.map(\.payload), "\(rung.name)")
      #expect(
        whole[index].samples.map(\.presentationTime) == samples.map(\.presentationTime),
        "\(rung.name)")
      #expect(whole[index].endCount == 3 && alone.allSatisfy { $0[index].endCount == 1 })
    }
  }

  @Test(arguments: [VideoCodec.h264, .hevc, .av1])
  func `key frames are also where they are asked for`(codec: VideoCodec) throws {
    let folder = try TemporaryFolder()
    let path = try Self.source(folder, SourceFiles.h264)
    let encoded = try Self.encode(
      path, [Self.rung(codec, 96, 64, track: 0)], keyFrames: KeyFrames(every: 12, and: [17, 30]))
    let frame = 1001 * Int64(try #require(encoded[0].timescale).ticksPerSecond) / 24000
    #expect(encoded[0].keys.map { $0 / frame } == [0, 12, 17, 24, 30, 36])
    #expect(try Self.decoded(encoded[0]).count == 48)
  }

  @Test func `HDR stays with its metadata, and becomes SDR beside it`() throws {
    let folder = try TemporaryFolder()
    let path = try Self.source(folder, SourceFiles.hdr10)
    let pq = ColourInformation(primaries: 9, transfer: 16, matrix: 9, isFullRange: false)
    let rungs = [
      Self.rung(.hevc, 160, 90, track: 0) {
        $0.colour = pq
        $0.bitDepth = 10
      }, Self.rung(.h264, 160, 90, track: 1),
    ]
    let encoded = try Self.encode(path, rungs)
    let forms = try encoded.map { try #require(try Self.decoded($0).first) }
    #expect(forms[0].colour == pq && forms[0].bitDepth == 10)
    #expect(forms[1].colour == Self.bt709 && forms[1].bitDepth == 8)
  }

  @Test func `fields become whole pictures, and another shape gets bars, which are told`() throws {
    let folder = try TemporaryFolder()
    let path = try Self.source(folder, SourceFiles.interlaced)
    let notes = Mutex<[String]>([])
    let encoded = try Self.encode(path, [Self.rung(.h264, 96, 96, track: 0)]) { note in
      notes.withLock { $0.append(note) }
    }
    let forms = try Self.decoded(encoded[0])
    #expect(forms.count == 48 && forms.allSatisfy { !$0.isInterlaced && $0.height == 96 })
    #expect(
      notes.withLock { $0 } == [
        "96p-h264: pictures of 192x108 have another shape than 96x96: bars fill them up"
      ])
  }

  @Test(.timeLimit(.minutes(2)))
  func `what is cancelled ends, and what encoders hold is left`() throws {
    let folder = try TemporaryFolder()
    let pictures = try FilePictures(
      path: try Self.source(folder, SourceFiles.h264), name: "a test", track: 0)
    let counts = Mutex([0, 0, 0])
    let encoder = try LadderEncoder(
      [VideoCodec.h264, .hevc, .av1].enumerated().map { index, codec in
        Self.rung(codec, 96, 64, track: index) {
          if codec != .av1 { $0.preset = "medium" }
          $0.keyFrameDistance = 48
        }
      }, rate: Self.rate, keyFrames: KeyFrames(every: 48)
    ) { rung, output in
      if case .sample = output { counts.withLock { $0[rung] += 1 } }
    }
    for number in 0..<12 {
      let picture = try #require(try pictures.next())
      try encoder.push(picture.picture, number: Int64(number))
    }
    encoder.cancel()
    #expect(counts.withLock { $0.allSatisfy { $0 < 12 } })
  }

  @Test func `what cannot be encoded is refused in words`() throws {
    let refused: [(LadderRung, String)] = [
      (Self.rung(.h264, 97, 64, track: 0), "64p-h264: pictures of 97x64 are not encoded"),
      (Self.rung(.vp9, 96, 64, track: 0), "not encoded in vp9; choose h264, hevc or av1"),
      (Self.rung(.h264, 96, 64, track: 0) { $0.bitDepth = 10 }, "10 in hevc and av1"),
      (Self.rung(.h264, 96, 64, track: 0) { $0.preset = "no-such" }, "libx264"),
    ]
    for (rung, words) in refused {
      let error = #expect(throws: FFmpegError.self) {
        _ = try LadderEncoder([rung], rate: Self.rate, keyFrames: KeyFrames(every: 12)) { _, _ in }
      }
      #expect(error?.message.contains(words) ?? false, "\(error?.message ?? "")")
    }
  }

  @Test func `a rung is scaled from the nearest larger one of its kind`() {
    let pq = ColourInformation(primaries: 9, transfer: 16, matrix: 9, isFullRange: false)
    func encoding(_ width: Int, _ height: Int, _ change: (inout RungEncoding) -> Void = { _ in })
      -> RungEncoding
    { Self.rung(.h264, width, height, track: 0, change).encoding }
    let half = Rational(literal: 12000, 1001)
    let parents = LadderTree.parents(
      [
        encoding(1280, 720), encoding(640, 360), encoding(320, 180), encoding(640, 360),
        encoding(640, 360) { $0.colour = pq }, encoding(320, 180) { $0.frameRate = half },
        encoding(160, 90) { $0.frameRate = half }, encoding(160, 90),
      ], rate: Self.rate)
    #expect(parents == [nil, 0, 3, 1, nil, 2, 7, 2])
    let wanted = parents.indices.map { $0 == 6 }
    #expect(
      LadderTree.needed(parents, for: wanted)
        == [true, true, true, true, false, false, true, true])
  }
}
