import Library
import MediaCore
import NIOCore
import Protection
import Testing

@testable import Origin

@Suite struct AccessTests {
  private static let line = "k1 00112233445566778899aabbccddeeff\n"
  private static let next = "k2 ffeeddccbbaa99887766554433221100\n"
  private static let time: Int64 = 1_767_225_600

  private func keys(_ text: String = line) throws -> SigningKeys { try SigningKeys(text: text) }

  @Test func `a token is what the documentation says`() throws {
    // printf 'dougong-token-1\n1767225600\nk1\np1\n/film/\n\n' |
    //   openssl dgst -sha256 -mac HMAC -macopt hexkey:00112233445566778899aabbccddeeff
    #expect(
      try keys().token(for: .below(["film"]), expires: Self.time)
        == "1767225600.k1.p1.n.5d3ae1a0811b17cb1e2ca22e1f714af76f0b4ebc114a4879a21b93e89d8bf5aa")
    // printf 'dougong-token-1\n1767225600\nk1\nu\n/my%%20film/main.m3u8\n192.0.2.7\n' | …
    #expect(
      try keys().token(
        for: .exactly(["my film", "main.m3u8"]), expires: Self.time, client: "192.0.2.7")
        == "1767225600.k1.u.a.2e4bd4f037693143a6398537dd4654aa7e96ee2da03a00b5de88ae1e747987b5")
  }

  @Test(
    arguments: [
      (["film"], ["film", "main.m3u8"], nil, nil),
      (["film"], ["film", "video", "1", "1.m4s"], nil, nil),
      (["film"], ["film2", "main.m3u8"], nil, Rejection.wrongToken),
      (["film"], [], nil, .wrongToken),
      ([], ["film", "main.m3u8"], nil, nil), ([], [], nil, nil),
      (["film", "video"], ["film", "main.m3u8"], nil, .wrongToken),
      (["film"], ["film", "main.m3u8"], "192.0.2.8", .wrongToken),
      (["film"], ["film", "main.m3u8"], "192.0.2.7", nil),
    ] as [([String], [String], String?, Rejection?)])
  func `a prefix is good for what is below it`(
    prefix: [String], path: [String], client: String?, refusal: Rejection?
  ) throws {
    let keys = try keys()
    let token = keys.token(
      for: .below(prefix), expires: Self.time, client: client == nil ? nil : "192.0.2.7")
    #expect(keys.refusal(of: token, for: path, now: Self.time - 1, client: client) == refusal)
  }

  @Test func `an exact token is for one path, a bound one for one client`() throws {
    let keys = try keys()
    let exact = keys.token(for: .exactly(["film", "main.m3u8"]), expires: Self.time)
    #expect(keys.refusal(of: exact, for: ["film", "main.m3u8"], now: 0, client: nil) == nil)
    #expect(
      keys.refusal(of: exact, for: ["film", "video.m3u8"], now: 0, client: nil) == .wrongToken)
    #expect(keys.refusal(of: exact, for: ["film"], now: 0, client: nil) == .wrongToken)
    let bound = keys.token(for: .below(["film"]), expires: Self.time, client: "::1")
    #expect(keys.refusal(of: bound, for: ["film", "x"], now: 0, client: nil) == .wrongToken)
  }

  @Test func `a token ends at its second, and the keys one after the other`() throws {
    let token = try keys().token(for: .below(["film"]), expires: Self.time)
    for (text, now, refusal) in [
      (Self.line, Self.time - 1, nil), (Self.line, Self.time, .expiredToken),
      (Self.next + Self.line, Self.time - 1, nil), (Self.next, Self.time - 1, .wrongToken),
    ] as [(String, Int64, Rejection?)] {
      let keys = try keys(text)
      #expect(keys.refusal(of: token, for: ["film", "x"], now: now, client: nil) == refusal)
    }
    let renewed = try keys(Self.next + Self.line).token(for: .below(["film"]), expires: Self.time)
    #expect(renewed.hasPrefix("1767225600.k2."), "the first signs")
  }

  @Test func `whatever is changed in a token makes it wrong`() throws {
    let keys = try keys()
    let token = keys.token(for: .below(["film"]), expires: Self.time)
    for index in token.indices {
      for byte in ["0", "1", "a", "p", "u", ".", "k", "-", "é"] where byte != String(token[index]) {
        var changed = token
        changed.replaceSubrange(index...index, with: byte)
        #expect(
          keys.refusal(of: changed, for: ["film", "main.m3u8"], now: 0, client: nil) == .wrongToken,
          "\(changed)")
      }
    }
    for junk in [
      "", ".", "....", "a.b.c.d.e", String(repeating: "1", count: 10_000), token + ".", token + "0",
    ] {
      #expect(keys.refusal(of: junk, for: ["film"], now: 0, client: nil) == .wrongToken)
    }
  }

  @Test(arguments: [
    ("", "one key"), ("k1", "line 1"), ("k1 00", "16 to"), ("k1 zz", "hexadecimal"),
    ("k/ \(hex)", "line 1"),
    ("k1 \(hex)\nk1 \(hex)", "different names"), ("a \(hex)\nb \(hex)\nc \(hex)", "not 3"),
    ("k1 \(hex) more", "line 1"),
  ])
  func `a bad key file is told by line, never by key`(text: String, word: String) {
    let error = #expect(throws: ProtectionError.self) { try SigningKeys(text: text) }
    #expect(error?.description.contains(word) == true, "\(error?.description ?? "")")
    #expect(error?.description.contains(Self.hex) == false)
  }
  private static let hex = "00112233445566778899aabbccddeeff"

  @Test(
    arguments: [
      ("/film/main.m3u8", "/film/main.m3u8", nil),
      ("/signed/T/film/main.m3u8", "/film/main.m3u8", "T"),
      ("/signed/T", "/", "T"), ("/signed/T?x=1", "/?x=1", "T"), ("/signed/T/", "/", "T"),
      ("/signed/", "/", ""),
      ("/signed//film", "/film", ""), ("/signedT/film", "/signedT/film", nil),
      ("/film?token=T", "/film", "T"), ("/film?a=1&token=T&b=2", "/film?a=1&b=2", "T"),
      ("/film?token=T&token=U", "/film", "T"), ("/film?mytoken=T", "/film?mytoken=T", nil),
      ("http://h/signed/T/film", "http://h/film", "T"), ("http://h", "http://h", nil),
      ("*", "*", nil), ("", "", nil),
      ("/film/signed/T", "/film/signed/T", nil), ("/signed/T/film?token=U", "/film?token=U", "T"),
    ] as [(String, String, String?)])
  func `a token is taken out of the target`(target: String, rest: String, token: String?) {
    var target = target
    #expect(CarriedToken.take(from: &target)?.text == token)
    #expect(target == rest)
  }

  @Test func `a cookie carries a token too`() {
    #expect(CarriedToken.find(inCookies: "a=b; dougong-token=T; c=d")?.text == "T")
    #expect(CarriedToken.find(inCookies: "xdougong-token=T") == nil)
  }

  @Test func `secrets are in no description`() {
    let secret = Secret("sesame")
    var dumped = ""
    dump([secret], to: &dumped)
    #expect(!"\(secret) \(String(reflecting: [secret])) \(dumped)".contains("sesame"))
  }

  @Test func `without a token there is nothing, with one all of its title`() async throws {
    let folder = try MediaFolder()
    let titles = FakeTitles([try folder.title("film"), try folder.title("other")])
    let keys = try keys()
    let token = keys.token(for: .below(["film"]), expires: Self.time)
    let local = keys.token(for: .below(["film"]), expires: Self.time, client: "127.0.0.1")
    try await withOrigin(titles) {
      $0.access.keys = keys
      $0.access.now = { Self.time - 1 }
    } _: { origin in
      for (target, fields, status) in [
        ("/film/main.m3u8", [], 403), ("/film/main.m3u8?token=\(token)", [], 200),
        ("/signed/\(token)/film/main.m3u8", [], 200),
        ("/film/main.m3u8", ["Cookie: dougong-token=\(token)"], 200),
        ("/signed/\(token)/film/video/cafe01/1.m4s", [], 200),
        ("/signed/\(token)/other/main.m3u8", [], 403),
        ("/signed/\(local)/film/main.m3u8", [], 200),
        ("/signed/\(token)/film/../other/main.m3u8", [], 400), ("/nothing/main.m3u8", [], 403),
        ("/healthz", [], 200), ("/", [], 403), ("/play/assets/loader.js", [], 200),
      ] as [(String, [String], Int)] {
        let reply = try await origin.fetch(target, fields)
        #expect(reply.status == status, "\(target)")
        if status == 403 { #expect(reply["Cache-Control"] == "no-store") }
        #expect(!reply.text.contains(token), "\(target)")
      }
      #expect(try await origin.fetch("/film/main.m3u8", method: "OPTIONS").status == 204)
      #expect(try await origin.fetch("/film/main.m3u8", method: "HEAD").status == 403)
    }
  }

  @Test func `edges bring one of two secrets`() async throws {
    let folder = try MediaFolder()
    let titles = FakeTitles([try folder.title("film")])
    let secrets = try EdgeSecrets(
      text: "# both\nnew-secret-0123456789\nold-secret-0123456789\n")
    try await withOrigin(titles) {
      $0.access.edgeSecrets = secrets
      $0.edge = .fastly
      $0.originID = OriginID("origin-a")
    } _: { origin in
      for (fields, status) in [
        ([], 403), (["Dougong-Edge-Secret: new-secret-0123456789"], 200),
        (["dougong-edge-secret: old-secret-0123456789"], 200),
        (["Dougong-Edge-Secret: old-secret-012345678"], 403), (["Dougong-Edge-Secret: "], 403),
      ] as [([String], Int)] {
        let reply = try await origin.fetch("/film/main.m3u8", fields)
        #expect(reply.status == status, "\(fields)")
        #expect(reply["CMSD-Dynamic"] == (status == 200 ? "\"origin-a\"" : nil))
        #expect((reply["Surrogate-Control"] != nil) == (status == 200))
        if status == 403 { #expect(reply["Cache-Control"] == "private, no-store") }
      }
      #expect(try await origin.fetch("/healthz").status == 200)
    }
    for text in ["", "short", "with space in it 0123456789", "a\nb\nc"] {
      #expect(throws: ProtectionError.self) { try EdgeSecrets(text: text) }
    }
  }
}

extension AccessTests {
  @Test(
    arguments: [
      (
        "https://a.example/film/main.m3u8", .path, .title,
        "https://a.example/signed/T/film/main.m3u8", "/film/"
      ),
      ("/film/main.m3u8?x=1", .query, .url, "/film/main.m3u8?x=1&token=T", "/film/main.m3u8"),
      ("http://h:1/film/main.m3u8", .query, .title, "http://h:1/film/main.m3u8?token=T", "/film/"),
      (
        "/my%20film/a", .cookie, .title, "dougong-token=T; Path=/my%20film/; Secure; HttpOnly",
        "/my%20film/"
      ),
      ("/signed/old/film/a", .path, .origin, "/signed/T/film/a", "/"),
    ] as [(String, SignedURL.Carrier, SignedURL.Reach, String, String)])
  func `a token is put where it is asked to travel`(
    url: String, carrier: SignedURL.Carrier, reach: SignedURL.Reach, made: String, path: String
  ) throws {
    let url = try SignedURL(url)
    let scope = try url.scope(reach)
    #expect(scope.path == path)
    #expect(url.carrying("T", in: carrier, scope) == made)
  }

  @Test(arguments: [
    "", "film/main.m3u8", "https://a.example", "ftp://a/film", "/a/../b", "/a//b", "https://a?b=/c",
  ])
  func `what cannot be served cannot be signed`(url: String) {
    #expect(throws: ProtectionError.self) { try SignedURL(url) }
  }

  @Test(arguments: ["/", "/play/film", "/healthz"])
  func `what is of no title has no title's token`(url: String) throws {
    let url = try SignedURL(url)
    #expect(throws: ProtectionError.self) { try url.scope(.title) }
  }
}
