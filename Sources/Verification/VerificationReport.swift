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
