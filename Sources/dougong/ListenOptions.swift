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
        all sockets of a systemd socket unit, or systemd:NAME, those of that name (FileDescriptorName=). With tls: in \
        front of any of these TLS is spoken there.
        """, valueName: "address"))
  var listen: [ListenAddress] = []

  @Option(
    help: ArgumentHelp(
      "PEM file of the certificate for TLS, with those that vouch for it behind it; read again when it changes or on SIGHUP.",
      discussion: "Without --listen it is used at --host and --port.", valueName: "file"))
  var tlsCertificate: String?

  @Option(help: ArgumentHelp("PEM file of its private key.", valueName: "file"))
  var tlsKey: String?

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
    try validateTLS()
  }

  private func validateTLS() throws {
    guard (tlsCertificate == nil) == (tlsKey == nil) else {
      throw ValidationError("--tls-certificate and --tls-key go together")
    }
    let isWanted = listen.contains(where: \.isSecure) || (listen.isEmpty && tlsCertificate != nil)
    guard isWanted == (tlsCertificate != nil) else {
      throw ValidationError(
        isWanted
          ? "--listen tls:… needs --tls-certificate and --tls-key"
          : "--tls-certificate is for addresses with tls: in front, as --listen tls:0.0.0.0:443")
    }
    guard metrics?.isSecure != true else {
      throw ValidationError("--metrics speaks no TLS: let it listen where nobody else can")
    }
  }

  func apply(to configuration: inout OriginServer.Configuration) throws {
    configuration.addresses =
      listen.isEmpty ? [ListenAddress(host: host ?? "127.0.0.1", port: port ?? 8080)] : listen
    if let tlsCertificate, let tlsKey {
      configuration.identity = try TLSIdentity(certificate: tlsCertificate, key: tlsKey)
      if listen.isEmpty { configuration.addresses[0].isSecure = true }
    }
    configuration.inherited = try InheritedSockets(
      environment: ProcessInfo.processInfo.environment, process: Folder.processIdentifier)
    configuration.metrics = metrics
    configuration.requiresProxyHeader = proxyProtocol
  }
}
