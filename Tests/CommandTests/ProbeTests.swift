import Foundation
import TestSupport
import Testing

/// The probe plays what the origin serves.
@Suite(.enabled(if: Program.isBuilt)) struct ProbeTests {
  @Test func `a title is played to its end, as HLS and as DASH`() throws {
    let folder = try TemporaryFolder()
    let film = "\(folder.path)/library/film"
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/library", withIntermediateDirectories: true)
    let packaged = try Program.run([
      "package", "\(Program.root)/Media/dougong-540p.mp4", "-o", film,
    ])
    try #require(packaged.code == 0)
    let origin = try RunningOrigin(library: "\(folder.path)/library")
    for (document, form) in [("main.m3u8", "HLS VOD"), ("timeline.mpd", "DASH VOD")] {
      let page = "\(folder.path)/report.html"
      let result = try Program.run([
        "probe", "\(origin.url)film/\(document)", "--seconds", "4", "--viewers", "3", "--json",
        "--html", page,
      ])
      #expect(result.code == 0, "\(result.output)\(result.errors)")
      let report = try #require(
        JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
      #expect(report["form"] as? String == form)
      #expect((report["startup"] as? [String: Any])?["count"] as? Int == 3)
      #expect(report["failedRequests"] as? Int == 0)
      #expect(report["stalledShare"] as? Double == 0)
      #expect(try String(contentsOfFile: page, encoding: .utf8).hasSuffix("</html>\n"))
    }
    let missing = try Program.run(["probe", "\(origin.url)nothing/main.m3u8"])
    #expect(missing.code == 1)
    #expect(missing.complaints == ["dougong: \(origin.url)nothing/main.m3u8: the status was 404"])
    #expect(origin.stop() == 0)
  }
}
