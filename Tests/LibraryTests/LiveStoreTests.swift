import CMAF
import FileIO
import Foundation
import Library
import LiveSupport
import MediaCore
import NIOCore
import TestSupport
import Testing

struct LiveStoreTests {
  let folder: TemporaryFolder
  private let header = LiveHeader(version: "0123456789", bytes: ByteBuffer(string: "header"))
  private let scale = Timescale(literal: 1000)

  init() throws { folder = try TemporaryFolder() }

  private func tracks(part: Int64 = 500) -> [LiveTitleDescription.Track] {
    ["video", "audio"].map {
      LiveTitleDescription.Track(
        name: $0, language: "en", label: $0, roles: [], isDefault: true, frameRate: nil,
        header: header, partTarget: MediaTime(part, scale), peakBitrate: 1, averageBitrate: 1)
    }
  }

  /// Segments of two parts of half a second.
  private func chunk(_ segment: Int64, _ part: Int, breaks: Bool = false) -> LiveChunk {
    LiveChunk(
      header: header, segment: segment, part: part, time: segment * 1000 + Int64(part) * 500,
      duration: 500, isIndependent: part == 0, endsSegment: part == 1,
      startsDiscontinuity: breaks, producedAt: segment,
      bytes: ByteBuffer(string: "\(segment).\(part) "))
  }

  private func store(window: Int64 = 3600) throws -> LiveStore {
    try LiveStore(library: folder.path, name: "channel", window: MediaTime(window * 1000, scale))
  }

  private func fill(_ store: LiveStore, _ segments: ClosedRange<Int64>) throws {
    for segment in segments {
      for part in 0...1 {
        for track in ["video", "audio"] { try store.append(chunk(segment, part), track: track) }
      }
    }
  }

  @Test func `a library that is not there is named`() {
    let path = "\(folder.path)/nowhere"
    let error = #expect(throws: LibraryError.self) {
      try LiveStore(library: path, name: "channel", window: MediaTime(60_000, scale))
    }
    #expect(error?.message.contains("the library \(path) does not exist") == true)
  }

  @Test func `a packager that was killed goes on with what it had published`() throws {
    let first = try store()
    #expect(try first.past(of: tracks(), targetDuration: 1).chunks.isEmpty)
    try fill(first, 100...500)
    try first.append(chunk(501, 0), track: "video")
    let second = try store()
    #expect(try second.lastSegment() == 501)
    let past = try second.past(of: tracks(), targetDuration: 1)
    #expect(past.lastSegment == 501)
    let video = past.chunks.filter { $0.track == "video" }.map(\.chunk)
    #expect(video.map(\.segment) == (100...500).flatMap { [$0, $0] } + [501])
    #expect(video.last?.bytes == ByteBuffer(string: "501.0 ") && video.last?.header == header)
    #expect(video.first?.bytes.readableBytes == 0)
    // Its files are other ones than those before.
    try fill(second, 502...503)
    for number: Int64 in [100, 399, 400, 500, 503] {
      let place = try #require(
        try second.place(ofSegment: number, track: "audio", version: header.version))
      let file = try ReadableFile(path: place.path)
      var bytes = ByteBuffer()
      try file.read(at: place.range.offset, count: Int(place.range.count), into: &bytes)
      #expect(String(buffer: bytes) == "\(number).0 \(number).1 ")
    }
    #expect(try second.place(ofSegment: 504, track: "audio", version: header.version) == nil)
    #expect(try second.place(ofSegment: 100, track: "audio", version: "other") == nil)
  }

  @Test func `what a crash cut off is not there`() throws {
    let first = try store()
    _ = try first.past(of: tracks(), targetDuration: 1)
    try fill(first, 1...3)
    let index = "\(first.folder)/video.1.index"
    let whole = try Data(contentsOf: URL(filePath: index))
    for cut in [1, 79, 80, 81] {
      try whole.dropLast(cut).write(to: URL(filePath: index))
      let past = try store().past(of: tracks(), targetDuration: 1)
      #expect(past.chunks.filter { $0.track == "video" }.count == (cut > 80 ? 4 : 5))
    }
    try whole.write(to: URL(filePath: index))
    let media = "\(first.folder)/video.1.m4s"
    try Data(contentsOf: URL(filePath: media)).dropLast(1).write(to: URL(filePath: media))
    let past = try store().past(of: tracks(), targetDuration: 1)
    #expect(past.chunks.filter { $0.track == "video" }.count == 5)
  }

  @Test func `files go when nobody may ask for them`() throws {
    let store = try store(window: 60)
    _ = try store.past(of: tracks(), targetDuration: 1)
    try fill(store, 1...2000)
    let names = try Folder.names(in: store.folder).filter { $0.hasPrefix("video") }
    #expect(
      names == [
        "video.0123456789.header", "video.1201.index", "video.1201.m4s", "video.1501.index",
        "video.1501.m4s", "video.1801.index", "video.1801.m4s",
      ])
  }

  @Test func `discontinuities are counted on, and another title begins anew`() throws {
    let first = try store(window: 60)
    _ = try first.past(of: tracks(), targetDuration: 1)
    for segment: Int64 in 1...400 {
      for part in 0...1 {
        let breaks = part == 0 && (segment == 200 || segment == 390)
        for track in ["video", "audio"] {
          try first.append(chunk(segment, part, breaks: breaks), track: track)
        }
      }
    }
    #expect(try store(window: 60).past(of: tracks(), targetDuration: 1).discontinuitySequence == 1)
    let other = try store().past(of: tracks(part: 400), targetDuration: 1)
    #expect(other.discontinuitySequence == 2 && other.chunks.isEmpty && other.lastSegment == 400)
  }

  private func splice(_ id: UInt32, at seconds: Int64) -> LiveSplice {
    let heard = MediaTime((seconds - 5) * 90_000, Timescale(literal: 90_000))
    return LiveSplice(
      splice: LiveMessage.insert(
        id, at: MediaTime(seconds, Timescale(literal: 1)), heard: heard),
      segments: ["video": seconds - 4, "audio": seconds - 5])
  }

  @Test func `splice messages outlive a packager that was killed`() throws {
    let first = try store()
    #expect(try first.past(of: tracks(), targetDuration: 1).splices.isEmpty)
    try fill(first, 100...130)
    for id in UInt32(1)...3 { try first.append(splice(id, at: 110 + 5 * Int64(id))) }
    let second = try store()
    let past = try second.past(of: tracks(), targetDuration: 1)
    #expect(past.splices == (1...3).map { splice($0, at: 110 + 5 * Int64($0)) })
    try second.append(splice(4, at: 300))
    // A record that a crash cut off is none, and those before it are whole.
    let path = "\(folder.path)/.channel.live/splices.log"
    let bytes = try Data(contentsOf: URL(filePath: path))
    try bytes.dropLast(3).write(to: URL(filePath: path))
    let third = try LiveStore(left: "channel", in: folder.path)
    let stretch = try #require(try third.stretches().first)
    #expect(stretch.splices == past.splices.map(\.splice))
    // Another title has nothing of them.
    let other = try store()
    #expect(try other.past(of: tracks(part: 250), targetDuration: 1).splices.isEmpty)
  }

  @Test func `of too many splice messages the oldest go`() throws {
    let first = try store()
    _ = try first.past(of: tracks(), targetDuration: 1)
    for id in UInt32(1)...9000 { try first.append(splice(id, at: 1000 + Int64(id))) }
    let kept = try store().past(of: tracks(), targetDuration: 1).splices
    #expect(kept.count <= 8192 && kept.count >= 4096)
    #expect(kept.last == splice(9000, at: 10_000))
  }
}
