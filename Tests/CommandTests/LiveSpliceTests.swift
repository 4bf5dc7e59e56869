import Codecs
import Foundation
import NIOCore
import TestSupport
import Testing

/// Splice points of a transport stream, from the source to the documents.
@Suite(.enabled(if: Program.isBuilt && SourceFiles.canMake), .serialized)
struct LiveSpliceTests {
  private let folder: TemporaryFolder
  private let out = LiveSpliceTests.section(isOut: true, at: 0.9)
  private let back = LiveSpliceTests.section(isOut: false, at: 1.7)

  init() throws {
    folder = try TemporaryFolder()
    let plain = "\(folder.path)/plain.ts"
    try SourceFiles.make(plain, SourceFiles.h264)
    try SpliceStream.add(
      [(45_000, out), (54_000, out), (108_000, back)], to: plain, as: "\(folder.path)/source.ts")
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/library", withIntermediateDirectories: true)
  }

  private static func section(isOut: Bool, at seconds: Double) -> [UInt8] {
    let insert = SpliceInsert(
      eventID: 7, isOut: isOut, ptsTime: UInt64((1.4 + seconds) * 90_000),
      breakDuration: isOut ? 72_000 : nil)
    return Array(SpliceInfoSection(command: .insert(insert)).bytes.readableBytesView)
  }

  private func start(_ options: [String] = []) throws -> RunningOrigin {
    try RunningOrigin(
      [
        "live", "\(folder.path)/source.ts", "\(folder.path)/library", "--name", "channel",
        "--loop", "--segment", "1s",
      ] + options)
  }

  private func get(_ origin: RunningOrigin, _ path: String) throws -> String {
    let url = "\(origin.url)channel/\(path)"
    let result = try Program.shell(
      "curl -sf --retry 30 --retry-delay 1 --retry-all-errors '\(url)'")
    #expect(result.code == 0)
    return result.output
  }

  private func lines(_ playlist: String) -> [String] {
    playlist.split(separator: "\n").filter { $0.hasPrefix("#EXT-X-DATERANGE") }.map(String.init)
  }

  private func hexadecimal(_ bytes: [UInt8]) -> String {
    "0x" + bytes.map { String(format: "%02X", Int($0)) }.joined()
  }

  /// Waits until the playlist has so many lines of date ranges.
  private func playlist(_ origin: RunningOrigin, lines count: Int) throws -> String {
    var text = try get(origin, "video-108p.m3u8")
    for _ in 0..<30 where lines(text).count < count {
      let hint = try #require(text.firstMatch(of: /PRELOAD-HINT.*\/([0-9]+)\.[0-9]+\.m4s/))
      text = try get(origin, "video-108p.m3u8?_HLS_msn=\(hint.output.1)")
    }
    #expect(lines(text).count >= count)
    return text
  }

  @Test func `a break is in all documents, outlives its packager, and is in the title at rest`()
    throws
  {
    let first = try start()
    var text = try playlist(first, lines: 4)
    let before = lines(text)
    #expect(before[0].contains("SCTE35-OUT=\(hexadecimal(out))"))
    #expect(before[0].contains("PLANNED-DURATION=0.800000"))
    #expect(before[1].contains("SCTE35-IN=\(hexadecimal(back))"))
    #expect(before[1].contains(",DURATION=0.800000"))
    // A loop is another break, two seconds later.
    #expect(Set(before.map { $0.prefix { $0 != "," } }).count >= 2)
    #expect(try get(first, "manifest.mpd").contains("urn:scte:scte35:2014:xml+bin"))
    kill(first.process.processIdentifier, SIGKILL)
    first.process.waitUntilExit()

    let second = try start(["--keep", "vod"])
    text = try playlist(second, lines: before.count + 2)
    #expect(lines(text).starts(with: before))
    #expect(second.stop() == 0)
    let result = try Program.run(["verify", "\(folder.path)/library/channel"])
    #expect(result.code == 0, "\(result.output)")
    let atRest = try String(
      contentsOfFile: "\(folder.path)/library/channel/video-108p.m3u8", encoding: .utf8)
    #expect(lines(atRest).count >= before.count / 2)
  }
}
