package import FileIO

/// How the URLs of an object store are built.
package struct StoreAddress: Hashable, Sendable {
  /// `https://s3.eu-central-1.amazonaws.com`, without a slash at its end.
  let endpoint: String
  package let region: String
  /// `endpoint/bucket/key` rather than `bucket.endpoint/key`.
  let usesPaths: Bool

  /// - Parameters:
  ///   - endpoint: scheme, host and port; `nil` for AWS.
  ///   - region: `nil` for `us-east-1`, which stores other than AWS take for any.
  ///   - usesPaths: `nil` decides: paths everywhere but at AWS, and there for a bucket with a dot,
  ///     whose name no certificate would match.
  package init(
    endpoint: String? = nil, region: String? = nil, usesPaths: Bool? = nil, bucket: String
  ) throws(FileIOError) {
    let region = region ?? "us-east-1"
    let isName: (UInt8) -> Bool = {
      (0x30...0x39).contains($0) || (0x61...0x7a).contains($0) || $0 == 0x2d
    }
    guard (1...64).contains(region.utf8.count), region.utf8.allSatisfy(isName) else {
      throw FileIOError(
        .noSuchPlace, "'\(region)' is no region; a name such as eu-central-1 is expected")
    }
    self.region = region
    var address = endpoint ?? "https://s3.\(region).amazonaws.com"
    while address.hasSuffix("/") { address.removeLast() }
    guard address.hasPrefix("http://") || address.hasPrefix("https://"),
      let host = address.split(separator: "/").dropFirst().first, !host.contains("@"),
      address.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != 0x3f && $0 != 0x23 }),
      address.utf8.count <= 512
    else {
      throw FileIOError(
        .noSuchPlace,
        "the endpoint of the object store is no URL of a scheme, a host and a port, as "
          + "https://s3.example.com:9000")
    }
    self.endpoint = address
    self.usesPaths = usesPaths ?? (endpoint != nil || bucket.contains("."))
  }

  /// - Parameter query: names and values, sorted by name, so that they are signed as they are sent.
  func url(bucket: String, key: String, query: [(String, String)] = []) -> String {
    var url = endpoint
    if usesPaths {
      url += "/\(Self.encoded(bucket))"
    } else {
      let start = url.range(ofScheme: "://")
      url.insert(contentsOf: "\(bucket).", at: start)
    }
    url +=
      "/"
      + key.split(separator: "/", omittingEmptySubsequences: false)
      .map { Self.encoded(String($0)) }.joined(separator: "/")
    guard !query.isEmpty else { return url }
    return url + "?"
      + query.map { "\(Self.encoded($0))=\(Self.encoded($1))" }.joined(separator: "&")
  }

  /// All but the unreserved characters of RFC 3986 as `%XX`, as Signature Version 4 wants it.
  static func encoded(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF")
    var encoded = ""
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e:
        encoded.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        encoded.append("%")
        encoded.append(digits[Int(byte >> 4)])
        encoded.append(digits[Int(byte & 15)])
      }
    }
    return encoded
  }
}

extension String {
  /// The place behind the first `mark`; the end if there is none.
  fileprivate func range(ofScheme mark: String) -> Index {
    var at = startIndex
    while at < endIndex {
      if self[at...].hasPrefix(mark) { return index(at, offsetBy: mark.count) }
      at = index(after: at)
    }
    return endIndex
  }
}
