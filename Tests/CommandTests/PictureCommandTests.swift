import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: Program.isBuilt))
struct PictureCommandTests {
  private static let sample = "\(Program.root)/Media/dougong-540p.mp4"

  @Test func `pictures on request are part of a title that verifies`() throws {
    let folder = try TemporaryFolder()
    let title = "\(folder.path)/film"
    let packaged = try Program.run([
      "package", Self.sample, "-o", title, "--thumbnails", "10s", "--poster", "2.5", "--trick",
      "2s",
    ])
    #expect(packaged.code == 0, "\(packaged.errors)")
    #expect(packaged.output.contains("poster.jpg"))
    let names = try FileManager.default.contentsOfDirectory(atPath: title)
    #expect(names.contains("thumbnails-256x144"))
    #expect(names.contains("thumbnails.vtt"))
    #expect(names.contains("trick-360p.mp4"))
    let verified = try Program.run(["verify", title])
    #expect(verified.code == 0, "\(verified.output)")
  }

  @Test(arguments: [
    ["--thumbnails", "often"], ["--thumbnails", "0"], ["--thumbnails", "10xs"],
    ["--poster", "-1"], ["--poster", "1:2:3:4"], ["--trick", "auto"], ["--trick", "0.01"],
    ["--trick", "61s"],
  ])
  func `times that cannot be meant are errors of the command line`(_ options: [String]) throws {
    let folder = try TemporaryFolder()
    let result = try Program.run(["package", Self.sample, "-o", "\(folder.path)/film"] + options)
    #expect(result.code == 2, "\(result.errors)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }
}
