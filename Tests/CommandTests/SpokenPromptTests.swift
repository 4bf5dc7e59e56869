import Foundation
import TestSupport
import Testing

/// Sound beside an episode file goes in, a spoken prompt comes out.
@Suite(.enabled(if: Program.isBuilt && SourceFiles.canMake))
struct SpokenPromptTests {
  private static let text = """
    branch: 1
    episode: {id: offer, title: {en: "The Offer"}, entry: s1, languages: [en]}
    scenes:
      s1:
        media: s.mp4
        choice:
          id: k1
          window: {at: 0.5, for: 1.0}
          prompt: {en: "Go?", audio: {en: ask.wav}}
          options: [{id: go, text: {en: Go}, goto: s2}, {id: on, text: {en: "On"}, goto: s3}]
          default: go
      s2: {media: s.mp4}
      s3: {media: s.mp4}
    endings: {e_end: {scene: s2, title: {en: "End"}}, e_on: {scene: s3, title: {en: "On"}}}
    """

  private func makeFiles(prompt arguments: String) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try SourceFiles.run(
      "-v error -nostdin -y -f lavfi -i testsrc2=size=320x180:rate=25:duration=3"
        .split(separator: " ").map(String.init)
        + SourceFiles.h264 + ["-g", "25", "\(folder.path)/s.mp4"])
    try Data(Self.text.utf8).write(to: URL(fileURLWithPath: "\(folder.path)/offer.yaml"))
    try make(arguments, in: folder)
    return folder
  }

  private func make(_ arguments: String, in folder: TemporaryFolder) throws {
    try SourceFiles.run(
      "-v error -nostdin -y -f lavfi -i \(arguments)".split(separator: " ").map(String.init)
        + ["\(folder.path)/ask.wav"])
  }

  private func package(_ folder: TemporaryFolder, _ more: String...) throws -> Program.Result {
    try Program.run(
      ["package", "\(folder.path)/offer.yaml", "-o", "\(folder.path)/offer"] + more)
  }

  private func identity(_ path: String) throws -> UInt64? {
    try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? UInt64
  }

  @Test func `a prompt is packaged in AAC, verified, and taken over while it is the same`() throws {
    let folder = try makeFiles(prompt: "sine=frequency=500:sample_rate=22050:duration=0.8")
    let first = try package(folder)
    #expect(first.code == 0 && first.output.contains("1 spoken prompt"), "\(first)")
    let file = "\(folder.path)/offer/prompts/k1.en/audio-en.mp4"
    let probed = try Program.shell(
      "ffprobe -v error -show_entries stream=codec_name,channels,sample_rate:format=duration "
        + "-of csv=p=0 \(file)")
    #expect(probed.output.hasPrefix("aac,22050,1\n0.8"), "\(probed)")
    let json = try String(contentsOfFile: "\(folder.path)/offer/episode.json", encoding: .utf8)
    #expect(
      json.contains(/"spokenPrompt":\{"en":"prompts\/[0-9a-f]{10}\/k1\.en\.m4a"\}/), "\(json)")
    let verified = try Program.run(["verify", "\(folder.path)/offer"])
    #expect(verified.code == 0 && verified.output.contains("0 errors, 0 warnings"), "\(verified)")

    let before = try identity(file)
    #expect(try package(folder, "--replace").code == 0)
    #expect(try identity(file) == before)
    let again = try Program.shell(
      "\(Program.path) package \(folder.path)/offer.yaml -o \(folder.path)/again && "
        + "diff -r \(folder.path)/offer \(folder.path)/again")
    #expect(again.code == 0, "\(again)")

    // Another question has another name: 26 frames of AAC.
    try make("sine=frequency=700:sample_rate=22050:duration=1.2", in: folder)
    let longer = try package(folder, "--replace")
    #expect(longer.code == 0)
    #expect(
      longer.errors.contains("offer.yaml:9:39: the spoken prompt k1.en lasts 1207 ms"), "\(longer)")
    #expect(try identity(file) != before)
    let other = try String(contentsOfFile: "\(folder.path)/offer/episode.json", encoding: .utf8)
    #expect(other != json)

    // Damage is found, and not taken over.
    let handle = try #require(FileHandle(forWritingAtPath: file))
    try handle.seek(toOffset: 4_000)
    try handle.write(contentsOf: Data([1, 2, 3, 4]))
    try handle.close()
    let damaged = try Program.run(["verify", "\(folder.path)/offer"])
    #expect(damaged.code == 1 && damaged.output.contains("prompts/k1.en/audio-en"), "\(damaged)")
    #expect(try package(folder, "--replace").code == 0)
    #expect(try Program.run(["verify", "\(folder.path)/offer"]).code == 0)
    try FileManager.default.removeItem(atPath: "\(folder.path)/offer/prompts")
    let missing = try Program.run(["verify", "\(folder.path)/offer"])
    #expect(missing.code == 1 && missing.output.contains("prompt-missing"), "\(missing)")
  }

  @Test func `a prompt that cannot be heard is refused in one sentence with its place`() throws {
    let folder = try makeFiles(prompt: "anullsrc=sample_rate=8000:duration=61")
    func expectRefusal(_ words: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
      let result = try package(folder)
      #expect(result.code == 1, "\(result)", sourceLocation: sourceLocation)
      let complaint = result.complaints.first ?? ""
      #expect(
        complaint.contains("offer.yaml:9:39: the spoken prompt k1.en") && complaint.contains(words),
        "\(result.errors)", sourceLocation: sourceLocation)
      #expect(result.complaints.count == 1, "\(result.errors)", sourceLocation: sourceLocation)
    }
    let ask = URL(fileURLWithPath: "\(folder.path)/ask.wav")
    try expectRefusal("more than 60 s of sound")
    try Data("no sound".utf8).write(to: ask)
    try expectRefusal("ask.wav")
    try Data().write(to: ask)
    try expectRefusal("ask.wav is empty")
    try FileManager.default.removeItem(at: ask)
    try expectRefusal("No such file")
    try FileManager.default.copyItem(atPath: "\(folder.path)/s.mp4", toPath: ask.path)
    try expectRefusal("it holds no sound")
    #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/offer"))
  }
}
