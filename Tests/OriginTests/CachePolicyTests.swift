import Testing

@testable import Origin

@Suite struct CachePolicyTests {
  private static let year = "public, max-age=31536000, immutable"
  private static let document = "max-age=60, stale-while-revalidate=60, stale-if-error=3600"

  @Test(
    arguments: [
      (.generic, .immutable, "Cache-Control: \(year)"),
      (.generic, .document, "Cache-Control: public, \(document)"),
      (.generic, .replaceable, "Cache-Control: public, max-age=60"),
      (.generic, .missing, "Cache-Control: public, max-age=5"),
      (.generic, .gone, "Cache-Control: public, max-age=60"),
      (.generic, .failure, "Cache-Control: public, max-age=1"),
      (.generic, .revalidated, "Cache-Control: no-cache"),
      (.generic, .none, "Cache-Control: no-store"),
      (.cloudfront, .immutable, "Cache-Control: \(year)"),
      (.cloudfront, .failure, "Cache-Control: public, max-age=0, s-maxage=1"),
      (.cloudfront, .none, "Cache-Control: no-store"),
      (.cloudflare, .document, "Cache-Control: public, \(document)|CDN-Cache-Control: \(document)"),
      (.cloudflare, .missing, "Cache-Control: no-store|CDN-Cache-Control: max-age=5"),
      (.fastly, .document, "Cache-Control: public, \(document)|Surrogate-Control: \(document)"),
      (.fastly, .failure, "Cache-Control: no-store|Surrogate-Control: max-age=1"),
      (.fastly, .none, "Cache-Control: private, no-store"),
      (.akamai, .document, "Cache-Control: public, \(document)|Edge-Control: max-age=60"),
      (.akamai, .missing, "Cache-Control: no-store|Edge-Control: !no-store, max-age=5"),
      (.akamai, .none, "Cache-Control: no-store|Edge-Control: no-store"),
    ] as [(EdgeProfile, CachePolicy, String)])
  func `each edge finds what it may keep where it looks`(
    edge: EdgeProfile, policy: CachePolicy, fields: String
  ) {
    #expect(edge.fields(policy).lines == fields.split(separator: "|").map { $0 + "\r\n" }.joined())
  }

  @Test func `failures are kept for a second at most, whoever asks`() {
    for status in UInt(400)...599 {
      let lifetime = CachePolicy(status: status).lifetime
      #expect((lifetime?.fresh ?? 0) <= (status < 500 ? 60 : 1), "\(status)")
      #expect(lifetime?.staleIfError == nil && lifetime?.isForPlayers != true, "\(status)")
    }
    #expect(
      CachePolicy(status: 416) == .none, "a cache without ranges in its key would keep it for all")
  }
}
