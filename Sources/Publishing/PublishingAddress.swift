/// A publishing point of another origin.
package struct PublishingAddress: Sendable {
  package var host: String
  package var port: Int
  package var isSecure: Bool
  /// Without a slash at its end.
  package var path: String
  /// The value of `Authorization`, if there is one.
  package var authorization: String?

  package init(
    host: String, port: Int, isSecure: Bool, path: String, authorization: String? = nil
  ) {
    self.host = host
    self.port = port
    self.isSecure = isSecure
    self.path = path
    self.authorization = authorization
  }

  /// As messages call it: without what a user name may keep secret.
  package var name: String { "\(isSecure ? "https" : "http")://\(authority)\(path)" }

  /// `Host`.
  var authority: String {
    let host = host.contains(":") ? "[\(host)]" : host
    return port == (isSecure ? 443 : 80) ? host : "\(host):\(port)"
  }
}
