import FileIO
import Foundation
import Library
import MediaCore
import Testing

@testable import Origin

/// Tracks that lie in a file for each segment.
@Suite struct SegmentFileServingTests {
  private static let sizes: [Int64] =
    [40_000, 1, 30_000, 200_000] + [Int64](repeating: 7, count: 90)

  /// The video of a title, in as many files as it has segments, and the index.
  private func split(_ folder: MediaFolder) throws -> (title: ServedTitle, bytes: [UInt8]) {
    let title = try folder.title("film", segmentByteCounts: Self.sizes).title
    let index = title.tracks[0].index
    let bytes = MediaFolder.bytes(ByteRange(offset: 0, count: index.byteCount), seed: 7)
    let path = "\(folder.path)/video"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    func write(_ range: ByteRange, _ name: String) throws {
      try Data(bytes[Int(range.offset)..<Int(range.end)])
        .write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    }
    try write(index.header, TrackStorage.headerName)
    try write(ByteRange(offset: 0, count: index.sidx.end), TrackStorage.indexName)
    for (number, segment) in index.segments.enumerated() {
      try write(segment.range, TrackStorage.segmentName(number + 1))
    }
    let served = ServedTitle(
      title: title, documents: [:], storage: ["video": try TrackStorage(folder: path)])
    return (served, bytes)
  }

  @Test func `the whole track is its files, one behind the other`() async throws {
    let folder = try MediaFolder()
    let (title, bytes) = try split(folder)
    try await withOrigin(FakeTitles([title])) { origin in
      let whole = try await origin.fetch("/film/video.mp4")
      #expect(whole.status == 200)
      #expect(whole["Content-Type"] == "video/mp4")
      #expect(whole["Cache-Control"] == "public, max-age=60")
      #expect(whole["Accept-Ranges"] == "bytes")
      #expect(whole.body == bytes)
      let head = try await origin.fetch("/film/video.mp4", method: "HEAD")
      #expect(head["Content-Length"] == "\(bytes.count)")
      #expect(head["ETag"] == whole["ETag"])
      let segment = try await origin.fetch("/film/video/cafe01/3.m4s")
      #expect(segment.body == Array(bytes[40_801..<70_801]))
    }
  }

  @Test(arguments: [0..<900, 0..<1, 799..<801, 40_799..<40_802, 700..<100_000, 270_700..<271_000])
  func `a range is cut out of the files that it lies in`(range: Range<Int>) async throws {
    let folder = try MediaFolder()
    let (title, bytes) = try split(folder)
    try await withOrigin(FakeTitles([title])) { origin in
      let reply = try await origin.fetch(
        "/film/video.mp4", ["Range: bytes=\(range.lowerBound)-\(range.upperBound - 1)"])
      #expect(reply.status == 206)
      #expect(
        reply["Content-Range"]
          == "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(bytes.count)")
      #expect(reply.body == Array(bytes[range]))
    }
  }

  @Test func `requests that follow on one connection are answered behind many files`()
    async throws
  {
    let folder = try MediaFolder()
    let (title, bytes) = try split(folder)
    try await withOrigin(FakeTitles([title])) { origin in
      try await origin.connect { connection in
        for _ in 0..<3 { try await connection.send("GET", "/film/video.mp4") }
        for _ in 0..<3 { #expect(try await connection.reply().body == bytes) }
      }
    }
  }

  @Test func `a file that is gone ends the connection: no other bytes stand in for it`()
    async throws
  {
    let folder = try MediaFolder()
    let (title, bytes) = try split(folder)
    try Data([1]).write(to: URL(fileURLWithPath: "\(folder.path)/video/3.m4s"))
    try await withOrigin(FakeTitles([title])) { origin in
      try await origin.connect { connection in
        try await connection.send("GET", "/film/video.mp4")
        let head = try await connection.head()
        #expect(head["Content-Length"] == "\(bytes.count)")
        await #expect(throws: (any Error).self) { try await connection.body(of: head) }
      }
    }
  }
}
