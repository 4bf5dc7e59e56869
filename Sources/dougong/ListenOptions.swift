import ArgumentParser
import FileIO
import Foundation
import Origin

extension ListenAddress: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

/// Where the origin listens.
struct ListenOptions: ParsableArguments {
  @Option(help: "Address to listen on. (default: 127.0.0.1)")
  var host: String?

  @Option(help: "Port to listen on; 0 takes a free one. (default: 8080)")
  var port: Int?

  @Option(
    help: ArgumentHelp(
      "Where to listen, several times if need be, in place of --host and --port.",
      discussion: """
        HOST:PORT such as 0.0.0.0:8080 or [::]:8080 (IPv4 too); unix:PATH or unix:PATH,mode=666, a Unix socket; systemd, \
        all sockets of a systemd socket unit, or systemd:NAME, those of that name (FileDescriptorName=).
        """, valueName: "address"))
  var listen: [ListenAddress] = []

  @Flag(
    help: ArgumentHelp(
      "Connections have to begin with the PROXY protocol, version 1 or 2.",
      discussion: """
        Whom the load balancer names there is the client in the access log and for tokens that are bound to an address. \
        Whoever can connect can name anybody: let balancers alone reach the origin then.
        """))
  var proxyProtocol = false

  @Option(
    help: ArgumentHelp(
      "Address of its own for /metrics (Prometheus), /healthz and /readyz, such as 127.0.0.1:9180.",
      discussion:
        "As --listen. Without it nothing is counted. Figures are never at the address of viewers.",
      valueName: "address"))
  var metrics: ListenAddress?

  func validate() throws {
    guard listen.isEmpty || (host == nil && port == nil) else {
      throw ValidationError("--listen stands in place of --host and --port: give one or the other")
    }
    guard port.map({ (0...65535).contains($0) }) ?? true else {
      throw ValidationError("--port must be 0 to 65535, not \(port ?? 0)")
    }
  }

  func apply(to configuration: inout OriginServer.Configuration) throws {
    configuration.addresses =
      listen.isEmpty ? [ListenAddress(host: host ?? "127.0.0.1", port: port ?? 8080)] : listen
    configuration.inherited = try InheritedSockets(
      environment: ProcessInfo.processInfo.environment, process: Folder.processIdentifier)
    configuration.metrics = metrics
    configuration.requiresProxyHeader = proxyProtocol
  }
}
