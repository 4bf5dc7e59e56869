import Codecs
import Ladder
import Markup
import MediaCore
import Testing

@Suite struct `Ladder files` {
  private func read(_ text: String) throws -> Ladder {
    try LadderFile.read(Array(text.utf8), name: "evening.yaml")
  }

  @Test func `a file says everything that a ladder has`() throws {
    let ladder = try read(
      """
      ladder: 1
      name: evening
      codecs: [hevc, h264]
      segment: 1.92
      chunk: 4
      presets: {h264: veryfast, av1: 10}
      rungs:
        - {size: 960x540, frame_rate: 30, h264: {average: 1800, peak: 2400}}
        - {size: 1920x1080, h264: 6500, hevc: 4200}
      sound:
        - {codec: aac, channels: 2, rate: 160}
        - {codec: eac3, channels: 6, rate: 384}

      """)
    #expect(ladder.name == "evening" && ladder.codecs == [.hevc, .h264])
    #expect(ladder.segment.milliseconds == 1920 && ladder.groupsPerChunk == 4)
    #expect(ladder.presets[.h264] == "veryfast" && ladder.presets[.hevc] == "medium")
    #expect(ladder.rungs.map(\.height) == [1080, 540])
    #expect(ladder.rungs[1].h264 == BitRates(average: 1_800_000, peak: 2_400_000))
    #expect(ladder.rungs[0].hevc == BitRates(average: 4_200_000))
    #expect(ladder.rungs[1].highestFrameRate == 30)
    #expect(
      ladder.sounds == [
        SoundRung(.aac, channelCount: 2, bitsPerSecond: 160_000),
        SoundRung(.eac3, channelCount: 6, bitsPerSecond: 384_000),
      ])
  }

  @Test(arguments: [
    ("", "1:1", "a ladder begins with 'ladder: 1'"),
    ("rungs: []\n", "1:1", "has no 'ladder'"),
    ("ladder: 2\nrungs: []\n", "1:9", "version 2 of the format; this program reads 1"),
    ("ladder: 1\n", "1:1", "has no 'rungs'"),
    ("ladder: 1\nrungs: []\n", "2:8", "at least one rung"),
    ("ladder: 1\nrung: []\n", "2:1", "did you mean \"rungs\"?"),
    ("ladder: 1\nrungs:\n - {size: 1920, h264: 1000}\n", "3:11", "as 1920x1080"),
    ("ladder: 1\nrungs:\n - {size: 1919x1080, h264: 1000}\n", "3:11", "even sides of 64 to 8192"),
    ("ladder: 1\nrungs:\n - {size: 640x360, h264: 10}\n", "3:26", "20 to 400000 is expected"),
    ("ladder: 1\nrungs:\n - {size: 640x360, h264: {average: 900, peak: 800}}\n", "3:47", "900 to"),
    ("ladder: 1\nrungs:\n - {size: 640x360}\n", "3:4", "has no bit rate"),
    (
      "ladder: 1\nrungs:\n - {size: 640x360, hevc: 500}\n", "1:1", "no rung has a bit rate for h264"
    ),
    (
      "ladder: 1\ncodecs: [vp9]\nrungs:\n - {size: 640x360, h264: 500}\n", "2:10",
      "a codec is \"vp9\""
    ),
    (
      "ladder: 1\npresets: {h264: medum}\nrungs:\n - {size: 640x360, h264: 500}\n", "2:17",
      "\"medium\""
    ),
    (
      "ladder: 1\nrungs:\n - {size: 640x360, h264: 500}\nsound:\n - {codec: mp3, channels: 2, rate: 128}\n",
      "5:12", "aac or eac3"
    ),
    ("ladder: 1\nsegment: 0.1\nrungs:\n - {size: 640x360, h264: 500}\n", "2:10", "0.5 to 30.0"),
  ])
  func `what is wrong is told with its place`(text: String, place: String, words: String) {
    let error = #expect(throws: TextFileError.self) { try read(text) }
    let told = error?.description ?? ""
    #expect(told.contains("evening.yaml:\(place): "), "\(told)")
    #expect(told.contains(words), "\(told)")
  }

  @Test func `a file that is too long is refused before it is parsed`() {
    let long = [UInt8](repeating: UInt8(ascii: "#"), count: LadderLimits.fileByteCount + 1)
    #expect(throws: TextFileError.self) { try LadderFile.read(long, name: "long.yaml") }
  }
}
