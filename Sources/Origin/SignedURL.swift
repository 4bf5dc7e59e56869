package import Protection

/// A URL of an origin, to be given to a viewer with a token in it.
///
///     let url = try SignedURL("https://a.example/film/main.m3u8")
///     let token = keys.token(for: try url.scope(.title), expires: 1_767_225_600)
///     url.carrying(token, in: .path)  // https://a.example/signed/1767225600.k1.p1.n.5f0c…/film/main.m3u8
package struct SignedURL: Sendable {
  /// Where a token travels.
  package enum Carrier: String, CaseIterable, Sendable {
    /// In front of the path: relative references carry it on.
    case path
    case query
    /// As the value of `Set-Cookie`.
    case cookie
  }

  /// What the token is good for.
  package enum Reach: String, CaseIterable, Sendable {
    /// This path alone.
    case url
    /// All of the title.
    case title
    /// All that the origin has.
    case origin
  }

  /// Scheme and authority, if there are any.
  private let authority: Substring
  /// From the first slash, without a token.
  private let target: String
  private let segments: [String]

  /// - Parameter text: a URL of http or https, or a path with or without a query.
  /// - Throws: what is no such URL.
  package init(_ text: String) throws(ProtectionError) {
    let scheme = ["https://", "http://"].first { text.hasPrefix($0) }
    let rest = text.dropFirst(scheme?.count ?? 0)
    guard let slash = rest.firstIndex(of: "/"), scheme != nil || slash == rest.startIndex,
      RequestTarget.isAuthority(rest[..<slash].utf8)
    else {
      throw ProtectionError("a URL is expected, as https://a.example/film/main.m3u8")
    }
    authority = text[..<slash]
    var target = String(text[slash...])
    _ = CarriedToken.take(from: &target)
    self.target = target
    do {
      segments = try RequestTarget(target).segments
    } catch {
      throw ProtectionError("no such URL can be served: \(error.reason)")
    }
  }

  package func scope(_ reach: Reach) throws(ProtectionError) -> AccessToken.Scope {
    switch reach {
    case .url: return .exactly(segments)
    case .origin: return .below([])
    case .title:
      guard let title = segments.first, !Router.reservedNames.contains(title) else {
        throw ProtectionError("the URL is of no title: the first part of its path names one")
      }
      return .below([title])
    }
  }

  package func carrying(_ token: String, in carrier: Carrier, _ scope: AccessToken.Scope) -> String
  {
    switch carrier {
    case .path: return "\(authority)/\(CarriedToken.pathName)/\(token)\(target)"
    case .query:
      let mark = target.contains("?") ? "&" : "?"
      return "\(authority)\(target)\(mark)\(CarriedToken.parameterName)=\(token)"
    case .cookie:
      return "\(CarriedToken.cookieName)=\(token); Path=\(scope.path); Secure; HttpOnly"
    }
  }
}
