/// Where connections are accepted: an address of the network, a name in the file system, or sockets
/// that systemd has opened.
///
///     127.0.0.1:8080   [::]:8080   localhost:0
///     unix:/run/dougong.sock   unix:/run/dougong.sock,mode=666
///     systemd   systemd:http
///     tls:0.0.0.0:443   tls:systemd:https
package struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
  package enum Place: Hashable, Sendable {
    /// 0 as the port: any free one. `::` takes IPv4 too, where the system has it so.
    case network(host: String, port: Int)
    /// A socket in the file system, and its permissions.
    case file(path: String, mode: UInt32)
    /// All that systemd hands over, or those of a name (`FileDescriptorName=`).
    case inherited(name: String?)
  }

  package var place: Place
  /// Whether TLS is spoken.
  package var isSecure = false

  package init(_ place: Place) { self.place = place }

  package init(host: String, port: Int) { place = .network(host: host, port: port) }

  /// - Returns: `nil` for a text that is none of these.
  package init?(_ text: String) {
    if text.hasPrefix("tls:") {
      self.init(String(text.dropFirst(4)), isSecure: true)
    } else {
      self.init(text, isSecure: false)
    }
  }

  private init?(_ text: String, isSecure: Bool) {
    self.isSecure = isSecure
    if text == "systemd" {
      place = .inherited(name: nil)
    } else if text.hasPrefix("systemd:") {
      let name = String(text.dropFirst(8))
      guard !name.isEmpty else { return nil }
      place = .inherited(name: name)
    } else if text.hasPrefix("unix:") {
      guard let file = Self.file(text.dropFirst(5)) else { return nil }
      place = file
    } else {
      guard let network = Self.network(text) else { return nil }
      place = network
    }
  }

  /// Of a socket whose mode is not given: its owner and group may connect.
  private static let ordinaryMode: UInt32 = 0o660

  private static func file(_ text: Substring) -> Place? {
    var path = text
    var mode = ordinaryMode
    if let comma = text.lastIndex(of: ","), text[comma...].hasPrefix(",mode=") {
      let digits = text[comma...].dropFirst(6)
      guard (3...4).contains(digits.count), let given = UInt32(digits, radix: 8), given <= 0o777
      else { return nil }
      path = text[..<comma]
      mode = given
    }
    guard !path.isEmpty, path.last != "/" else { return nil }
    return .file(path: String(path), mode: mode)
  }

  private static func network(_ text: String) -> Place? {
    guard let colon = text.lastIndex(of: ":") else { return nil }
    let digits = text[text.index(after: colon)...]
    guard digits.allSatisfy(\.isNumber), let port = Int(digits), (0...65535).contains(port) else {
      return nil
    }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    return host.isEmpty ? nil : .network(host: String(host), port: port)
  }

  package var description: String { isSecure ? "tls:\(name)" : name }

  private var name: String {
    switch place {
    case .network(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .file(let path, _): "unix:\(path)"
    case .inherited(nil): "systemd"
    case .inherited(let name?): "systemd:\(name)"
    }
  }

  /// Where clients find what is served, with a slash at its end; a text without one where no URL leads there.
  package var url: String {
    if case .network = place { "\(isSecure ? "https" : "http")://\(name)/" } else { description }
  }
}
