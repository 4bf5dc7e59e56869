package import FileIO

/// Where a library lies in an object store: `s3://bucket/prefix`.
package struct ObjectLocation: Hashable, Sendable, CustomStringConvertible {
  package let bucket: String
  /// Without slashes at its ends; empty for the whole bucket.
  package let prefix: String

  package static let scheme = "s3://"

  package static func isOne(_ text: String) -> Bool { text.hasPrefix(scheme) }

  /// - Throws: `.noSuchPlace` with what is wrong with the text.
  package init(_ text: String) throws(FileIOError) {
    let parts = text.dropFirst(Self.scheme.utf8.count)
      .split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard Self.isOne(text), let bucket = parts.first, Self.isBucket(bucket) else {
      throw FileIOError(
        .noSuchPlace,
        "'\(text)' names no place in an object store; s3://BUCKET or s3://BUCKET/PREFIX is expected, "
          + "the bucket of 3 to 63 letters, digits, '-', '.' and '_'")
    }
    let names = parts.dropFirst().filter { !$0.isEmpty }
    guard !names.contains("."), !names.contains(".."), text.utf8.count <= 1024 else {
      throw FileIOError(.noSuchPlace, "'\(text)' has a prefix that names no folder of objects")
    }
    self.bucket = bucket
    prefix = names.joined(separator: "/")
  }

  private static func isBucket(_ name: String) -> Bool {
    (3...63).contains(name.utf8.count)
      && name.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0)
          || $0 == 0x2d || $0 == 0x2e || $0 == 0x5f
      }
  }

  package var description: String {
    prefix.isEmpty ? Self.scheme + bucket : "\(Self.scheme)\(bucket)/\(prefix)"
  }

  /// The key of a path as `description` begins it; `nil` for a path somewhere else.
  func key(of path: String) -> String? {
    let root = "\(Self.scheme)\(bucket)/"
    guard path.hasPrefix(root) else { return path == root.dropLast() ? "" : nil }
    return String(path.dropFirst(root.utf8.count))
  }
}
