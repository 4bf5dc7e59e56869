import Codecs
import Foundation
import MediaCore
import NIOCore
import TestSupport
import Testing

@testable import FFmpeg

/// Sound that is encoded anew, and silent frames: held against FFmpeg's own decoders.
@Suite(.enabled(if: SourceFiles.canMake, "ffmpeg makes the sources of these tests"))
struct TranscodedSourceTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func open(
    _ name: String, _ options: [String], codec: AudioCodecChoice = .aac, keepsMP3: Bool = false
  ) throws -> any MediaSource {
    let path = "\(folder.path)/\(name)"
    try SourceFiles.make(path, ["-c:v", "libx264", "-preset", "ultrafast"] + options)
    return try TranscodedSource.completing(
      FFmpegSource(path: path, name: name), path: path, codec: codec, folder: folder.path,
      keepsMP3: keepsMP3, isCancelled: { false })
  }

  private func payload(_ source: any MediaSource, of track: Int) throws -> ByteBuffer {
    let reader = try source.makeReader(of: [track])
    var bytes = ByteBuffer()
    while let batch = try reader.next() {
      for run in batch.runs where run.track == track {
        let sizes = source.tracks[track].samples.sizes[run.first..<run.first + run.count]
        let count = sizes.reduce(0) { $0 + Int($1) }
        bytes.writeImmutableBuffer(
          try #require(
            batch.bytes.getSlice(at: batch.bytes.readerIndex + run.offset, length: count)))
      }
    }
    return bytes
  }

  @Test(arguments: [("pcm_s16le", "mov"), ("pcm_s24le", "mkv"), ("mp2", "ts"), ("flac", "mkv")])
  func `what has no place in CMAF becomes AAC, all else stays`(coding: String, suffix: String)
    throws
  {
    let source = try open("source.\(suffix)", ["-c:a", coding])
    let track = source.tracks[1]
    guard coding != "flac" else {
      #expect(source.notes.isEmpty && !(source is TranscodedSource))
      return
    }
    guard case .aac(let record) = track.coding else {
      Issue.record("the coding is \(track.coding)")
      return
    }
    #expect(try AudioSpecificConfig(parsing: record).objectType == 2)
    #expect(track.priming == 1024)
    #expect(track.timescale == Timescale(literal: 48_000))
    #expect(source.notes.count == 1 && source.notes[0].contains("encoded to AAC (mono)"))
    let times = track.samples.presentationTimes
    #expect(times.first == track.presentationStart - 1024)
    #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 == 1024 })
    let length = Double(try #require(track.presentationEnd) - track.presentationStart) / 48_000
    #expect(abs(length - 2) < 0.05)
    let total = track.samples.sizes.reduce(0) { $0 + Int($1) }
    #expect(try payload(source, of: 1).readableBytes == total)
  }

  @Test func `the same source gives the same bytes`() throws {
    let one = try payload(try open("one.mov", ["-c:a", "pcm_s16le"]), of: 1)
    let two = try payload(try open("two.mov", ["-c:a", "pcm_s16le"]), of: 1)
    #expect(one == two && one.readableBytes > 1000)
  }

  @Test(arguments: AudioCodecChoice.allCases)
  func `the coding is the one that was asked for`(choice: AudioCodecChoice) throws {
    let options = ["-c:a", "pcm_s16le", "-ar", "22050", "-ac", "2"]
    let source = try open("source.mkv", options, codec: choice)
    let record = try #require(try SoundRecord(source.tracks[1].coding))
    #expect(record.family == choice.rawValue && record.channelCount == 2)
    #expect(record.sampleRate == (choice == .aac ? 22_050 : 48_000))
  }

  @Test func `MP3 is encoded unless it is to be kept`() throws {
    let options = ["-c:a", "libmp3lame"]
    guard case .mp3 = try open("kept.mkv", options, keepsMP3: true).tracks[1].coding else {
      Issue.record("MP3 was not kept")
      return
    }
    guard case .aac = try open("made.mkv", options).tracks[1].coding else {
      Issue.record("MP3 was not encoded")
      return
    }
  }

  private static let forms = [
    SoundForm(.aac, channelCount: 2, bitsPerSecond: 160_000),
    SoundForm(.aac, channelCount: 6, bitsPerSecond: 384_000),
    SoundForm(.eac3, channelCount: 6, bitsPerSecond: 384_000),
  ]

  /// The codings of a source's sound once it is in some forms: family and channels.
  private func codings(
    _ name: String, audio: Int = 1, _ options: [String], _ forms: [SoundForm] = forms
  ) throws -> (codings: [String], notes: [String]) {
    let path = "\(folder.path)/\(name)"
    try SourceFiles.make(
      path, audio: audio, ["-c:v", "libx264", "-preset", "ultrafast"] + options)
    let source = try TranscodedSource.inForms(
      forms, FFmpegSource(path: path, name: name), path: path, folder: folder.path,
      isCancelled: { false })
    #expect(source.tracks[0].kind == .video)
    #expect(Set(source.tracks.map(\.number)).count == source.tracks.count)
    let records = try source.tracks.dropFirst().map { try SoundRecord($0.coding) }
    return (
      records.map { $0.map { "\($0.family) \($0.channelCount)" } ?? "none" }, source.notes
    )
  }

  @Test(arguments: ["pcm_s16le", "ac3"])
  func `sound of six channels gets each coding that is wanted`(coding: String) throws {
    let (codings, notes) = try codings("source.mkv", ["-c:a", coding, "-ac", "6"])
    #expect(codings == ["aac 2", "aac 6", "eac3 6"])
    #expect(notes.count == 3 && notes[0].contains("is encoded to AAC (5.1 as stereo)"))
  }

  @Test func `a coding that a sound has already is copied, in its place`() throws {
    let (codings, notes) = try codings("source.mkv", ["-c:a", "eac3", "-ac", "6"])
    #expect(codings == ["aac 2", "aac 6", "eac3 6"])
    #expect(notes.count == 2)
  }

  @Test func `two codings of one sound in a source are one sound`() throws {
    let options = ["-c:a:0", "aac", "-ac:a:0", "2", "-c:a:1", "pcm_s16le", "-ac:a:1", "6"]
    let (codings, notes) = try codings("source.mkv", audio: 2, options)
    #expect(codings == ["aac 2", "aac 6", "eac3 6"])
    #expect(notes.count == 2)
  }

  @Test func `sound of fewer channels gets none that it does not have, and that is said`() throws {
    let stereo = try codings("stereo.mkv", ["-c:a", "pcm_s16le", "-ac", "2"])
    #expect(stereo.codings == ["aac 2"])
    #expect(stereo.notes.last?.contains("it has 2 channels; the ladder's sound of 6") == true)
    let mono = try codings("mono.mkv", ["-c:a", "pcm_s16le", "-ac", "1"])
    #expect(mono.codings == ["aac 2"])
    #expect(mono.notes.first?.contains("(mono as stereo)") == true)
  }

  @Test func `sound that gets none of them is packaged as ever`() throws {
    let surround = Array(Self.forms.dropFirst())
    let raw = try codings("raw.mkv", ["-c:a", "pcm_s16le", "-ac", "2"], surround)
    #expect(raw.codings == ["aac 2"])
    let opus = try codings("opus.mkv", ["-c:a", "libopus", "-ac", "2"], surround)
    #expect(opus.codings == ["opus 2"])
  }

  @Test(arguments: [
    (SampleCoding.ac3(ByteBuffer(bytes: [0x10, 0x3d, 0xe0])), "ac3"),
    (.ac3(ByteBuffer(bytes: [0x10, 0x11, 0x40])), "ac3"),
    (.ac3(ByteBuffer(bytes: [0x50, 0x09, 0x00])), "ac3"),
    (.eac3(ByteBuffer(bytes: [0x0e, 0x00, 0x20, 0x0f, 0x00])), "eac3"),
    (.eac3(ByteBuffer(bytes: [0x06, 0x00, 0x20, 0x04, 0x00])), "eac3"),
    (.eac3(ByteBuffer(bytes: [0x06, 0x00, 0x60, 0x02, 0x00])), "eac3"),
    (.mp3(ByteBuffer(bytes: [0xff, 0xfb, 0x90, 0x64])), "mp3"),
  ])
  func `silent frames decode to zeros without a complaint`(coding: SampleCoding, format: String)
    throws
  {
    let record = try #require(try SoundRecord(coding))
    let frame = try #require(record.silence(samplesPerFrame: record.samplesPerFrame ?? 0))
    let stream = Array(repeating: Array(frame.readableBytesView), count: 8).flatMap { $0 }
    let path = try folder.write(stream, to: "silence.\(format)")
    // `-xerror` ends with the first complaint, of a wrong checksum too.
    try SourceFiles.run([
      "-v", "error", "-nostdin", "-y", "-xerror", "-err_detect", "crccheck+explode", "-f", format,
      "-i", path, "-f", "s16le", "\(path).pcm",
    ])
    let samples = try Data(contentsOf: URL(filePath: "\(path).pcm"))
    #expect(samples.count >= 6 * (record.samplesPerFrame ?? 0) * record.channelCount * 2)
    #expect(samples.allSatisfy { $0 == 0 })
  }
}
