/// Which HTTP is spoken.
package enum HTTPChoice: String, Sendable, CaseIterable {
  /// Over TLS what the server chooses (ALPN), else HTTP/1.1.
  case automatic = "auto"
  case http1 = "1.1"
  /// Without TLS by prior knowledge (RFC 9113 §3.3).
  case http2 = "2"

  /// What is offered over TLS (RFC 7301).
  var offered: [String] {
    switch self {
    case .automatic: ["h2", "http/1.1"]
    case .http1: ["http/1.1"]
    case .http2: ["h2"]
    }
  }
}
