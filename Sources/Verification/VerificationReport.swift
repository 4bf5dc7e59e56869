/// What a verification found.
package struct VerificationReport: Sendable {
  /// The title's folder.
  package let name: String
  /// In the order of files: description, tracks, between the tracks, playlists, MPD.
  package let findings: [Finding]
  package let trackCount: Int
  package let segmentCount: Int
  /// Bytes read of track files and documents.
  package let byteCount: Int64

  package var errorCount: Int { findings.count { $0.severity == .error } }
  package var warningCount: Int { findings.count { $0.severity == .warning } }
  /// No error was found.
  package var passes: Bool { errorCount == 0 }
}

/// What a verification tells while it goes on.
package struct VerificationProgress: Sendable {
  /// Bytes to read, once they are known.
  package var total: @Sendable (Int64) -> Void
  /// Bytes read since the last call.
  package var moved: @Sendable (Int64) -> Void
  /// Asked often; `true` ends the verification with a `CancellationError`.
  package var isCancelled: @Sendable () -> Bool

  package init(
    total: @escaping @Sendable (Int64) -> Void = { _ in },
    moved: @escaping @Sendable (Int64) -> Void = { _ in },
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) {
    self.total = total
    self.moved = moved
    self.isCancelled = isCancelled
  }
}
