import Foundation
import Testing

/// Documents under Manifests/Documents: examples, and what the renderers must give byte for byte.
enum Goldens {
  private static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Manifests/Documents")

  /// Compares; with DOUGONG_RECORD=1 writes instead, and fails, so that no run passes by recording.
  static func expect(
    _ text: String, is path: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let url = folder.appending(path: path)
    if ProcessInfo.processInfo.environment["DOUGONG_RECORD"] == "1" {
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
      Issue.record("recorded \(path)", sourceLocation: sourceLocation)
      return
    }
    let golden = try String(contentsOf: url, encoding: .utf8)
    #expect(
      text == golden, "\(path) differs; DOUGONG_RECORD=1 records", sourceLocation: sourceLocation)
  }
}
