import CMAF
import Foundation
import Library
import Live
import LiveSupport
import MediaCore
import NIOCore
import TestSupport
import Testing

@testable import Origin

/// The MPD of a live title that lists segments, and patches of it.
@Suite struct LivePatchTests {
  /// Segments of uneven length, one chunk each, with breaks of the timeline and losses.
  private struct Uneven {
    var description = LiveFixture(window: 120).description
    var random = SplitMix(5)
    private(set) var number = LiveFixture.first
    private var ticks: [Int64]

    init() {
      let second = Timescale(literal: 1000)
      for index in description.tracks.indices {
        let scale = description.tracks[index].partTarget.timescale
        description.tracks[index].partTarget = MediaTime(2400, second).rescaled(to: scale)
      }
      ticks = description.tracks.map { $0.partTarget.timescale }.map {
        LiveFixture.first * 2 * Int64($0.ticksPerSecond)
      }
    }

    mutating func next() -> [(track: String, chunk: LiveChunk)] {
      let isBreak = random.next() % 90 == 0
      if isBreak {
        let lost = Int64(random.next() % 3)
        number += lost
        for index in ticks.indices {
          let second = Int64(description.tracks[index].partTarget.timescale.ticksPerSecond)
          ticks[index] += lost * 2 * second + second / 5
        }
      }
      defer { number += 1 }
      // Pictures: mostly two seconds. Sound: whole frames of 1024 samples.
      let pictures: Int64 = random.next() % 4 == 0 ? 49_000 : 50_000
      let frames = Int64(93 + random.next() % 2) * 1024
      return description.tracks.indices.map { index in
        let track = description.tracks[index]
        let duration = track.name == LiveFixture.video ? pictures : frames
        defer { ticks[index] += duration }
        return (
          track.name,
          LiveChunk(
            header: track.header, segment: number, part: 0, time: ticks[index],
            duration: duration, isIndependent: true, endsSegment: true,
            startsDiscontinuity: isBreak, producedAt: 0, bytes: ByteBuffer(string: "."))
        )
      }
    }
  }

  private static func text(_ found: LiveFound) -> String? {
    guard case .document(let document, _) = found else { return nil }
    return String(buffer: document.bytes)
  }

  private static func published(_ mpd: String) -> UTCTime? {
    mpd.split(separator: "publishTime=\"").dropFirst().first.flatMap {
      UTCTime($0.prefix { $0 != "\"" })
    }
  }

  private static let python = ["/usr/bin/python3", "/usr/local/bin/python3"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  @Test(.enabled(if: python != nil))
  func `D14: patches of two hours give the whole MPD`() throws {
    var source = Uneven()
    let title = try LiveTitle(source.description)
    var lines: [String] = []
    var versions: [String] = []
    func ask() throws {
      let full = try #require(Self.text(title.find(.timeline(tracks: nil), waker: nil)))
      if let base = versions.randomElement(using: &source.random) {
        let from = try #require(Self.published(base))
        let patch = try #require(Self.text(title.find(.patch(from: from), waker: nil)))
        let line = ["base": base, "patch": patch, "full": full]
        lines.append(String(decoding: try JSONEncoder().encode(line), as: UTF8.self))
      }
      versions = versions.suffix(1) + [full]
    }
    for step in 0..<3600 {
      for (track, chunk) in source.next() { try title.publish(chunk, track: track) }
      // Breaks of half a minute, and nothing of them for some minutes.
      if step % 15 == 4, step / 300 % 3 < 2 {
        let edge = MediaTime(title.edge, Timescale(literal: 1000))
        let splice = LiveMessage.insert(
          UInt32(step / 30), isOut: step % 30 == 4,
          at: MediaTime(edge.value + 6000, edge.timescale),
          lasting: MediaTime(30, Timescale(literal: 1)), heard: edge)
        #expect(title.judge(splice) == .new)
        title.publish(title.place(splice))
      }
      if step % 10 == 0 { try ask() }
    }
    title.end()
    try ask()
    #expect(lines.count == 360)
    let folder = try TemporaryFolder()
    try Data(lines.joined(separator: "\n").utf8)
      .write(to: URL(filePath: "\(folder.path)/patches"))
    let script = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../scripts/apply-patches").standardized.path
    let process = Process()
    process.executableURL = URL(filePath: try #require(Self.python))
    process.arguments = [script, "\(folder.path)/patches"]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let said = String(
      decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(said)")
    #expect(said.hasPrefix("360 patches"))
  }

  @Test func `D14: a version that is forgotten, or never was, has no patch`() throws {
    var source = Uneven()
    let title = try LiveTitle(source.description)
    func publish(_ count: Int) throws {
      for _ in 0..<count {
        for (track, chunk) in source.next() { try title.publish(chunk, track: track) }
      }
    }
    func patch(from time: UTCTime?) -> LiveFound { title.find(.patch(from: time), waker: nil) }
    guard case .absent(.gone) = patch(from: UTCTime(millisecondsSince1970: 0)),
      case .held = title.find(.timeline(tracks: nil), waker: nil)
    else {
      Issue.record("there is something before the stream begins")
      return
    }
    try publish(3)
    let mpd = try #require(Self.text(title.find(.timeline(tracks: nil), waker: nil)))
    let time = Self.published(mpd)
    #expect(mpd.contains("<PatchLocation ttl=\"60\">timeline.mpp?publishTime="))
    guard case .held = patch(from: time) else {
      Issue.record("the last version has a patch")
      return
    }
    try publish(25)
    let made = try #require(Self.text(patch(from: time)))
    #expect(Self.text(patch(from: time)) == made)
    try publish(10)
    guard case .absent(.gone) = patch(from: time), case .absent(.gone) = patch(from: nil) else {
      Issue.record("a version is had longer than it may")
      return
    }
  }

  @Test func `D8: sets of whole segments say nothing of chunks`() throws {
    var source = Uneven()
    let title = try LiveTitle(source.description)
    for _ in 0..<3 {
      for (track, chunk) in source.next() { try title.publish(chunk, track: track) }
    }
    let mpd = try #require(Self.text(title.find(.timeline(tracks: nil), waker: nil)))
    for name in ["availabilityTimeOffset", "availabilityTimeComplete", "<Resync"] {
      #expect(!mpd.contains(name))
    }
    // Segments of two seconds are a quarter of it.
    #expect(mpd.contains("target=\"8000\""))
  }
}
