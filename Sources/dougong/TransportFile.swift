import FFmpeg
import Foundation
import Ingest
import MediaCore
import NIOCore

/// A transport stream that came in whole, read as FFmpeg reads files.
enum TransportFile {
  /// - Parameter name: for messages.
  /// - Throws: `IngestError` for what is none.
  static func events(of bytes: ByteBuffer, name: String) throws -> [LiveEvent] {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("dougong-\(UUID().uuidString).ts").path
    guard
      FileManager.default.createFile(
        atPath: path, contents: Data(bytes.readableBytesView),
        attributes: [.posixPermissions: 0o600])
    else { throw CocoaError(.fileWriteUnknown) }
    defer { try? FileManager.default.removeItem(atPath: path) }
    let input = LiveInput(LiveAddress(path), clock: { 0 }, isCancelled: { false })
    var events: [LiveEvent] = []
    do {
      while let event = try input.next() { events.append(event) }
    } catch let error as FFmpegError {
      throw IngestError(
        .malformed, error.message.replacingOccurrences(of: path, with: name))
    }
    return events
  }
}
