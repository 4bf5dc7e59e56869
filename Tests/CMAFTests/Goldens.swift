import Foundation
import Testing

/// Box trees under Goldens: readable text that the writers must give byte for byte.
enum Goldens {
  private static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().appending(path: "Goldens")

  /// Compares; with DOUGONG_RECORD=1 writes instead, and fails, so that no run passes by recording.
  static func expect(
    _ text: String, is name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let url = folder.appending(path: name)
    if ProcessInfo.processInfo.environment["DOUGONG_RECORD"] == "1" {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
      Issue.record("recorded \(name)", sourceLocation: sourceLocation)
      return
    }
    let golden = try String(contentsOf: url, encoding: .utf8)
    #expect(
      text == golden, "\(name) differs; DOUGONG_RECORD=1 records", sourceLocation: sourceLocation)
  }
}
