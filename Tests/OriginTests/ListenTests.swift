import FileIO
import Foundation
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Origin

@Suite struct ListenTests {
  private let folder: MediaFolder
  private let titles: FakeTitles

  init() throws {
    folder = try MediaFolder()
    titles = FakeTitles([try folder.title("film")])
  }

  @Test(
    arguments: [
      ("127.0.0.1:9180", .network(host: "127.0.0.1", port: 9180), nil),
      ("[::1]:0", .network(host: "::1", port: 0), nil),
      ("localhost:1", .network(host: "localhost", port: 1), nil),
      ("unix:/run/a.sock", .file(path: "/run/a.sock", mode: 0o660), nil),
      ("unix:b,mode=0666", .file(path: "b", mode: 0o666), "unix:b"),
      ("unix:b,c", .file(path: "b,c", mode: 0o660), nil),
      ("tls:[::]:443", .network(host: "::", port: 443), nil), ("tls:", nil, nil),
      ("tls:unix:a", .file(path: "a", mode: 0o660), nil), ("tls:tls:a:1", nil, nil),
      ("systemd", .inherited(name: nil), nil), ("systemd:http", .inherited(name: "http"), nil),
      ("::1:9180", nil, nil), (":9180", nil, nil), ("host", nil, nil), ("host:70000", nil, nil),
      ("host:-1", nil, nil), ("host:+1", nil, nil), ("host:", nil, nil), ("", nil, nil),
      ("unix:", nil, nil), ("unix:/run/", nil, nil), ("unix:a,mode=9", nil, nil),
      ("unix:a,mode=1777", nil, nil), ("unix:,mode=666", nil, nil), ("systemd:", nil, nil),
    ] as [(String, ListenAddress.Place?, String?)])
  func `an address is a host and a port, a path or what systemd has opened`(
    text: String, place: ListenAddress.Place?, description: String?
  ) {
    let address = ListenAddress(text)
    #expect(address?.place == place)
    #expect(address.map(\.description) == place.map { _ in description ?? text })
  }

  @Test func `sockets of systemd are found by their names`() throws {
    let environment = ["LISTEN_PID": "7", "LISTEN_FDS": "3", "LISTEN_FDNAMES": "a:b:a"]
    let sockets = try InheritedSockets(environment: environment, process: 7)
    #expect(try sockets.descriptors(named: nil) == [3, 4, 5])
    #expect(try sockets.descriptors(named: "a") == [3, 5])
    let missing = #expect(throws: OriginError.self) { try sockets.descriptors(named: "c") }
    #expect(missing?.message == "systemd has handed over no socket named c; there are: a, b, a.")
    let nameless = try InheritedSockets(
      environment: ["LISTEN_PID": "7", "LISTEN_FDS": "1"], process: 7)
    #expect(try nameless.descriptors(named: "unknown") == [3])
  }

  @Test(
    arguments: [
      [:], ["LISTEN_FDS": "1"], ["LISTEN_PID": "8", "LISTEN_FDS": "1"],
      ["LISTEN_PID": "7", "LISTEN_FDS": "0"],
    ])
  func `sockets of another process are nobody's`(environment: [String: String]) throws {
    let sockets = try InheritedSockets(environment: environment, process: 7)
    #expect(throws: OriginError.self) { try sockets.descriptors(named: nil) }
  }

  @Test(arguments: ["", "x", "-1", "65", "1"])
  func `an environment that contradicts itself is refused`(count: String) {
    let environment = ["LISTEN_PID": "7", "LISTEN_FDS": count, "LISTEN_FDNAMES": "a:b"]
    #expect(throws: OriginError.self) {
      try InheritedSockets(environment: environment, process: 7)
    }
  }

  // MARK: Over sockets

  @Test func `every loop accepts connections`() async throws {
    let loops = MultiThreadedEventLoopGroup(numberOfThreads: 3)
    let accepted = Mutex([ObjectIdentifier: Int]())
    let listener = try await Listener.open(
      ListenAddress(host: "127.0.0.1", port: 0), inherited: InheritedSockets(), on: loops,
      loops: Array(loops.makeIterator())
    ) { accepting, serving in
      ServerBootstrap(group: accepting, childGroup: serving).childChannelInitializer { channel in
        accepted.withLock { $0[ObjectIdentifier(channel.eventLoop), default: 0] += 1 }
        return channel.close()
      }
    }
    let address = try #require(listener.socketAddress)
    for _ in 1...300 {
      try await RawConnection.open(to: address, receiveBuffer: nil) { try await $0.expectEnd() }
    }
    let counts = accepted.withLock { $0 }
    #expect(counts.count == 3)
    #expect(counts.values.reduce(0, +) == 300)
    listener.close()
    try await listener.closed()
    try await loops.shutdownGracefully()
  }

  @Test func `an origin listens on several addresses at once`() async throws {
    let path = "\(folder.path)/o.sock"
    try await withOrigin(titles) {
      $0.addresses = ["127.0.0.1:0", "[::1]:0", "unix:\(path)"].compactMap { ListenAddress($0) }
      $0.limits.connectionCount = 2
    } _: { origin in
      var addresses = origin.addresses
      #expect(addresses.count == 3)
      addresses[2] = try SocketAddress(unixDomainSocketPath: path)
      for address in addresses + addresses {
        let reply = try await RunningOrigin(addresses: [address], services: origin.services)
          .fetch("/film/video/cafe01/1.m4s")
        #expect(reply.body.count == 40_000, "\(address)")
      }
    }
  }

  @Test func `an IPv4 address in an IPv6 one stands for itself`() throws {
    for (text, address) in [
      ("::ffff:192.0.2.1", "192.0.2.1"), ("2001:db8::1", "2001:db8::1"), ("192.0.2.1", "192.0.2.1"),
    ] {
      #expect(Peer(try SocketAddress(ipAddress: text, port: 1)).address?.description == address)
    }
    #expect(Peer(try SocketAddress(unixDomainSocketPath: "/a")).address == nil)
  }

  // MARK: Unix sockets

  @Test func `a dead socket is replaced, and a live one is not`() async throws {
    let path = "\(folder.path)/o.sock"
    let address = try #require(ListenAddress("unix:\(path),mode=600"))
    try leaveDeadSocket(at: path)
    try await withOrigin(titles) {
      $0.addresses = [address]
    } _: { _ in
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      #expect(attributes[.posixPermissions] as? Int == 0o600)
      let error = await #expect(throws: OriginError.self) {
        try await withOrigin(titles) {
          $0.addresses = [address]
        } _: { _ in
        }
      }
      #expect(error?.message == "Cannot listen on unix:\(path): another program listens there.")
    }
    #expect(Folder.entry(at: path) == nil, "it is gone with the origin")
    #expect(try Folder.names(in: folder.path).allSatisfy { !$0.contains("sock") })
  }

  @Test func `a socket that another origin has put there stays`() async throws {
    let path = "\(folder.path)/o.sock"
    try await withOrigin(titles) {
      $0.addresses = [ListenAddress(.file(path: path, mode: 0o660))]
    } _: { _ in
      try Folder.remove(path)
      try leaveDeadSocket(at: path)
    }
    #expect(Folder.entry(at: path) == .socket)
  }

  @Test(
    arguments: [
      ("file", "Cannot listen on unix:FOLDER/file: what stands there is no socket."),
      ("none/o.sock", "Cannot listen on unix:FOLDER/none/o.sock: there is no such folder."),
      (
        String(repeating: "x", count: 120),
        "Cannot listen on unix:FOLDER/\(String(repeating: "x", count: 120)): the path is too long for a socket."
      ),
    ])
  func `what cannot be is told in one sentence`(name: String, message: String) async throws {
    try Data().write(to: URL(fileURLWithPath: "\(folder.path)/file"))
    let address = ListenAddress(.file(path: "\(folder.path)/\(name)", mode: 0o660))
    let error = await #expect(throws: OriginError.self) {
      try await withOrigin(titles) {
        $0.addresses = [address]
      } _: { _ in
      }
    }
    #expect(error?.message == message.replacingOccurrences(of: "FOLDER", with: folder.path))
    #expect(Folder.entry(at: "\(folder.path)/file") == .file)
  }

  private func leaveDeadSocket(at path: String) throws {
    let channel = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .bind(unixDomainSocketPath: path + "-").wait()
    // NIO removes the name that it has bound.
    try Folder.rename(path + "-", to: path)
    try channel.close().wait()
    try #require(Folder.entry(at: path) == .socket)
  }
}
