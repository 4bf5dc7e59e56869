/// A token taken out of a request, which goes on without it: what is answered, logged and cached has never seen it.
///
///     var target = "/signed/1767225600.k1.p1.n.5f0c/film/main.m3u8"
///     CarriedToken.take(from: &target)  // and the target is "/film/main.m3u8"
enum CarriedToken {
  /// First segment of a path that carries a token: relative references below it carry it too.
  static let pathName = "signed"
  private static let pathPrefix = "/\(pathName)/"
  static let parameterName = "token"
  static let cookieName = "dougong-token"

  /// From the path, or else from the query.
  static func take(from target: inout String) -> Secret? {
    takePrefix(of: &target) ?? takeParameter(of: &target)
  }

  private static func takePrefix(of target: inout String) -> Secret? {
    let start = pathStart(target)
    guard target.utf8[start...].starts(with: pathPrefix.utf8) else { return nil }
    let token = target.index(start, offsetBy: pathPrefix.count)
    let end = target[token...].firstIndex { $0 == "/" || $0 == "?" } ?? target.endIndex
    let secret = Secret(String(target[token..<end]))
    let rest = target[end...]
    target = target[..<start] + (rest.first == "/" ? "" : "/") + rest
    return secret
  }

  private static func takeParameter(of target: inout String) -> Secret? {
    guard let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return nil }
    var members = target[target.index(after: mark)...].split(
      separator: "&", omittingEmptySubsequences: false)
    guard let index = members.firstIndex(where: { $0.hasPrefix("\(parameterName)=") }) else {
      return nil
    }
    let secret = Secret(String(members[index].dropFirst(parameterName.count + 1)))
    members.removeAll { $0.hasPrefix("\(parameterName)=") }
    target =
      String(target[..<mark]) + (members.isEmpty ? "" : "?" + members.joined(separator: "&"))
    return secret
  }

  /// - Parameter field: the value of `Cookie` (RFC 6265 §4.2).
  static func find(inCookies field: String) -> Secret? {
    for pair in field.split(separator: ";") {
      let pair = pair.trimmed
      guard pair.hasPrefix("\(cookieName)=") else { continue }
      return Secret(String(pair.dropFirst(cookieName.count + 1)))
    }
    return nil
  }

  /// Behind scheme and authority, where there are any.
  private static func pathStart(_ target: String) -> String.Index {
    guard target.utf8.first != UInt8(ascii: "/"), let scheme = target.firstRange(of: "://") else {
      return target.startIndex
    }
    return target[scheme.upperBound...].firstIndex(of: "/") ?? target.endIndex
  }
}

/// A text that is in no description.
struct Secret: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
  let text: String

  init(_ text: String) { self.text = text }

  var description: String { "a secret" }
  var customMirror: Mirror { Mirror(self, children: []) }
}
