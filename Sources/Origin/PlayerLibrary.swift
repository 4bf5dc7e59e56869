import FileIO
import NIOCore

/// The script that plays HLS where the browser does not, read once at start.
enum PlayerLibrary {
  /// - Throws: `OriginError` if a path is given and cannot be read.
  static func load(
    _ path: String?, on threads: BlockingThreads, _ eventLoop: any EventLoop
  ) async throws -> Result<ServedDocument, Rejection> {
    guard let path else {
      return .failure(.notFound("No player library was given at start."))
    }
    do {
      let bytes = try await threads.run(on: eventLoop) {
        let file = try ReadableFile(path: path)
        guard file.byteCount <= Limits.playerLibraryByteCount else { throw TooLarge() }
        return try file.read(at: 0, count: Int(file.byteCount))
      }.get()
      return .success(ServedDocument(bytes: bytes))
    } catch {
      throw OriginError(.unreadableFile, "The player library \(path) cannot be read: \(error).")
    }
  }

  private struct TooLarge: Error, CustomStringConvertible {
    var description: String { "it is larger than \(Limits.playerLibraryByteCount) bytes" }
  }
}
