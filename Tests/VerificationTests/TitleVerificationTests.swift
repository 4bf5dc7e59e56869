import MediaCore
import FileIO
import Foundation
import Testing
import Verification

@Suite(.enabled(if: SampleTitle.hasFFmpeg, "ffmpeg makes the sources of these tests"))
struct TitleVerificationTests {
  private func withTitle<T>(_ body: (String) throws -> T) throws -> T {
    let folder = try SampleTitle.copy()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder)
  }

  @Test func `a good title has no finding`() throws {
    try withTitle { folder in
      let report = try TitleVerification.verify(folder: folder)
      #expect(report.findings.map { "\($0.code) \($0.place): \($0.message)" } == [])
      #expect(report.passes)
      #expect(report.trackCount == 3)
      #expect(report.segmentCount == 9)
    }
  }

  @Test func `every byte of the tracks is read`() throws {
    try withTitle { folder in
      let report = try TitleVerification.verify(folder: folder)
      let total = try FileManager.default.contentsOfDirectory(atPath: folder).reduce(Int64(0)) {
        $0 + (try ReadableFile(path: "\(folder)/\($1)").byteCount)
      }
      #expect(report.byteCount == total)
    }
  }

  @Test(arguments: Fault.all)
  func `a planted fault is found`(fault: Fault) throws {
    try withTitle { folder in
      try fault.plant(in: folder)
      let report = try TitleVerification.verify(folder: folder)
      let codes = report.findings.map(\.code)
      #expect(codes.contains(fault.code), "found \(codes)")
      #expect(report.findings.allSatisfy { !$0.place.isEmpty && !$0.clause.isEmpty })
    }
  }

  @Test func `the faults cover many rules`() {
    #expect(Set(Fault.all.map(\.code)).count >= 75)
  }

  @Test func `a fault in a document leaves the tracks without findings`() throws {
    for fault in Fault.playlistFaults + Fault.multivariantFaults + Fault.mpdFaults {
      try withTitle { folder in
        try fault.plant(in: folder)
        let report = try TitleVerification.verify(folder: folder)
        #expect(!report.findings.contains { $0.place.contains(".mp4") }, "\(fault.testDescription)")
      }
    }
  }

  @Test func `a rule that is broken often is told a few times`() throws {
    try withTitle { folder in
      var editor = try BoxEditor("\(folder)/\(SampleTitle.video).mp4")
      for sample in 0..<40 {
        try editor.set(
          "moof/traf/trun", try editor.runField(sample: sample, field: 1), word: 0x4000_0000)
      }
      try editor.save()
      let found = try TitleVerification.verify(folder: folder).findings.filter {
        $0.code == "depends-on"
      }
      #expect(found.count == 6)
      #expect(found.last?.message == "35 more of this")
    }
  }

  @Test func `text from a file cannot reach a terminal's controls`() throws {
    try withTitle { folder in
      let path = "\(folder)/title.json"
      let text = try String(contentsOfFile: path, encoding: .utf8)
        .replacingOccurrences(of: "\"language\" : \"en\"", with: "\"language\" : \"\\u001b[2J\"")
      try text.write(toFile: path, atomically: false, encoding: .utf8)
      let report = try TitleVerification.verify(folder: folder)
      #expect(!report.findings.isEmpty)
      for finding in report.findings {
        #expect(!finding.message.unicodeScalars.contains { $0.value < 0x20 })
      }
    }
  }

  @Test func `what is no title is an error, not a finding`() throws {
    #expect(throws: FileIOError.self) {
      try TitleVerification.verify(folder: "/nonexistent/title")
    }
    let empty = SampleTitle.temporaryFolder()
    try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: empty) }
    #expect(throws: FileIOError.self) { try TitleVerification.verify(folder: empty) }
  }

  @Test func `a verification can be cancelled`() throws {
    try withTitle { folder in
      _ = #expect(throws: CancellationError.self) {
        try TitleVerification.verify(
          folder: folder, progress: WorkProgress(isCancelled: { true }))
      }
    }
  }
}
