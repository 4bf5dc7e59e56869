import Foundation
import NIOCore
import Testing
import Text

@Suite struct Scratch {
  @Test func `scratch dump`() throws {
    guard let list = ProcessInfo.processInfo.environment["TEXT_FILES"] else { return }
    for file in list.split(separator: " ") {
      let bytes = ByteBuffer(bytes: try Data(contentsOf: URL(fileURLWithPath: String(file))))
      print("=====", file, SubtitleFile.form(of: bytes) as Any)
      do {
        let cues = try SubtitleFile.read(bytes)
        print(cues.notes)
        print(WebVTTSegment.render(cues, from: 0, to: 1_000_000_000))
        print(String(buffer: TTMLDocument.render(cues, from: 0, to: 1_000_000_000, language: "en")))
      } catch { print("ERROR", error) }
    }
  }
}
