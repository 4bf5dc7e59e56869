/// How long a response may be kept, by what its URL promises.
///
/// To add one: a case, its lifetime, and its row in docs/origin.md.
enum CachePolicy: Int, CaseIterable, Hashable, Sendable {
  /// The URL names its content.
  case immutable
  /// A document that is replaced when a title is published again. Until the new one has been fetched the old one
  /// is right, and while the origin fails it is better than nothing.
  case document
  /// A whole file whose URL outlives its content. Never stale: its ranges would not fit together.
  case replaceable
  /// The same age as the ledger believes its own counts for.
  case statistics
  /// What may come yet (a title about to be published).
  case missing
  /// What was here and does not come back.
  case gone
  /// Failures of the origin: one second shields it, more would hide its recovery.
  case failure
  /// Asked for again each time.
  case revalidated
  /// Never kept.
  case none

  /// Seconds.
  struct Lifetime: Hashable, Sendable {
    var fresh: Int
    var isImmutable = false
    var staleWhileRevalidate: Int?
    var staleIfError: Int?
    /// Whether players keep it too: an error is for edges alone, so that a player's next try reaches them.
    var isForPlayers = true
  }

  /// `nil`: not kept, or not without asking.
  var lifetime: Lifetime? {
    switch self {
    case .immutable: Lifetime(fresh: 31_536_000, isImmutable: true)
    case .document: Lifetime(fresh: 60, staleWhileRevalidate: 60, staleIfError: 3600)
    case .replaceable: Lifetime(fresh: 60)
    case .statistics: Lifetime(fresh: 5)
    case .missing: Lifetime(fresh: 5, isForPlayers: false)
    case .gone: Lifetime(fresh: 60, isForPlayers: false)
    case .failure: Lifetime(fresh: 1, isForPlayers: false)
    case .revalidated, .none: nil
    }
  }

  /// Of an error.
  init(status: UInt) {
    switch status {
    case 404: self = .missing
    case 410: self = .gone
    // 505 and its like are about one client's request, not about what lies at the URL.
    case 500...504: self = .failure
    default: self = .none
    }
  }
}

extension CachePolicy.Lifetime {
  /// `max-age` and what belongs to it, in the syntax of `Cache-Control` (RFC 9111 §5.2.2, RFC 5861).
  fileprivate var directives: String {
    var made = "max-age=\(fresh)"
    if isImmutable { made += ", immutable" }
    if let staleWhileRevalidate { made += ", stale-while-revalidate=\(staleWhileRevalidate)" }
    if let staleIfError { made += ", stale-if-error=\(staleIfError)" }
    return made
  }
}

/// Whose caches stand in front of the origin: in which fields they look for what they may keep.
package enum EdgeProfile: String, CaseIterable, Hashable, Sendable {
  /// Any cache that obeys RFC 9111: `Cache-Control` alone, the same for edges and players.
  case generic
  /// `s-maxage` where edges and players differ. CloudFront reads no field of its own.
  case cloudfront
  /// `CDN-Cache-Control` (RFC 9213).
  case cloudflare
  /// `Surrogate-Control`. `no-store` alone does not keep Fastly from storing; `private` does.
  case fastly
  /// `Edge-Control`, which goes before what the property says.
  case akamai

  /// The fields of a lifetime that no policy has.
  func fields(_ lifetime: CachePolicy.Lifetime) -> FieldBlock { FieldBlock(made(lifetime)) }

  /// The fields of a policy.
  func fields(_ policy: CachePolicy) -> FieldBlock {
    Self.table[self]?[policy.rawValue] ?? Self.none
  }

  private static let none = FieldBlock([])

  private static let table: [EdgeProfile: [FieldBlock]] = allCases.reduce(into: [:]) {
    table, edge in
    table[edge] = CachePolicy.allCases.map { FieldBlock(edge.made($0)) }
  }

  private static let cdnCacheControl = FieldName("CDN-Cache-Control")
  private static let surrogateControl = FieldName("Surrogate-Control")
  private static let edgeControl = FieldName("Edge-Control")

  private func made(_ policy: CachePolicy) -> [Field] {
    guard let lifetime = policy.lifetime else {
      return policy == .none ? never : [Field(.cacheControl, "no-cache")]
    }
    return made(lifetime)
  }

  private func made(_ lifetime: CachePolicy.Lifetime) -> [Field] {
    let all = "public, " + lifetime.directives
    let players = Field(.cacheControl, lifetime.isForPlayers ? all : "no-store")
    switch self {
    case .generic: return [Field(.cacheControl, all)]
    case .cloudfront:
      let edges = "public, max-age=0, s-maxage=\(lifetime.fresh)"
      return [Field(.cacheControl, lifetime.isForPlayers ? all : edges)]
    case .cloudflare: return [players, Field(Self.cdnCacheControl, lifetime.directives)]
    case .fastly: return [players, Field(Self.surrogateControl, lifetime.directives)]
    case .akamai:
      let prefix = lifetime.isForPlayers ? "" : "!no-store, "
      return [players, Field(Self.edgeControl, prefix + "max-age=\(lifetime.fresh)")]
    }
  }

  private var never: [Field] {
    switch self {
    case .generic, .cloudfront, .cloudflare: [Field(.cacheControl, "no-store")]
    case .fastly: [Field(.cacheControl, "private, no-store")]
    case .akamai: [Field(.cacheControl, "no-store"), Field(Self.edgeControl, "no-store")]
    }
  }
}
