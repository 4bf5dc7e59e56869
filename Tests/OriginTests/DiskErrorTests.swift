import Foundation
import Testing

@testable import Origin

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A media file that cannot be read is a failure of what is in it, and of nothing else.
@Suite struct DiskErrorTests {
  /// What stands where a media file was.
  enum Damage: String, CaseIterable, Sendable {
    case deleted, cut, grown, emptied, directory, danglingLink, linkToItself, pipe, deviceWithoutEnd
    /// Reading it fails with `EIO`.
    case unreadable

    func put(in place: String) throws {
      let files = FileManager.default
      func keep(_ byteCount: UInt64) throws {
        let handle = try #require(FileHandle(forWritingAtPath: place))
        try handle.truncate(atOffset: byteCount)
      }
      switch self {
      case .cut: return try keep(10_000)
      case .emptied: return try keep(0)
      case .grown: return try keep(1_000_000)
      default: try files.removeItem(atPath: place)
      }
      switch self {
      case .cut, .emptied, .grown, .deleted: break
      case .directory: try files.createDirectory(atPath: place, withIntermediateDirectories: false)
      case .danglingLink:
        try files.createSymbolicLink(atPath: place, withDestinationPath: place + ".nothing")
      case .linkToItself:
        try files.createSymbolicLink(atPath: place, withDestinationPath: place)
      case .pipe: try #require(unsafe mkfifo(place, 0o600) == 0)
      case .deviceWithoutEnd:
        try files.createSymbolicLink(atPath: place, withDestinationPath: "/dev/zero")
      case .unreadable:
        try files.createSymbolicLink(atPath: place, withDestinationPath: "/proc/self/mem")
      }
    }
  }

  @Test(arguments: Damage.allCases)
  func `what is in a damaged file is answered 503, all else is served`(damage: Damage) async throws
  {
    let folder = try MediaFolder()
    let titles = FakeTitles([try folder.title("film"), try folder.title("other")])
    let file = try #require(try titles.title(named: "film")?.tracks["video"]?.file)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: file.path))
    try damage.put(in: file.path)
    try await withOrigin(titles) {
      // One that waits for a pipe would be missed.
      $0.diskThreadCount = 1
    } _: { origin in
      try await origin.connect { connection in
        for (target, status) in [
          ("/film/video/cafe01/1.m4s", 503), ("/film/video/cafe01/init.mp4", 503),
          ("/film/video.mp4", 503), ("/film/audio/cafe01/1.m4s", 200), ("/film/main.m3u8", 200),
          ("/film/video.m3u8", 200), ("/other/video/cafe01/1.m4s", 200),
          ("/film/video/cafe01/3.m4s", 503),
        ] {
          try await connection.send("GET", target)
          let reply = try await connection.reply()
          #expect(reply.status == status, "\(target)")
          #expect(reply["Connection"] == nil)
          guard status == 503 else { continue }
          #expect(reply["Retry-After"] == "1")
          #expect(reply["Cache-Control"] == "public, max-age=1")
          #expect(!reply.text.contains("/"), "no path is told: \(reply.text)")
        }
        try? FileManager.default.removeItem(atPath: file.path)
        try bytes.write(to: URL(fileURLWithPath: file.path))
        try await connection.send("GET", "/film/video/cafe01/1.m4s")
        #expect(try await connection.reply().body == Array(bytes[800..<40_800]))
      }
    }
  }
}
