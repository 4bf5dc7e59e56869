import Foundation
import TestSupport
import Testing

/// What viewers get of sources with something wrong: transport streams of ffmpeg, one behind the other.
@Suite(.enabled(if: Program.isBuilt && SourceFiles.canMake), .serialized)
struct LiveTroubleTests {
  struct Piece {
    var size = "192x108"
    var seconds = 4
    /// Seconds, of the first time stamp.
    var start: Double
    var hasPictures = true
    var hasSound = true

    var arguments: [String] {
      var made = ["-v", "error", "-nostdin", "-y"]
      if hasPictures {
        made += ["-f", "lavfi", "-i", "testsrc2=size=\(size):rate=25:duration=\(seconds)"]
      }
      if hasSound {
        made += ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=\(seconds)"]
      }
      return made + [
        "-threads", "1", "-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-bf", "0",
        "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "64k", "-mpegts_start_pid", "256",
        "-muxdelay", "0", "-output_ts_offset", "\(start)", "-f", "mpegts",
      ]
    }
  }

  struct Trouble: CustomTestStringConvertible {
    var what: String
    var pieces: [Piece]
    var discontinuities = 0
    /// Whether the pictures have gaps, and the sound.
    var gaps = (pictures: false, sound: false)
    /// Pictures that are decoded, at least.
    var pictures: Int
    /// Of the last pictures.
    var size = "192x108"
    var testDescription: String { what }
  }

  /// Where two streams meet the last picture of the first is lost.
  static let troubles = [
    // 33 bits of 90 000 a second are 95 443.7 s.
    Trouble(
      what: "the counter turns over", pieces: [Piece(seconds: 8, start: 95_440)], pictures: 200),
    Trouble(
      what: "times jump ahead", pieces: [Piece(start: 10), Piece(start: 5000)], pictures: 199),
    Trouble(
      what: "times jump back", pieces: [Piece(start: 5000), Piece(start: 10)], pictures: 199),
    Trouble(
      what: "sound is lost and comes back",
      pieces: [Piece(start: 10), Piece(start: 14, hasSound: false), Piece(start: 18)],
      gaps: (false, true), pictures: 298),
    Trouble(
      what: "pictures are lost and come back",
      pieces: [Piece(start: 10), Piece(start: 14, hasPictures: false), Piece(start: 18)],
      gaps: (true, true), pictures: 175),
    Trouble(
      what: "the size changes",
      pieces: [Piece(start: 10), Piece(size: "320x180", start: 14)], discontinuities: 1,
      gaps: (true, false), pictures: 174, size: "320x180"),
  ]

  private func lines(_ tag: String, _ playlist: String) -> Int {
    playlist.split(separator: "\n").count { $0.hasPrefix("#\(tag)") }
  }

  @Test(arguments: troubles)
  func `playlists keep their promises, and players decode all that is there`(
    trouble: Trouble
  ) throws { try run(trouble) }

  /// Encoders go on: there is no discontinuity and no other size.
  @Test(arguments: troubles)
  func `encoded pictures go on in one size without a discontinuity`(trouble: Trouble) throws {
    var encoded = trouble
    encoded.discontinuities = 0
    // While sound goes on the picture before is shown; where nothing comes there is a gap.
    encoded.gaps.pictures = trouble.gaps.pictures && trouble.gaps.sound
    encoded.size = "192x108"
    try run(encoded, ["--encode", "--anyway"])
  }

  private func run(_ trouble: Trouble, _ options: [String] = []) throws {
    let folder = try TemporaryFolder()
    var source = Data()
    for (number, piece) in trouble.pieces.enumerated() {
      let path = "\(folder.path)/\(number).ts"
      try SourceFiles.run(piece.arguments + [path])
      source += try Data(contentsOf: URL(filePath: path))
    }
    try source.write(to: URL(filePath: "\(folder.path)/source.ts"))
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/library", withIntermediateDirectories: true)
    // A file that began long ago is there at once.
    let origin = try RunningOrigin(
      [
        "live", "\(folder.path)/source.ts", "\(folder.path)/library", "--name", "channel",
        "--segment", "1s", "--epoch", "2026-01-01T00:00:00Z", "--keep", "dvr",
      ] + options)
    func get(_ name: String) throws -> String {
      let loop =
        "for i in $(seq 300); do curl -sf '\(origin.url)channel/\(name)' > got && "
        + "{ case \(name) in main*) true;; *) grep -q ENDLIST got;; esac; } && break; sleep 0.2; "
        + "done; cat got"
      return try Program.shell(loop, folder: folder.path).output
    }
    _ = try get("main.m3u8")
    let name = try #require(
      try get("main.m3u8").split(separator: "\n").last { $0.hasSuffix(".m3u8") }.map(String.init))
    let sound = try #require(
      try get("main.m3u8").firstMatch(of: /TYPE=AUDIO.*URI="([^"]+)"/)?.output.1)
    let (pictures, audio) = (try get(name), try get(String(sound)))
    for (playlist, gaps) in [(pictures, trouble.gaps.pictures), (audio, trouble.gaps.sound)] {
      #expect(playlist.hasSuffix("#EXT-X-ENDLIST\n"))
      #expect((lines("EXT-X-GAP", playlist) > 0) == gaps, "\(trouble.what): \(playlist)")
      #expect(
        playlist.split(separator: "\n").count { $0 == "#EXT-X-DISCONTINUITY" }
          == trouble.discontinuities)
      let numbers = playlist.matches(of: /\/([0-9]+)\.m4s\n/).compactMap { Int($0.output.1) }
      #expect(numbers.count >= 7 && numbers == Array(numbers[0]..<numbers[0] + numbers.count))
    }
    // All tracks break at the same segment.
    #expect(lines("EXT-X-MAP", pictures) == trouble.discontinuities + 1)
    #expect(try get("main.m3u8").contains("RESOLUTION=\(trouble.size)"))
    let decoded = try Program.shell(
      "ffmpeg -v error -nostdin -i '\(origin.url)channel/\(name)' -map 0:v:0 -fps_mode passthrough "
        + "-f framemd5 - | grep -vc '^#'")
    #expect(
      Int(decoded.output.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0 >= trouble.pictures,
      "\(decoded.output) \(decoded.errors)")
    #expect(origin.stop() == 0)
  }
}
