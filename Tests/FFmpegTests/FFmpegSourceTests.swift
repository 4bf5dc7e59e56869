import FFmpeg
import Foundation
import MediaCore
import NIOCore
import TestSupport
import Testing

@Suite(.enabled(if: SourceFiles.canMake, "the ffmpeg program makes the files"))
struct FFmpegSourceTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func source(_ name: String, audio: Int = 1, _ options: [String]) throws -> FFmpegSource {
    let path = "\(folder.path)/\(name)"
    try SourceFiles.make(path, audio: audio, options)
    return try FFmpegSource(path: path, name: name)
  }

  private func payloads(_ source: FFmpegSource, of number: Int) throws -> [ByteBuffer] {
    let reader = try source.makeReader(of: [number])
    var found: [ByteBuffer] = []
    while let batch = try reader.next() {
      for run in batch.runs where run.track == number {
        var at = run.offset
        for size in source.tracks[number].samples.sizes[run.first..<run.first + run.count] {
          found.append(try #require(batch.bytes.getSlice(at: at, length: Int(size))))
          at += Int(size)
        }
      }
    }
    return found.map { ByteBuffer(bytes: $0.readableBytesView) }
  }

  @Test(arguments: ["source.mkv", "source.ts", "source.mov", "source.mp4"])
  func `every container gives the same pictures and sound`(_ name: String) throws {
    let source = try source(name, SourceFiles.h264)
    #expect(source.tracks.map(\.kind) == [.video, .audio])
    #expect(source.tracks[0].samples.count == 48)
    #expect(source.tracks[0].samples.randomAccess.count { $0 != 0 } == 4)
    #expect(source.tracks[0].samples.randomAccess.first == RandomAccess.closed.rawValue)
    #expect(SampleStatistics(source.tracks[0]).frameRate == Rational(24000, 1001))
    guard case .h264 = source.tracks[0].coding, case .aac(let record) = source.tracks[1].coding
    else {
      Issue.record("codings are \(source.tracks.map(\.coding))")
      return
    }
    #expect(record.readableBytes >= 2)
  }

  @Test func `start codes become lengths, and parameter sets leave the samples`() throws {
    let source = try source("source.ts", SourceFiles.h264)
    for sample in try payloads(source, of: 0) {
      var at = 0
      while at < sample.readableBytes {
        let count = Int(try #require(sample.getInteger(at: at, as: UInt32.self)))
        let type = try #require(sample.getInteger(at: at + 4, as: UInt8.self)) & 31
        #expect(![7, 8, 9, 12].contains(type))
        at += 4 + count
      }
      #expect(at == sample.readableBytes)
    }
  }

  @Test func `ADTS headers leave the samples`() throws {
    let transport = try source("source.ts", SourceFiles.h264)
    let whole = try source("source.mp4", SourceFiles.h264)
    #expect(try payloads(transport, of: 1) == payloads(whole, of: 1))
    guard case .aac(let short) = transport.tracks[1].coding,
      case .aac(let long) = whole.tracks[1].coding
    else {
      Issue.record("codings are \(transport.tracks[1].coding), \(whole.tracks[1].coding)")
      return
    }
    // The header of a frame cannot say that there is no band replication.
    #expect(short.readableBytesView.elementsEqual(long.readableBytesView.prefix(2)))
  }

  @Test func `tracks that are not packaged are there by name`() throws {
    let source = try source("source.mkv", ["-c:v", "mpeg4", "-c:a", "pcm_s16le"])
    #expect(source.tracks.map(\.coding) == [.unsupported("mpeg4"), .unsupported("pcm_s16le")])
    #expect(source.tracks.allSatisfy { $0.samples.count == 0 })
  }

  @Test func `languages, names and roles come from the container`() throws {
    let source = try source(
      "source.mkv", audio: 2,
      SourceFiles.h264 + [
        "-metadata:s:a:0", "language=ger", "-metadata:s:a:1", "title=Commentary",
        "-disposition:a:1", "comment",
      ])
    #expect(source.tracks[1].language == "ger")
    #expect(source.tracks[2].label == "Commentary")
    #expect(source.tracks[2].roles == ["commentary"])
    #expect(source.formatName == "matroska,webm")
  }

  @Test func `a stream without times says what to do`() throws {
    let error = #expect(throws: FFmpegError.self) {
      try source("source.h264", audio: 0, SourceFiles.h264 + ["-f", "h264"])
    }
    #expect(error?.code == .unsupported)
    #expect(error?.message.contains("source.h264") == true)
  }

  @Test(arguments: ["source.mkv", "source.ts", "source.mov"])
  func `no cut of a file traps`(_ name: String) throws {
    let path = "\(folder.path)/\(name)"
    try SourceFiles.make(path, SourceFiles.h264)
    let bytes = try Data(contentsOf: URL(filePath: path))
    for cut in stride(from: 1, to: bytes.count, by: bytes.count / 20) {
      let cutPath = try folder.write(bytes.prefix(cut), to: "cut.\(name)")
      do {
        let source = try FFmpegSource(path: cutPath, name: name)
        for track in source.tracks where track.samples.count > 0 {
          #expect(try payloads(source, of: track.number).count == track.samples.count)
        }
      } catch is FFmpegError {}
    }
  }

  @Test func `what is no media file is told in one sentence`() throws {
    let text = try folder.write("this is no media file, and will never be one".utf8, to: "text.mp4")
    let empty = try folder.write([], to: "empty.mkv")
    for path in [text, empty, "\(folder.path)/none.mp4"] {
      let error = #expect(throws: FFmpegError.self) { try FFmpegSource(path: path, name: "x") }
      #expect(error?.message.contains(path) == true)
    }
    let none = #expect(throws: FFmpegError.self) {
      try FFmpegSource(path: "\(folder.path)/none.mp4", name: "x")
    }
    #expect(none?.code == .notFound)
  }

  @Test func `a name that looks like a protocol is a name`() throws {
    let plain = "\(folder.path)/plain.mkv"
    try SourceFiles.make(plain, SourceFiles.h264)
    let odd = "\(folder.path)/http:odd %20?.mkv"
    try FileManager.default.moveItem(atPath: plain, toPath: odd)
    #expect(try FFmpegSource(path: odd, name: "odd").tracks.count == 2)
  }

  @Test func `a playlist does not open the files that it names`() throws {
    let path = "\(folder.path)/source.ts"
    try SourceFiles.make(path, SourceFiles.h264)
    let playlist = """
      #EXTM3U
      #EXT-X-TARGETDURATION:2
      #EXTINF:2,
      \(path)
      #EXT-X-ENDLIST

      """
    let list = try folder.write(playlist.utf8, to: "list.m3u8")
    #expect(throws: FFmpegError.self) { try FFmpegSource(path: list, name: "list") }
    let script = try folder.write("ffconcat version 1.0\nfile source.ts\n".utf8, to: "list.txt")
    #expect(throws: FFmpegError.self) { try FFmpegSource(path: script, name: "list") }
  }

  @Test func `scanning stops when it is cancelled`() throws {
    let path = "\(folder.path)/source.mkv"
    try SourceFiles.make(path, SourceFiles.h264)
    #expect(throws: CancellationError.self) {
      try FFmpegSource(path: path, name: "x", isCancelled: { true })
    }
  }
}
