import CMAF
import Foundation
import ISOBMFF
import Library
import MediaCore
import NIOCore
import Packaging
import Testing
import Text

/// Subtitles of a live source.
@Suite struct LiveTextTests {
  private static let milliseconds = Timescale(literal: 1000)
  /// New Year 2026.
  private static let epoch: Int64 = 1_767_225_600

  /// When a cue is shown, seconds, and when it comes.
  private struct Line {
    var text: String
    var start: Double
    var end: Double
    var comes: Double?
  }

  /// Twelve seconds of pictures, sound and subtitles, in the order in which they come.
  private func run(_ lines: [Line], group: Int = 50, hasSound: Bool = true) throws -> LiveRun {
    var stream = LiveStream()
    stream.group = group
    stream.hasSound = hasSound
    var options = LiveOptions()
    options.epoch = Self.epoch * 1_000_000_000
    options.alignsEpoch = true
    var text = SourceTrack(
      number: 7, kind: .text, coding: .text(.subRip, ByteBuffer()), timescale: Self.milliseconds)
    text.language = "deu"
    var media: [(Double, LiveEvent)] = stream.events(12).map { event in
      guard case .sample(let sample) = event else { return (0, event) }
      return (Double(sample.decodeTime) / 90_000, event)
    }
    for line in lines {
      let sample = LiveSample(
        track: 7, decodeTime: Int64(line.start * 1000), presentationTime: Int64(line.start * 1000),
        duration: Int64(((line.end - line.start) * 1000).rounded()), randomAccess: .closed,
        payload: ByteBuffer(string: line.text))
      media.append((line.comes ?? line.start, .sample(sample)))
    }
    let sorted = media.enumerated().sorted { ($0.element.0, $0.offset) < ($1.element.0, $1.offset) }
    var run = try LiveRun(
      stream.tracks + [.track(text)] + sorted.map(\.element.1), options: options)
    run.take(run.segmenter.finish())
    return run
  }

  private func cues(_ bytes: ByteBuffer) -> [String] {
    String(buffer: bytes).split(separator: "\n").filter { $0.contains("-->") }.map(String.init)
  }

  private func time(_ seconds: Double) -> String {
    let all = Double(Self.epoch) + seconds
    let (hours, rest) = (Int(all) / 3600, all - Double(Int(all) / 3600 * 3600))
    return String(
      format: "%d:%02d:%06.3f", hours, Int(rest) / 60, rest - Double(Int(rest) / 60 * 60))
  }

  @Test(arguments: [50, 37])
  func `subtitles are cut where pictures are, and come in parts, also where nothing is said`(
    group: Int
  ) throws {
    let run = try run(
      [Line(text: "one", start: 1, end: 2.5), Line(text: "two", start: 5.9, end: 6.3)],
      group: group)
    #expect(run.segmenter.tracks.map(\.name).suffix(2) == ["text-de.wvtt", "text-de"])
    run.check()
    let starts = run.chunks.map { chunks in chunks.filter { $0.part == 0 } }
    for (index, chunks) in starts.enumerated() where index >= 2 {
      #expect(chunks.map(\.segment) == starts[0].map(\.segment))
      let scale = run.segmenter.tracks[index].partTarget.timescale
      let video = run.segmenter.tracks[0].partTarget.timescale
      for (own, main) in zip(chunks, starts[0]) {
        #expect(
          abs(MediaTime(own.time, scale).seconds - MediaTime(main.time, video).seconds) < 0.001)
      }
    }
    // Both forms have the same parts.
    for (fragment, text) in zip(run.chunks[2], run.chunks[3]) {
      #expect((fragment.segment, fragment.part) == (text.segment, text.part))
      #expect((fragment.time, fragment.duration) == (text.time, text.duration))
      let shown = String(buffer: fragment.bytes).contains("payl")
      #expect(shown == !cues(text.bytes).isEmpty)
    }
  }

  @Test func `a cue stands in each part in which it is shown, with all of its time`() throws {
    let run = try run([
      Line(text: "one", start: 1, end: 2.5), Line(text: "two", start: 5.9, end: 6.3),
    ])
    let texts = run.chunks[3]
    for (text, start, end) in [("one", 1.0, 2.5), ("two", 5.9, 6.3)] {
      let own = texts.filter { String(buffer: $0.bytes).contains("\n\(text)\n") }
      let scale = run.segmenter.tracks[3].partTarget.timescale
      let shown = own.map { MediaTime($0.time, scale).seconds - Double(Self.epoch) }
      #expect(shown.count >= Int((end - start) * 5))
      #expect(shown.allSatisfy { $0 > start - 0.2 && $0 < end })
      for chunk in own {
        #expect(cues(chunk.bytes) == ["\(time(start)) --> \(time(end))"])
      }
    }
    // Where each begins on the clock of MPEG-2 systems.
    for chunk in texts {
      let map = try #require(
        String(buffer: chunk.bytes).firstMatch(
          of: /LOCAL:([0-9]+):([0-9]+):([0-9]+)\.([0-9]+),MPEGTS:([0-9]+)/))
      let parts = [map.1, map.2, map.3, map.4].compactMap { Int64($0) }
      let local = (parts[0] * 3600 + parts[1] * 60 + parts[2]) * 1000 + parts[3]
      #expect(Int64(map.5) == local * 90 % (1 << 33))
    }
  }

  @Test func `a cue that comes late is shown as soon as it is there`() throws {
    let run = try run([Line(text: "late", start: 3, end: 8, comes: 5.05)], hasSound: false)
    let scale = run.segmenter.tracks[2].partTarget.timescale
    let first = try #require(run.chunks[2].first { !cues($0.bytes).isEmpty })
    let seconds = MediaTime(first.time, scale).seconds - Double(Self.epoch)
    #expect((4.7...5.3).contains(seconds))
    #expect(cues(first.bytes) == ["\(time(3)) --> \(time(8))"])
  }

  @Test func `nothing that a source says for hours is kept`() throws {
    let lines = (0..<2000).map { index in
      Line(text: "line \(index)", start: Double(index) / 250, end: Double(index) / 250 + 3)
    }
    let run = try run(lines, hasSound: false)
    run.check()
    #expect(run.chunks[2].allSatisfy { cues($0.bytes).count <= 512 })
  }
}
