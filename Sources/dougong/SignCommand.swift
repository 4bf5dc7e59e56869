import ArgumentParser
import Foundation
import Origin
import Protection

struct Sign: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign",
    abstract: "Puts a token into a URL, so that an origin with --signing-keys answers it.",
    discussion: """
      The token is good for all of the title until it expires. Whoever has the URL may fetch; nobody can make it \
      longer or wider.

      Examples:
        dougong sign https://a.example/film/main.m3u8 --key-file keys --expires 6h
        dougong sign https://a.example/film/main.m3u8 --key-file keys --expires 2027-01-01T00:00:00Z \
      --client 192.0.2.7 --carry cookie
      """)

  @Argument(help: ArgumentHelp("URL, or its path.", valueName: "url"))
  var url: String

  @Option(
    help: ArgumentHelp(
      "A line NAME HEXADECIMAL for each key; the first signs.", valueName: "file"))
  var keyFile: String

  @Option(
    help: ArgumentHelp(
      "When it ends: from now (90s, 15m, 6h, 2d), at a time (2027-01-01T00:00:00Z), or in seconds since 1970.",
      valueName: "time"))
  var expires: ExpiryArgument

  @Option(help: "What it is good for: url, title, origin.")
  var reach = SignedURL.Reach.title

  @Option(help: "Where it travels: path, query, cookie.")
  var carry = SignedURL.Carrier.path

  @Option(help: ArgumentHelp("Address of the only client that may use it.", valueName: "address"))
  var client: String?

  func run() throws {
    do {
      let url = try SignedURL(url)
      let scope = try url.scope(reach)
      let token = try AccessOptions.keys(keyFile).token(
        for: scope, expires: expires.seconds(now: Int64(Date().timeIntervalSince1970)),
        client: client)
      print(url.carrying(token, in: carry, scope))
    } catch let error as ProtectionError {
      throw CommandFailure(.usage, "\(error)")
    } catch {
      throw CommandFailure(error)
    }
  }
}

extension SignedURL.Reach: ExpressibleByArgument {}
extension SignedURL.Carrier: ExpressibleByArgument {}

/// `6h`, `2027-01-01T00:00:00Z`, `1798761600`.
struct ExpiryArgument: ExpressibleByArgument, Equatable {
  private enum Kind: Equatable {
    case fromNow(Int64)
    case at(Int64)
  }

  private let kind: Kind

  /// Ten years: longer is a mistake.
  private static let maximumSeconds: Int64 = 3650 * 86_400

  init?(argument: String) {
    let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
    if let unit = argument.last.flatMap({ units[$0] }), let count = Int64(argument.dropLast()),
      count > 0, count <= Self.maximumSeconds / unit
    {
      kind = .fromNow(count * unit)
    } else if let seconds = Int64(argument), seconds >= 0, argument.count <= 12 {
      kind = .at(seconds)
    } else if let date = try? Date(argument, strategy: .iso8601) {
      kind = .at(Int64(date.timeIntervalSince1970))
    } else {
      return nil
    }
  }

  /// Since 1970.
  func seconds(now: Int64) -> Int64 {
    switch kind {
    case .fromNow(let seconds): now + seconds
    case .at(let seconds): seconds
    }
  }
}
