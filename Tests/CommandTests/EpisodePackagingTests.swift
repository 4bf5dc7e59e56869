import Foundation
import TestSupport
import Testing

/// An episode file goes in, scenes and `episode.json` come out, and what did not change is taken over.
@Suite(.enabled(if: Program.isBuilt && SourceFiles.canMake))
struct EpisodePackagingTests {
  private static let text = """
    branch: 1
    episode: {id: offer, title: {en: "The Offer"}, entry: s1, languages: [en]}
    scenes:
      s1:
        media: [s1.mp4, s1-small.mp4]
        text: {en: s1.srt}
        choice:
          id: k1
          window: {at: 0.5, for: 1.0}
          prompt: {en: "Go?"}
          options:
            - {id: stay, text: {en: Stay}, goto: s2}
            - {id: go, text: {en: Go}, goto: s3}
          default: go
      s2: {media: [s2.mp4, s2-small.mp4], text: {en: s2.srt}, next: s1}
      s3: {media: [s3.mp4, s3-small.mp4], text: {en: s3.srt}}
    endings: {e_end: {scene: s3, title: {en: "End"}}}
    """

  /// A scene's picture of so many seconds, with a key frame each second, and its tone.
  private static func make(
    _ path: String, _ seconds: Double, _ tone: Int, size: String, sound: Bool = true,
    rate: Int = 48000
  ) throws {
    var arguments =
      "ffmpeg -v error -nostdin -y -f lavfi -i testsrc2=size=\(size):rate=25:duration=\(seconds)"
    if sound {
      arguments +=
        " -f lavfi -i sine=frequency=\(tone):sample_rate=\(rate):duration=\(seconds) -c:a aac -b:a 64k"
    }
    arguments +=
      " -c:v libx264 -preset veryfast -pix_fmt yuv420p -g 25 -keyint_min 25 -sc_threshold 0"
      + " -threads 1 -fflags +bitexact -flags +bitexact \(path)"
    let result = try Program.shell(arguments)
    try #require(result.code == 0, "\(result.errors)")
  }

  private static func makeScenes(_ folder: String) throws {
    for (index, seconds) in [3.0, 5, 8].enumerated() {
      let name = "\(folder)/s\(index + 1)"
      try make("\(name).mp4", seconds, 300 + index * 100, size: "320x180")
      try make("\(name)-small.mp4", seconds, 0, size: "160x90", sound: false)
      try Data("1\n00:00:00,500 --> 00:00:01,500\nScene \(index + 1)\n".utf8).write(
        to: URL(fileURLWithPath: "\(name).srt"))
    }
    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/offer.yaml"))
  }

  private static func identity(_ path: String) throws -> UInt64 {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return (attributes[.systemFileNumber] as? UInt64) ?? 0
  }

  @Test func `an episode is packaged, verified, decoded, and its unchanged scenes taken over`()
    throws
  {
    let folder = try TemporaryFolder()
    try Self.makeScenes(folder.path)
    let arguments = ["package", "\(folder.path)/offer.yaml", "-o", "\(folder.path)/offer"]
    let first = try Program.run(arguments + ["--json"])
    #expect(first.code == 0, "\(first.errors)")
    let verified = try Program.run(["verify", "\(folder.path)/offer"])
    #expect(verified.code == 0 && verified.output.contains("0 errors, 0 warnings"), "\(verified)")

    struct Compiled: Decodable {
      struct Media: Decodable {
        struct Track: Decodable { var durations: [Int], bytes: [Int] }
        struct Scene: Decodable { var duration: Int, tracks: [String: Track] }
        var scenes: [String: Scene]
      }
      var media: Media
    }
    let json = try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/offer/episode.json"))
    let media = try JSONDecoder().decode(Compiled.self, from: json).media
    #expect(media.scenes["s3"]?.duration == 8_000_000)
    // Ticks of 1/25000 s: a ramp of 1, 2 and 4 s.
    let picture = media.scenes["s3"]?.tracks["video-180p"]
    #expect(picture?.durations == [25_000, 50_000, 100_000, 25_000])

    // Pictures come out as they went in.
    for scene in ["s1", "s2", "s3"] {
      let hash = "-map 0:v:0 -f framemd5 - | grep -v '^#' | awk -F, '{print $6}'"
      let made = try Program.shell(
        "ffmpeg -v error -nostdin -i \(folder.path)/offer/\(scene)/video-180p.mp4 \(hash)")
      let source = try Program.shell(
        "ffmpeg -v error -nostdin -i \(folder.path)/\(scene).mp4 \(hash)")
      #expect(made.output == source.output && !made.output.isEmpty, "\(scene): \(made.errors)")
    }

    // Only s2 changes.
    let track = "offer/s1/video-180p.mp4"
    let before = try Self.identity("\(folder.path)/\(track)")
    try Self.make("\(folder.path)/s2.mp4", 4, 900, size: "320x180")
    try Self.make("\(folder.path)/s2-small.mp4", 4, 0, size: "160x90", sound: false)
    let second = try Program.run(arguments + ["--replace"])
    #expect(second.code == 0 && second.output.contains("2 scenes taken over"), "\(second)")
    #expect(try Self.identity("\(folder.path)/\(track)") == before)
    #expect(try Program.run(["verify", "\(folder.path)/offer"]).code == 0)
    // Damage is not taken over.
    let handle = try #require(FileHandle(forWritingAtPath: "\(folder.path)/\(track)"))
    try handle.seek(toOffset: 20_000)
    try handle.write(contentsOf: Data([1, 2, 3, 4]))
    try handle.close()
    let third = try Program.run(arguments + ["--replace"])
    #expect(third.code == 0 && third.output.contains("2 scenes taken over"), "\(third)")
    #expect(try Program.run(["verify", "\(folder.path)/offer"]).code == 0)
    let other = ["package", "\(folder.path)/offer.yaml", "-o", "\(folder.path)/again"]
    #expect(try Program.run(other).code == 0)
    let difference = try Program.shell("diff -r \(folder.path)/offer \(folder.path)/again")
    #expect(difference.code == 0, "\(difference.output)")
    // Scenes in other segments are others.
    let short = try Program.run(arguments + ["--replace", "--segment", "1s"])
    #expect(short.code == 0 && !short.output.contains("taken over"), "\(short)")
    let cut = try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/offer/episode.json"))
    let seconds = try JSONDecoder().decode(Compiled.self, from: cut).media
    #expect(
      seconds.scenes["s3"]?.tracks["video-180p"]?.durations == Array(repeating: 25_000, count: 8))
  }

  @Test func `a scene that does not fit is refused with what differs, and nothing is left`() throws
  {
    let folder = try TemporaryFolder()
    try Self.makeScenes(folder.path)
    let library = "\(folder.path)/library"
    try FileManager.default.createDirectory(atPath: library, withIntermediateDirectories: true)
    func expectRefusal(_ words: String..., sourceLocation: SourceLocation = #_sourceLocation) throws
    {
      let result = try Program.run(
        ["package", "\(folder.path)/offer.yaml", "-o", "\(library)/offer"])
      #expect(result.code == 1, "\(result)", sourceLocation: sourceLocation)
      for word in words {
        #expect(result.errors.contains(word), "\(result.errors)", sourceLocation: sourceLocation)
      }
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: library).isEmpty,
        sourceLocation: sourceLocation)
    }
    // Another sampling rate of the sound.
    try Self.make("\(folder.path)/s2.mp4", 5, 400, size: "320x180", rate: 44100)
    try expectRefusal("audio-und", "scene s2", "s1", "mp4a")
    // A single picture, which is a key frame.
    try Self.make("\(folder.path)/s2.mp4", 0.04, 400, size: "320x180")
    try Self.make("\(folder.path)/s2-small.mp4", 0.04, 0, size: "160x90", sound: false)
    try expectRefusal("video-180p of scene s2", "it has no stss", "key frames")
    try Self.make("\(folder.path)/s2-small.mp4", 5, 0, size: "160x90", sound: false)
    // No sound.
    try Self.make("\(folder.path)/s2.mp4", 5, 400, size: "320x180", sound: false)
    try expectRefusal("scene s2", "audio-und")
    // Another size: the names of the tracks differ too.
    try Self.make("\(folder.path)/s2.mp4", 5, 400, size: "480x270")
    try expectRefusal("scene s2", "video-270p")
    // No media at all.
    try FileManager.default.removeItem(atPath: "\(folder.path)/s2.mp4")
    try expectRefusal("s2.mp4", "No such file")
    // No subtitles of a language.
    try Self.make("\(folder.path)/s2.mp4", 5, 400, size: "320x180")
    try Data(Self.text.replacingOccurrences(of: ", text: {en: s2.srt}", with: "").utf8).write(
      to: URL(fileURLWithPath: "\(folder.path)/offer.yaml"))
    try expectRefusal("scene s2", "text-en")
  }

  @Test func `a run that is killed leaves the old episode whole, and the next one succeeds`() throws
  {
    let folder = try TemporaryFolder()
    try Self.makeScenes(folder.path)
    let arguments = ["package", "\(folder.path)/offer.yaml", "-o", "\(folder.path)/offer"]
    try #require(try Program.run(arguments).code == 0)
    try Self.make("\(folder.path)/s2.mp4", 4, 900, size: "320x180")
    try Self.make("\(folder.path)/s2-small.mp4", 4, 0, size: "160x90", sound: false)
    func partial() throws -> String? {
      try FileManager.default.contentsOfDirectory(atPath: folder.path).first {
        $0.hasSuffix(".partial")
      }
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Program.path)
    process.arguments = arguments + ["--replace"]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    // As soon as something is written; a run that was quicker has replaced the whole.
    while process.isRunning, try partial() == nil {}
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(try Program.run(["verify", "\(folder.path)/offer"]).code == 0)
    #expect(try Program.run(arguments + ["--replace"]).code == 0)
    #expect(try partial() == nil)
    #expect(try Program.run(["verify", "\(folder.path)/offer"]).code == 0)
  }

  /// What s1 and s3, then s2 are made of, what is said, and microseconds of s2.
  @Test(arguments: [
    (
      "testsrc2=r=25:d=4 -g 25", "testsrc2=r=25:d=4 -g 250", "the first segment lasts 4000 ms",
      4_000_000
    ),
    ("testsrc2=r=25:d=4 -g 25", "testsrc2=r=25:d=2.4 -g 25", "", 2_400_000),
    ("testsrc2=r=25:d=4 -g 25", "testsrc2=r=25:d=0.4 -g 25", "", 400_000),
    ("sine=r=48000:d=3.008", "sine=r=48000:d=0.512", "", 512_000),
  ])
  func `short scenes, few key frames and sound alone are packaged as they are`(
    _ long: String, _ other: String, _ note: String, _ duration: Int
  ) throws {
    let folder = try TemporaryFolder()
    for (name, source) in [("a", long), ("b", other)] {
      let made = try Program.shell(
        "ffmpeg -v error -nostdin -f lavfi -i \(source) -c:v libx264 -preset ultrafast -pix_fmt yuv420p "
          + "-sc_threshold 0 -c:a aac \(folder.path)/\(name).mp4")
      try #require(made.code == 0, "\(made)")
    }
    try Data(
      """
      branch: 1
      episode: {id: offer, title: {en: "The Offer"}, entry: s1, languages: [en]}
      scenes:
        s1:
          media: a.mp4
          choice: {id: k1, window: {at: 0.5, for: 1}, options: [{id: a, goto: s2}, {id: b, goto: s3}], default: b}
        s2: {media: b.mp4}
        s3: {media: a.mp4}
      endings: {e2: {scene: s2}, e3: {scene: s3}}
      """.utf8
    ).write(to: URL(fileURLWithPath: "\(folder.path)/offer.yaml"))
    let result = try Program.run(
      ["package", "\(folder.path)/offer.yaml", "-o", "\(folder.path)/offer"])
    #expect(result.code == 0 && (note.isEmpty || result.errors.contains(note)), "\(result)")
    let json = try String(contentsOfFile: "\(folder.path)/offer/episode.json", encoding: .utf8)
    #expect(json.contains("\"s2\":{\"duration\":\(duration),"), "\(json)")
    let verified = try Program.run(["verify", "\(folder.path)/offer"])
    #expect(verified.code == 0 && verified.output.contains("0 errors"), "\(verified)")
  }

  @Test func `options of a title are refused for an episode`() throws {
    let folder = try TemporaryFolder()
    try Data(Self.text.utf8).write(to: URL(fileURLWithPath: "\(folder.path)/offer.yaml"))
    for option in [["--segments", "files"], ["--trick", "1s"], ["--text", "en=a.vtt"]] {
      let result = try Program.run(
        ["package", "\(folder.path)/offer.yaml", "-o", "\(folder.path)/offer"] + option)
      #expect(result.code == 1 && result.errors.contains(option[0]), "\(result)")
    }
  }
}
