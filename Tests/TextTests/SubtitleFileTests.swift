import Foundation
import MediaCore
import NIOCore
import Testing

@testable import Text

struct SubtitleFileTests {
  @Test(arguments: zip(Inputs.files, [.subRip, .webVTT, .ass, .ttml, .scc] as [SubtitleFile.Form]))
  func `a form is found by looking`(text: String, form: SubtitleFile.Form) {
    #expect(SubtitleFile.form(of: ByteBuffer(string: text)) == form)
    #expect(SubtitleFile.form(of: ByteBuffer(string: "\u{FEFF}" + text)) == form)
    #expect(SubtitleFile.form(of: utf16(text)) == form)
  }

  @Test(arguments: ["", "plain text", "{\"json\": 1}", "<html><body/></html>", "<", "1\n2\n3"])
  func `other files have no form`(text: String) {
    #expect(SubtitleFile.form(of: ByteBuffer(string: text)) == nil)
    #expect(throws: TextError.self) { try read(text) }
  }

  private func utf16(_ text: String) -> ByteBuffer {
    var bytes = ByteBuffer(bytes: [0xFF, 0xFE])
    for unit in text.utf16 { bytes.writeInteger(unit, endianness: .little) }
    return bytes
  }

  @Test(arguments: Inputs.files)
  func `UTF-16 with a mark reads as UTF-8 does`(text: String) throws {
    #expect(try SubtitleFile.read(utf16(text)) == read(text))
  }

  @Test func `another coding is refused with its line`() {
    let bytes = ByteBuffer(bytes: Array(Inputs.subRip.utf8) + [0x0A, 0xE9, 0x0A])
    let error = #expect(throws: TextError.self) { try SubtitleFile.read(bytes) }
    #expect(error?.code == .unsupported)
    #expect(
      error?.description
        == "line 13: not UTF-8; save the file as UTF-8, or as UTF-16 with a byte order mark")
  }

  @Test(arguments: Inputs.files)
  func `a file cut or changed anywhere is read or refused`(text: String) {
    let bytes = Array(text.utf8)
    for count in 0...bytes.count {
      let buffer = ByteBuffer(bytes: bytes[..<count])
      _ = SubtitleFile.form(of: buffer)
      check(try? SubtitleFile.read(buffer))
    }
    for index in bytes.indices {
      for byte in [0x00, 0x0A, 0x3C, 0x39, 0x80] as [UInt8] {
        var changed = bytes
        changed[index] = byte
        check(try? SubtitleFile.read(ByteBuffer(bytes: changed)))
      }
    }
  }

  /// What is read can be rendered, and no cue is lost in it.
  private func check(_ list: CueList?) {
    guard let list else { return }
    let text = WebVTTSegment.render(list, from: 0, to: .max)
    #expect(text.split(separator: "\n").count { $0.contains("-->") } == list.cues.count)
  }

  /// The developers' collection of subtitles, where it lies beside the checkout.
  private static let files: [String] = {
    guard let media = ProcessInfo.processInfo.environment["DOUGONG_MEDIA"] else { return [] }
    let folder = "\(media)/open/subtitles"
    return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
      .filter { name in ["vtt", "srt", "dfxp", "scc"].contains { name.hasSuffix(".\($0)") } }
      .sorted().map { "\(folder)/\($0)" }
  }()

  @Test(arguments: files)
  func `a file of the collection is read, and reads back the same in each form`(file: String) throws
  {
    let bytes = ByteBuffer(bytes: try Data(contentsOf: URL(fileURLWithPath: file)))
    let list = try SubtitleFile.read(bytes)
    #expect(!list.cues.isEmpty)
    let end = (list.cues.map(\.end).max() ?? 0) + 1
    let again = try read(WebVTTSegment.render(list, from: 0, to: end))
    #expect(again.cues == list.cues)
    #expect(again.blocks == list.blocks)
    let samples = WVTT.samples(list, from: 0, to: end).map {
      SubtitleSamples.Sample(start: $0.start, end: $0.start + $0.duration, payload: $0.payload)
    }
    let wvtt = try SubtitleSamples.read(
      samples, coding: .wvtt, record: WVTT.configuration(list))
    #expect(wvtt.cues == list.cues)
    let document = TTMLDocument.render(list, from: 0, to: end, language: "en")
    let ttml = try SubtitleFile.read(document)
    #expect(ttml.cues.map(\.start) == list.cues.map(\.start))
    #expect(
      ttml.cues.map { CueTextParser.parse($0.text).plain }
        == list.cues.map { CueTextParser.parse($0.text).trimmed().plain })
  }
}
