import Codecs
import FFmpeg
import FileIO
import MP4
import MediaCore
import NIOCore
import TestSupport
import Testing

/// Two readers of the same file say the same: our own tables against libavformat.
@Suite(.enabled(if: SourceFiles.canMake, "the ffmpeg program makes the files"))
struct AgreementTests {
  struct Form: Sendable, CustomTestStringConvertible {
    var name: String
    var audio = 1
    /// What libavformat adds to the times of pictures.
    var shift: Int64 = 0
    var options: [String]
    var testDescription: String { name }
  }

  static let forms = [
    Form(name: "progressive, B-frames, edit list", options: SourceFiles.h264),
    Form(name: "moov first", options: SourceFiles.h264 + ["-movflags", "+faststart"]),
    Form(
      name: "fragments at key frames",
      options: SourceFiles.h264 + ["-movflags", "+frag_keyframe+empty_moov+default_base_moof"]),
    Form(
      // Without an edit list libavformat moves a track by its most negative offset, so that no
      // decode time is later than its presentation time; the times of the file are ours.
      name: "fragments at key frames, negative offsets", shift: 1001,
      options: SourceFiles.h264
        + ["-movflags", "+frag_keyframe+empty_moov+default_base_moof+negative_cts_offsets"]),
    Form(
      name: "a fragment for each sample",
      options: SourceFiles.h264 + ["-movflags", "+frag_every_frame+empty_moov+default_base_moof"]),
    Form(
      name: "a first fragment in moov",
      options: SourceFiles.h264 + ["-movflags", "+frag_keyframe"]),
    Form(
      name: "fragments with offsets of their own",
      options: SourceFiles.h264 + ["-movflags", "+frag_keyframe+empty_moov"]),
    Form(name: "two sounds", audio: 2, options: SourceFiles.h264),
    Form(name: "no sound", audio: 0, options: SourceFiles.h264),
    Form(name: "QuickTime", options: SourceFiles.h264 + ["-f", "mov"]),
    Form(name: "HEVC, open groups", options: SourceFiles.hevc),
    Form(
      name: "HEVC in fragments",
      options: SourceFiles.hevc + ["-movflags", "+frag_keyframe+empty_moov+default_base_moof"]),
    Form(name: "AV1", audio: 0, options: SourceFiles.av1),
    Form(
      name: "AV1 of ten bits in fragments", audio: 0,
      options: SourceFiles.av1PQ + ["-movflags", "+frag_keyframe+delay_moov+default_base_moof"]),
  ]

  @Test(arguments: forms)
  func `times, sizes, random access and payloads agree`(_ form: Form) throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/source.mp4"
    try SourceFiles.make(path, audio: form.audio, form.options)
    let own = try MP4Source(try ReadableFile(path: path), name: "own")
    let other = try FFmpegSource(path: path, name: "other")
    try #require(own.tracks.count == other.tracks.count)
    #expect(own.tracks.count == 1 + form.audio)
    for (one, two) in zip(own.tracks, other.tracks) {
      #expect(one.number == two.number)
      #expect(one.kind == two.kind)
      #expect(one.coding == two.coding)
      #expect(one.language == two.language)
      #expect(one.sampleAspectRatio ?? .one == two.sampleAspectRatio ?? .one)
      #expect(one.timescale == two.timescale)
      #expect(one.samples.sizes == two.samples.sizes)
      #expect(one.samples.randomAccess == two.samples.randomAccess)
      let shift = one.kind == .video ? form.shift : 0
      #expect(one.samples.presentationTimes == two.samples.presentationTimes.map { $0 - shift })
      if one.kind == .video { #expect(one.samples.count == 48) }
    }
    let numbers = Set(own.tracks.map(\.number))
    let ours = try payloads(of: own, numbers)
    #expect(
      ours.mapValues(\.count)
        == Dictionary(
          uniqueKeysWithValues: own.tracks.map { ($0.number, $0.samples.count) }))
    #expect(try ours == payloads(of: other, numbers))
  }

  @Test(arguments: forms)
  func `one track alone has the payloads that it has among all`(_ form: Form) throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/source.mp4"
    try SourceFiles.make(path, audio: form.audio, form.options)
    let source = try MP4Source(try ReadableFile(path: path), name: "own")
    let all = try payloads(of: source, Set(source.tracks.map(\.number)))
    for track in source.tracks {
      #expect(try payloads(of: source, [track.number]) == [track.number: all[track.number] ?? []])
    }
    #expect(try payloads(of: source, []).isEmpty)
  }

  @Test(arguments: [SourceFiles.vp9, SourceFiles.vp9HLG])
  func `VP9 agrees but for the level, which only the file knows`(_ options: [String]) throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/source.mp4"
    try SourceFiles.make(path, audio: 0, options)
    let own = try MP4Source(try ReadableFile(path: path), name: "own")
    let other = try FFmpegSource(path: path, name: "other")
    guard case .vp9(let one)? = own.tracks.first?.coding,
      case .vp9(let two)? = other.tracks.first?.coding
    else {
      Issue.record("codings are \(own.tracks.map(\.coding)), \(other.tracks.map(\.coding))")
      return
    }
    var record = try VPCodecConfigurationRecord(parsing: one)
    #expect(record.level >= 10)
    record.level = 0
    #expect(try VPCodecConfigurationRecord(parsing: two) == record)
    #expect(own.tracks[0].samples.sizes == other.tracks[0].samples.sizes)
    #expect(own.tracks[0].samples.randomAccess == other.tracks[0].samples.randomAccess)
    #expect(own.tracks[0].samples.randomAccess.first == RandomAccess.closed.rawValue)
    #expect(try payloads(of: own, [0]) == payloads(of: other, [0]))
  }

  @Test func `metadata of high dynamic range comes from the pictures`() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/source.mp4"
    try SourceFiles.make(path, audio: 0, SourceFiles.hdr10)
    // The encoder repeats its parameter sets in the samples, so that they are made anew.
    #expect(throws: MP4Error.self) {
      try MP4Source(try ReadableFile(path: path), name: "own")
    }
    for track in try FFmpegSource(path: path, name: "other").tracks {
      #expect(
        track.masteringDisplay
          == MasteringDisplay(
            coordinates: [13250, 34500, 7500, 3000, 34000, 16000, 15635, 16450],
            maximumLuminance: 10_000_000, minimumLuminance: 1))
      #expect(track.contentLight == ContentLight(maximum: 1000, maximumFrameAverage: 400))
    }
  }

  /// x265 with HDR10 repeats its parameter sets, and FFmpeg's fragments begin before the first key
  /// frame of AV1 is known.
  @Test(arguments: [
    SourceFiles.hdr10,
    SourceFiles.av1 + ["-movflags", "+frag_keyframe+empty_moov+default_base_moof"],
  ])
  func `what must be rewritten is left to FFmpeg`(_ options: [String]) throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/source.mp4"
    try SourceFiles.make(path, audio: 0, options)
    let error = #expect(throws: MP4Error.self) {
      try MP4Source(try ReadableFile(path: path), name: "own")
    }
    #expect(error?.code == .notDirect)
    let source = try FFmpegSource(path: path, name: "other")
    let record = try #require(try VideoRecord(source.tracks[0].coding))
    #expect((record.width, record.height) == (192, 108))
    for sample in try payloads(of: source, [0])[0] ?? [] {
      let unit = try AccessUnit(
        in: sample, at: sample.readerIndex, count: sample.readableBytes, codec: record.codec,
        framing: record.framing, parameters: record.parameters)
      #expect(record.codec == .av1 || unit.parameterSets.isEmpty)
    }
  }

  @Test func `an open group is told from a closed one`() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/source.mp4"
    try SourceFiles.make(path, audio: 0, SourceFiles.hevc)
    let track = try #require(MP4Source(try ReadableFile(path: path), name: "own").tracks.first)
    let entries = track.samples.randomAccess.filter { $0 != 0 }
    #expect(entries.first == RandomAccess.closed.rawValue)
    #expect(entries.contains(RandomAccess.open.rawValue))
  }

  @Test func `presentation starts at zero after the edit list, priming before it`() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/source.mp4"
    try SourceFiles.make(path, SourceFiles.h264)
    let source = try MP4Source(try ReadableFile(path: path), name: "own")
    #expect(source.tracks.map(\.presentationStart) == [0, 0])
    #expect(source.tracks[0].samples.presentationTimes.min() == 0)
    #expect(source.tracks[1].samples.presentationTimes.first == -1024)
  }
}
