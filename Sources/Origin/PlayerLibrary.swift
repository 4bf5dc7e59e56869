import NIOCore
import NIOPosix

/// The script that plays HLS where the browser does not, read once at start.
enum PlayerLibrary {
  /// - Throws: `OriginError` if a path is given and cannot be read.
  static func load(
    _ path: String?, on pool: NIOThreadPool
  ) async throws -> Result<ServedDocument, Rejection> {
    guard let path else {
      return .failure(.notFound("No player library was given at start."))
    }
    do {
      let files = NonBlockingFileIO(threadPool: pool)
      let bytes = try await files.withFileRegion(_deprecatedPath: path) { file in
        guard file.readableBytes <= Limits.playerLibraryByteCount else { throw TooLarge() }
        return try await files.read(fileRegion: file, allocator: ByteBufferAllocator())
      }
      return .success(ServedDocument(bytes: bytes))
    } catch {
      throw OriginError(.unreadableFile, "The player library \(path) cannot be read: \(error).")
    }
  }

  private struct TooLarge: Error, CustomStringConvertible {
    var description: String { "it is larger than \(Limits.playerLibraryByteCount) bytes" }
  }
}
