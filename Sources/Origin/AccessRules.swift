import NIOHTTP1
package import Protection

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Who may fetch: edges that know a secret, viewers who have a token, or everybody.
package struct AccessRules: Sendable {
  /// With keys, all that is of a title needs a token.
  package var keys: SigningKeys?
  /// With secrets, every request has to bring one of them.
  package var edgeSecrets: EdgeSecrets?
  /// Seconds since 1970.
  package var now: @Sendable () -> Int64 = { Int64(time(nil)) }

  package init() {}

  /// Whether all are let in.
  var areOpen: Bool { keys == nil && edgeSecrets == nil }

  /// - Throws: 403 with the reason.
  func admit(_ request: Request, to route: Route) throws(Rejection) {
    guard !areOpen, !Self.isFree(route) else { return }
    if let edgeSecrets, !edgeSecrets.contain(request.edgeSecret) { throw .unknownEdge }
    guard let keys else { return }
    guard let token = request.token else { throw .noToken }
    let segments = try RequestTarget(request.target).segments
    if let refusal = keys.refusal(
      of: token.text, for: segments, now: now(), client: request.client.text)
    {
      throw refusal
    }
  }

  /// What says nothing of any title: probes, the clock, preflights (browsers send no credentials with them), the player's
  /// files. Of uploads `Publishers` says who may.
  private static func isFree(_ route: Route) -> Bool {
    switch route {
    case .health, .readiness, .time, .options, .reportOptions, .playerLibrary, .playerFile,
      .publication:
      true
    default: false
    }
  }
}

/// Secrets that edges send in `Dougong-Edge-Secret`: two while one takes the other's place.
package struct EdgeSecrets: Sendable {
  static let fieldName: StaticString = "dougong-edge-secret"

  private let all: [SecretKey]

  /// - Parameter text: one secret in a line; empty lines and those that begin with `#` are passed over.
  /// - Throws: what is wrong, without any secret.
  package init(text: String) throws(ProtectionError) {
    var all: [SecretKey] = []
    for line in text.split(separator: "\n") {
      let secret = line.last == "\r" ? line.dropLast() : line
      guard !secret.isEmpty, !secret.hasPrefix("#") else { continue }
      guard secret.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
        throw ProtectionError("a secret for edges has no spaces and nothing beyond ASCII")
      }
      all.append(try SecretKey(Array(secret.utf8)))
    }
    guard (1...2).contains(all.count) else {
      throw ProtectionError("one secret or two are expected, not \(all.count)")
    }
    self.all = all
  }

  /// Every secret is compared, whichever fits.
  func contain(_ secret: Secret?) -> Bool {
    guard let secret else { return false }
    let bytes = Array(secret.text.utf8)
    return all.reduce(false) { $1.isEqual(to: bytes) || $0 }
  }
}

extension Rejection {
  static let unknownEdge = Rejection(.forbidden, "This origin is fetched from by its edges alone.")
  static let noToken = Rejection(
    .forbidden, "A token is needed here: in the path, the query or a cookie.")
  static let wrongToken = Rejection(.forbidden, "The token is not good for this URL.")
  static let expiredToken = Rejection(.forbidden, "The token has expired.")
}
