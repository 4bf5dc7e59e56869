import ArgumentParser
import NIOCore
import Origin

/// What clients may ask of the origin.
struct LimitOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Connections that are open at once; more wait until others end.", valueName: "number"))
  var maxConnections = Limits().connectionCount

  @Option(
    help: ArgumentHelp(
      "Connections of one client, of IPv6 of one /64; more are closed at once.", valueName: "number"
    ))
  var maxClientConnections: Int?

  @Option(
    help: ArgumentHelp(
      "Requests of one client in a second; what is more is answered 429. Four seconds' worth may come at once.",
      valueName: "number"))
  var maxClientRequests: Int?

  @Option(
    help: ArgumentHelp(
      "Votes on one choice of a screening from one address, of IPv6 from one /64; more are answered 429.",
      valueName: "number"))
  var maxClientVotes = Limits().clientVoteCount

  @Option(
    help: ArgumentHelp(
      "Bytes in a second that a client has to take of a response; a slower one is cut off.",
      valueName: "bytes"))
  var minRate: Int?

  @Option(
    help: ArgumentHelp(
      "How long work may wait for the processor or the disk, such as 200ms: beyond it some requests are answered 503, whole files first, then media, playlists last.",
      valueName: "time"),
    transform: { try Self.time($0) })
  var maxWait: TimeAmount?

  @Option(
    help: ArgumentHelp(
      "Edges without limits of their own, whose X-Forwarded-For is believed: networks and addresses between commas, as 10.0.0.0/8,2001:db8::1,unix.",
      valueName: "list"),
    transform: { try Self.edges($0) })
  var trust = TrustedEdges()

  func validate() throws {
    let options = [
      ("--max-connections", maxConnections), ("--max-client-connections", maxClientConnections),
      ("--max-client-requests", maxClientRequests), ("--min-rate", minRate),
      ("--max-client-votes", maxClientVotes),
    ]
    for case (let name, let value?) in options where !(1...1_000_000_000).contains(value) {
      throw ValidationError("\(name) must be 1 to 1000000000, not \(value)")
    }
  }

  private static func time(_ text: String) throws -> TimeAmount {
    guard let time = TimeText.time(text), time > .zero else {
      throw ValidationError("--max-wait is a time such as 200ms or 1s, not \(text)")
    }
    return time
  }

  private static func edges(_ list: String) throws -> TrustedEdges {
    do {
      return try TrustedEdges(list)
    } catch {
      throw ValidationError(error.message)
    }
  }

  func apply(to configuration: inout OriginServer.Configuration) {
    configuration.limits.connectionCount = maxConnections
    configuration.limits.clientConnectionCount = maxClientConnections
    configuration.limits.clientRequestsPerSecond = maxClientRequests
    configuration.limits.clientVoteCount = maxClientVotes
    configuration.limits.readerBytesPerSecond = minRate
    configuration.limits.longestWait = maxWait
    configuration.trustedEdges = trust
  }
}
