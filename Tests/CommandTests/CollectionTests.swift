import Foundation
import TestSupport
import Testing

/// Where the collection lies, and what is in it.
private enum Collection {
  static let media = ProcessInfo.processInfo.environment["DOUGONG_MEDIA"]
  static let tools = media.map { "\($0)/../tools" } ?? ""

  private static func files(in folders: (String) -> Bool) -> [String] {
    guard let media else { return [] }
    let suffixes = ["mp4", "mov", "mkv", "webm", "ts", "flv", "m4a", "3gp", "hevc", "264", "aac"]
    let manager = FileManager.default
    return ((try? manager.contentsOfDirectory(atPath: "\(media)/open")) ?? []).filter(folders)
      .flatMap { folder in
        ((try? manager.contentsOfDirectory(atPath: "\(media)/open/\(folder)")) ?? []).map {
          "\(folder)/\($0)"
        }
      }
      .filter { file in suffixes.contains { file.hasSuffix(".\($0)") } }.sorted()
  }

  static let files = files { !$0.hasPrefix("corrupt") }
  static let damaged = files { $0.hasPrefix("corrupt") }

  static let canCheck =
    Program.has("python3") && Program.has("ffprobe")
    && FileManager.default.fileExists(atPath: "\(tools)/hlscheck.py")
}

/// The developers' collection of real, odd and damaged media, where it lies beside the checkout:
/// every file is packaged without a finding of any checker, or refused in one sentence.
@Suite(.enabled(if: Program.isBuilt && !Collection.files.isEmpty))
struct CollectionTests {
  @Test(arguments: Collection.files)
  func `a file of the collection is packaged rightly or refused`(file: String) throws {
    let folder = try TemporaryFolder()
    let title = "\(folder.path)/title"
    let result = try Program.run(["package", "\(Collection.media ?? "")/open/\(file)", "-o", title])
    guard result.code == 0 else {
      #expect(result.code == 1)
      #expect(result.complaints.count == 1, "\(result.errors)")
      #expect(folder.names.isEmpty)
      return
    }
    let verified = try Program.run(["verify", title])
    #expect(verified.code == 0, "\(verified.output)")
    guard Collection.canCheck else { return }
    let hls = try Program.run(
      ["python3", "\(Collection.tools)/hlscheck.py", "\(title)/main.m3u8"], program: "/usr/bin/env")
    #expect(hls.code == 0, "\(hls.output)")
    let dash = try Program.run(
      [
        "python3", "\(Collection.tools)/dashcheck.py", "\(title)/manifest.mpd", "--xsd",
        "\(Collection.tools)/schema/DASH-MPD.xsd",
      ], program: "/usr/bin/env")
    #expect(dash.code == 0, "\(dash.output)")
  }

  @Test(arguments: Collection.damaged)
  func `a damaged file never traps, hangs or takes much memory`(file: String) throws {
    let folder = try TemporaryFolder()
    // 4 GiB of addresses: far beyond what a run takes, far below what a hostile size asks for.
    let result = try Program.shell(
      "ulimit -v 4194304; timeout 60 '\(Program.path)' package "
        + "'\(Collection.media ?? "")/open/\(file)' -o '\(folder.path)/title'")
    #expect(result.code == 0 || result.code == 1, "\(result.code): \(result.errors)")
    guard result.code == 0 else {
      #expect(result.complaints.count == 1, "\(result.errors)")
      #expect(folder.names.isEmpty)
      return
    }
    let verified = try Program.run(["verify", "\(folder.path)/title"])
    #expect(verified.code == 0, "\(verified.output)")
  }
}
