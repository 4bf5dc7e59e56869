import FileIO
import Foundation
import Library
import NIOCore
import Testing
import Verification

@Suite(.enabled(if: SampleTitle.hasFFmpeg, "ffmpeg makes the sources of these tests"))
struct EventTests {
  private func withTitle<T>(_ layout: TitleLayout, _ body: (String) throws -> T) throws -> T {
    let folder = try EventTitle.copy(layout)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder)
  }

  @Test(arguments: TitleLayout.allCases)
  func `a good title with events has no finding`(layout: TitleLayout) throws {
    try withTitle(layout) { folder in
      let report = try TitleVerification.verify(folder: folder)
      #expect(report.findings.map { "\($0.code) \($0.place): \($0.message)" } == [])
      #expect(report.trackCount == 2)
    }
  }

  @Test(arguments: Fault.eventFaults)
  func `a fault in an event is found`(fault: Fault) throws {
    try withTitle(.tracks) { folder in
      try fault.plant(in: folder)
      let codes = try TitleVerification.verify(folder: folder).findings.map(\.code)
      #expect(codes.contains(fault.code), "found \(codes)")
    }
  }

  @Test(arguments: Fault.fileFaults)
  func `a fault in segment files is found`(fault: Fault) throws {
    try withTitle(.files) { folder in
      try fault.plant(in: folder)
      let codes = try TitleVerification.verify(folder: folder).findings.map(\.code)
      #expect(codes.contains(fault.code), "found \(codes)")
    }
  }

  @Test func `both layouts hold the same bytes, and so have the same digests`() throws {
    try withTitle(.tracks) { whole in
      try withTitle(.files) { files in
        for name in ["video-180p", "audio-en"] {
          let storage = try TrackStorage(folder: "\(files)/\(name)")
          let bytes = try storage.read(at: 0, count: Int(storage.byteCount))
          let track = try Data(contentsOf: URL(fileURLWithPath: "\(whole)/\(name).mp4"))
          #expect(Data(bytes.readableBytesView) == track)
        }
        func digests(_ folder: String) throws -> [String] {
          try TitleDescription(
            json: Data(contentsOf: URL(fileURLWithPath: "\(folder)/title.json")), path: folder
          ).tracks.map(\.digest)
        }
        #expect(try digests(whole) == digests(files))
      }
    }
  }
}
