/// Where a live source comes from: a file, standard input, or the URL of a protocol that libavformat speaks.
package struct LiveAddress: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// Read as fast as one likes, from its begin as often as one likes.
    case file
    /// Comes in once, at whatever pace.
    case stream
  }

  package let kind: Kind
  /// As messages call it: without what a query or a user name may keep secret.
  package let name: String
  /// A stream that ended may be there again later; standard input is not.
  package var comesBack: Bool { kind == .stream && !url.hasPrefix("pipe:") }
  let url: String
  let options: [(String, String)]

  /// Protocols that bring a stream.
  private static let protocols = [
    "udp", "rtp", "srt", "rtmp", "rtmps", "tcp", "tls", "http", "https", "unix", "pipe",
  ]
  /// Bytes that the kernel and the reader keep for a stream that comes in faster than it is read.
  private static let bufferByteCount = "8388608"
  private static let listening = "?listen=1"
  /// Microseconds without a byte after which a caller gives up; who listens waits.
  private static let timeout = "10000000"

  /// - Parameter argument: a path, `-`, or a URL such as `srt://0.0.0.0:9000?mode=listener` or
  ///   `rtmp://0.0.0.0:1935/live/key?listen=1`.
  package init(_ argument: String) {
    if argument == "-" {
      self.init(kind: .stream, name: "standard input", url: "pipe:0", options: [])
      return
    }
    let parts = argument.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let scheme = parts.first.map({ $0.lowercased() }), parts.count == 2,
      Self.protocols.contains(scheme), parts[1].hasPrefix("//") || scheme == "pipe"
    else {
      // `file:` keeps a name with a colon from being read as a protocol.
      self.init(kind: .file, name: argument, url: "file:\(argument)", options: [])
      return
    }
    var url = argument
    var options: [(String, String)] = []
    switch scheme {
    case "udp":
      options = [
        ("fifo_size", "57344"), ("overrun_nonfatal", "1"), ("buffer_size", Self.bufferByteCount),
      ]
    case _ where ["rtmp", "rtmps", "http"].contains(scheme) && url.hasSuffix(Self.listening):
      // Of these, who listens is an option, and no part of the URL.
      url.removeLast(Self.listening.count)
      options = [("listen", "1")]
    case "http", "https", "tls": options = [("rw_timeout", Self.timeout)]
    default: break
    }
    self.init(kind: .stream, name: Self.plain(argument), url: url, options: options)
  }

  private init(kind: Kind, name: String, url: String, options: [(String, String)]) {
    self.kind = kind
    self.name = name
    self.url = url
    self.options = options
  }

  /// Without user, password and query.
  private static func plain(_ url: String) -> String {
    var text = url.split(separator: "?", maxSplits: 1).first.map(String.init) ?? url
    if let start = text.firstIndex(of: "/"), let at = text.lastIndex(of: "@"), at > start {
      text.replaceSubrange(start...at, with: "//")
    }
    return text
  }

  package static func == (one: Self, other: Self) -> Bool {
    one.kind == other.kind && one.url == other.url
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(url) }
}
