import Foundation
import TestSupport
import Testing

/// What the command line says of sound.
@Suite(.enabled(if: Program.isBuilt && SourceFiles.canMake))
struct SoundCommandTests {
  private static let picture = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "24"]

  private func text(_ folder: TemporaryFolder, _ name: String) throws -> String {
    try String(contentsOfFile: "\(folder.path)/title/\(name)", encoding: .utf8)
  }

  private func package(_ folder: TemporaryFolder, _ arguments: [String]) throws -> Program.Result {
    let result = try Program.run(["package", "-o", "\(folder.path)/title"] + arguments)
    #expect(result.code == 0, "\(result.errors)")
    let verified = try Program.run(["verify", "\(folder.path)/title"])
    #expect(verified.code == 0, "\(verified.output)")
    return result
  }

  @Test func `a commentary from a file of its own has its role, name and place`() throws {
    let folder = try TemporaryFolder()
    let film = "\(folder.path)/film.mp4"
    let talk = "\(folder.path)/talk, take 2.mkv"
    try SourceFiles.make(film, Self.picture + ["-c:a", "aac", "-metadata:s:a:0", "language=eng"])
    try SourceFiles.run([
      "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "sine=duration=2", "-c:a", "pcm_s16le",
      talk,
    ])
    let result = try package(
      folder,
      [
        film, "--audio", "de=\(talk),role=commentary,label=Kommentar", "--audio",
        "en=\(film),label=Ton,default",
      ])
    #expect(result.errors.contains("is encoded to AAC"))
    let playlist = try text(folder, "main.m3u8")
    #expect(playlist.contains("NAME=\"Ton\",LANGUAGE=\"en\",DEFAULT=YES,AUTOSELECT=YES"))
    #expect(playlist.contains("NAME=\"Kommentar\",LANGUAGE=\"de\",DEFAULT=NO,AUTOSELECT=NO"))
    #expect(try text(folder, "manifest.mpd").contains("value=\"commentary\""))
  }

  @Test func `sound alone is a title`() throws {
    let folder = try TemporaryFolder()
    let source = "\(folder.path)/song.flac"
    try SourceFiles.run([
      "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "sine=duration=5", "-c:a", "flac",
      source,
    ])
    #expect(try package(folder, [source]).errors.isEmpty)
    #expect(try text(folder, "main.m3u8").contains("CODECS=\"fLaC\""))
    #expect(try text(folder, "manifest.mpd").contains("codecs=\"flac\""))
  }

  @Test(arguments: ["de", "de=", "de=x,role=", "de=x.m4a,role=clown", "1=x.m4a"])
  func `what cannot be meant is refused by the command line`(argument: String) throws {
    let result = try Program.run(["package", "x.mp4", "-o", "y", "--audio", argument])
    #expect(result.code == 2 || result.code == 64, "\(result.code)")
  }

  @Test func `a file without sound cannot give any`() throws {
    let folder = try TemporaryFolder()
    let film = "\(folder.path)/film.mp4"
    try SourceFiles.make(film, audio: 0, Self.picture)
    let result = try Program.run(
      ["package", film, "-o", "\(folder.path)/title", "--audio", "de=\(film)"])
    #expect(result.code == 1 && result.complaints.count == 1, "\(result.errors)")
  }
}
