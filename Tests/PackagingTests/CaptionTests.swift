import FileIO
import Foundation
import Library
import MediaCore
import NIOCore
import Testing
import Text

@testable import Packaging

/// Pictures with captions of CEA-608 in their SEI, decoded in another order than shown.
private struct CaptionedSource: MediaSource {
  var name = "captioned"
  let tracks: [SourceTrack]
  /// A pair of bytes for each picture in the order of presentation; none where there are no more.
  let pairs: [[UInt8]]

  static let frameCount = 100
  static let byteCount: UInt32 = 46

  init(_ pairs: [[UInt8]]) {
    self.pairs = pairs
    // 25 a second: a key picture, then pairs of which the later comes first.
    let times = (0..<Self.frameCount).map { index -> Int64 in
      let place = index % 25
      return Int64(place == 0 ? index : place % 2 == 1 ? index + 1 : index - 1) * 40
    }
    tracks = [
      SyntheticSource.video(
        timescale: 1000, times: times, keys: { $0 % 25 == 0 ? .closed : .none },
        lastDuration: 40, size: { _ in Self.byteCount })
    ]
  }

  func makeReader(of wanted: Set<Int>) throws -> any PayloadReader { Reader(self) }

  private final class Reader: PayloadReader {
    private let source: CaptionedSource
    private var isDone = false

    init(_ source: CaptionedSource) { self.source = source }

    func next() -> PayloadBatch? {
      guard !isDone else { return nil }
      isDone = true
      var bytes = ByteBuffer()
      let samples = source.tracks[0].samples
      for (time, access) in zip(samples.presentationTimes, samples.randomAccess) {
        let shown = Int(time / 40)
        let pair = shown < source.pairs.count ? source.pairs[shown] : [0x80, 0x80]
        // user_data_registered_itu_t_t35 of ATSC A/53 with one triplet of field 1.
        bytes.writeInteger(UInt32(18))
        bytes.writeBytes([0x06, 4, 14, 0xb5, 0, 0x31, 0x47, 0x41, 0x39, 0x34, 3, 0xc1, 0xff, 0xfc])
        bytes.writeBytes(pair)
        bytes.writeBytes([0xff, 0x80])
        bytes.writeInteger(UInt32(20))
        bytes.writeBytes(access == 0 ? [0x41, 0x9a] : [0x65, 0x88])
        bytes.writeRepeatingByte(1, count: 18)
      }
      return PayloadBatch(
        bytes: bytes, runs: [PayloadRun(track: 0, first: 0, count: samples.count, offset: 0)])
    }
  }
}

@Suite struct CaptionTests {
  /// Loads "HI" behind the screen, shows it with picture 7, and takes it off with picture 50.
  private static let hello: [[UInt8]] = {
    var pairs: [[UInt8]] = [
      [0x94, 0x20], [0x94, 0x20], [0x94, 0xae], [0x94, 0xae], [0x94, 0x70], [0x94, 0x70],
      [0xc8, 0x49], [0x94, 0x2f], [0x94, 0x2f],
    ]
    while pairs.count < 50 { pairs.append([0x80, 0x80]) }
    return pairs + [[0x94, 0x2c], [0x94, 0x2c]]
  }()

  private func package(
    _ sources: [[[UInt8]]], captions: TextOptions.Captions = .convert
  ) throws -> (title: Title, webVTT: String?) {
    let folder = NSTemporaryDirectory() + "dougong-captions-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var options = PackagingOptions()
    options.text.captions = captions
    let job = try PackagingJob(sources.map { CaptionedSource($0) }, options: options)
    try job.run(into: folder, progress: WorkProgress())
    return (
      try TitleStore.open(folder: folder, name: "title").title,
      try? String(contentsOfFile: "\(folder)/text-und.vtt", encoding: .utf8)
    )
  }

  @Test func `captions become a text track, in the order of presentation`() throws {
    let (title, webVTT) = try package([Self.hello])
    #expect(title.tracks.map(\.index.name) == ["video-720p", "text-und"])
    #expect(title.tracks[0].captions == [CaptionService(channel: "CC1", language: "und")])
    #expect(title.tracks[1].roles == ["caption"])
    let text = try #require(webVTT)
    #expect(text.contains("00:00:00.280 --> 00:00:02.000"), "\(text)")
    #expect(text.contains("\nHI\n"), "\(text)")
  }

  @Test func `captions that are kept are named only`() throws {
    let (title, webVTT) = try package([Self.hello], captions: .keep)
    #expect(title.tracks.map(\.index.name) == ["video-720p"])
    #expect(title.tracks[0].captions.map(\.channel) == ["CC1"])
    #expect(webVTT == nil)
  }

  @Test func `padding is no captions`() throws {
    let (title, _) = try package([[]])
    #expect(title.tracks.map(\.index.name) == ["video-720p"])
    #expect(title.tracks[0].captions.isEmpty)
  }

  @Test func `of several renditions each says what it carries, and one gives the text`() throws {
    let (title, _) = try package([Self.hello, [], Self.hello])
    #expect(
      title.tracks.map(\.index.name) == [
        "video-720p", "video-720p-2", "video-720p-3", "text-und",
      ])
    #expect(title.tracks.map(\.captions.count) == [1, 0, 1, 0])
  }
}
