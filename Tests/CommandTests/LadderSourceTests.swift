import FileIO
import Foundation
import TestSupport
import Testing

/// Sources that are not as one wishes: what is made of them verifies, or the reason why nothing is fits in a sentence.
@Suite(.enabled(if: Program.isBuilt && Program.has("ffmpeg")))
struct LadderSourceTests {
  private static let ladder = """
    ladder: 1
    name: small
    segment: 1
    chunk: 2
    presets: {h264: ultrafast}
    rungs:
      - {size: 192x108, h264: 200}
      - {size: 128x72, frame_rate: 30, h264: 60}

    """

  private static let plain = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p"
  private static let broadcast = "-c:v mpeg2video -q:v 6"

  private static func picture(
    _ name: String, size: String = "192x108", rate: Int = 25, seconds: Int = 3, _ options: String
  ) -> String {
    "ffmpeg -v error -nostdin -y -f lavfi -i testsrc2=size=\(size):rate=\(rate):duration=\(seconds) "
      + "\(options) \(name)"
  }

  /// How a source is made, and what is said of it.
  struct Case: CustomTestStringConvertible {
    var name: String
    var commands: String
    var words: [String]

    var testDescription: String { name }
  }

  private static let cases = [
    Case(
      name: "odd sides and 4:4:4",
      commands: picture("source.mkv", "-vf scale=197:111 -c:v ffv1 -pix_fmt yuv444p"),
      words: ["of 197x111 are scaled to even sides", "its chroma becomes 4:2:0"]),
    Case(
      name: "4:2:2", commands: picture("source.ts", "\(broadcast) -pix_fmt yuv422p"),
      words: ["its chroma becomes 4:2:0"]),
    Case(
      name: "a rung too low", commands: picture("source.mp4", size: "192x68", plain),
      words: ["rungs of less than 64 samples a side are left out"]),
    Case(
      name: "one picture a second",
      commands: picture("source.mp4", rate: 1, seconds: 5, plain), words: []),
    Case(
      name: "240 pictures a second",
      commands: picture("source.mp4", rate: 240, seconds: 2, plain),
      words: ["keep one in 4, so 60", "keep one in 8, so 30"]),
    Case(
      name: "uneven times",
      commands: picture(
        "source.mkv",
        "-vf 'settb=1/1000,setpts=PTS+mod(N*7\\,11)*2' -fps_mode passthrough "
          + "-enc_time_base 1/1000 \(plain) -bf 0"),
      words: ["come at uneven intervals"]),
    Case(
      name: "no word of colour", commands: picture("source.mp4", plain),
      words: ["it does not say all of its colour; it is taken for"]),
    Case(
      name: "fields",
      commands: picture(
        "source.ts", rate: 50,
        "-vf tinterlace=interleave_top,setfield=tff \(broadcast) -flags +ilme+ildct"),
      words: ["its fields are deinterlaced"]),
    Case(
      name: "another size in the middle",
      commands: picture("a.ts", "\(broadcast) -output_ts_offset 1") + " && "
        + picture("b.ts", size: "128x128", "\(broadcast) -output_ts_offset 4")
        + " && cat a.ts b.ts > source.ts",
      words: ["pictures of 128x128 have another shape than 192x108: bars fill them up"]),
    Case(
      name: "damaged in the middle",
      // The payloads of some packets, and not what the container says of them.
      commands: picture("source.ts", plain + " -g 25")
        + " && s=$(($(stat -c %s source.ts) / 376 * 188)) && for k in 0 3 6 9 12 15 18; do "
        + "dd if=/dev/zero of=source.ts bs=1 seek=$((s + 188 * k + 8)) count=170 conv=notrunc "
        + "status=none; done",
      words: ["the decoder filled in what was lost"]),
  ]

  private func package(_ commands: String, in folder: TemporaryFolder) throws -> Program.Result {
    let made = try Program.shell(commands, folder: folder.path)
    try #require(made.code == 0, "\(made.errors)")
    try Self.ladder.write(
      toFile: "\(folder.path)/small.yaml", atomically: true, encoding: .utf8)
    let names = try Folder.names(in: folder.path)
    let source = try #require(names.first { $0.hasPrefix("source.") })
    return try Program.run([
      "package", "\(folder.path)/\(source)", "--ladder", "\(folder.path)/small.yaml", "-o",
      "\(folder.path)/title", "--no-similarity",
    ])
  }

  @Test(arguments: cases)
  func `what is made of a source verifies, and what was done to it is said`(one: Case) throws {
    let folder = try TemporaryFolder()
    let result = try package(one.commands, in: folder)
    #expect(result.code == 0, "\(result.errors)")
    for words in one.words { #expect(result.errors.contains(words), "\(result.errors)") }
    let verified = try Program.run(["verify", "\(folder.path)/title"])
    #expect(verified.code == 0, "\(verified.output)")
  }

  @Test(arguments: [
    Case(
      name: "tiny", commands: picture("source.mp4", size: "40x30", seconds: 1, plain),
      words: ["pictures of 40x30 make no ladder", "at least 64"]),
    Case(
      name: "times that go back",
      commands: picture("a.ts", broadcast) + " && cat a.ts a.ts > source.ts",
      words: ["go back by", "put behind one another"]),
  ])
  func `what cannot be encoded is refused in one sentence`(one: Case) throws {
    let folder = try TemporaryFolder()
    let result = try package(one.commands, in: folder)
    #expect(result.code == 1)
    let lines = result.errors.split(separator: "\n").filter { !$0.hasPrefix("note: ") }
    #expect(lines.count == 1, "\(result.errors)")
    for words in one.words { #expect(result.errors.contains(words), "\(result.errors)") }
    #expect(!result.errors.contains("trying again"), "\(result.errors)")
    #expect(Folder.entry(at: "\(folder.path)/title") == nil)
  }

  @Test func `scenes are entered at key frames and end with their last picture`() throws {
    let folder = try TemporaryFolder()
    let made = try Program.shell(
      Self.picture("a.mp4", seconds: 3, Self.plain + " -g 250") + " && "
        + Self.picture("b.mp4", seconds: 2, Self.plain + " -g 250"), folder: folder.path)
    try #require(made.code == 0, "\(made.errors)")
    try Self.ladder.write(
      toFile: "\(folder.path)/small.yaml", atomically: true, encoding: .utf8)
    try """
    branch: 1
    episode: {id: two, title: {en: Two}, entry: s1, languages: [en]}
    scenes:
      s1: {media: a.mp4, next: s2}
      s2: {media: b.mp4}
    endings: {e: {scene: s2, title: {en: End}}}
    """.write(toFile: "\(folder.path)/two.yaml", atomically: true, encoding: .utf8)
    let result = try Program.run([
      "package", "\(folder.path)/two.yaml", "--ladder", "\(folder.path)/small.yaml", "-o",
      "\(folder.path)/two",
    ])
    try #require(result.code == 0, "\(result.errors)")
    for (scene, count) in [("s1", 75), ("s2", 50)] {
      for rung in ["108p-h264", "72p-h264"] {
        let packets = try Program.shell(
          "ffprobe -v error -select_streams v -show_entries packet=pts,flags -of csv=p=0 "
            + "two/\(scene)/video-\(rung).mp4", folder: folder.path
        ).output.split(separator: "\n")
        #expect(packets.count == count, "\(scene) \(rung)")
        let keys = packets.indices.filter { packets[$0].contains("K") }
        // Key frames a second apart, from the first picture on, and nowhere else.
        #expect(keys.count == count / 25 && keys.first == 0, "\(packets)")
      }
    }
    let headers = try Program.shell(
      "for s in s1 s2; do head -c 400 two/$s/video-108p-h264.mp4 | sha256sum; done",
      folder: folder.path
    ).output.split(separator: "\n")
    #expect(Set(headers).count == 1)
    let verified = try Program.run(["verify", "\(folder.path)/two"])
    #expect(verified.code == 0, "\(verified.output)")
  }
}
