import FileIO
package import NIOCore
import NIOPosix

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The sockets that connections to one address are accepted on.
package struct Listener: Sendable {
  /// With the port that the system has chosen.
  package private(set) var address: ListenAddress
  /// Of the first socket; `nil` if it has none.
  package let socketAddress: SocketAddress?
  private let channels: [any Channel]
  private let file: SocketFile?

  /// Makes a bootstrap that accepts on one loop of the first group and serves on loops of the second.
  typealias Bootstrap = (any EventLoopGroup, any EventLoopGroup) -> ServerBootstrap

  /// - Parameters:
  ///   - loops: those that connections are served on; each gets a socket of its own where the system spreads
  ///     connections over them (`SO_REUSEPORT` of Linux). Otherwise one accepts for all.
  ///   - bootstrap: how connections are accepted and served.
  /// - Throws: `OriginError` if the address cannot be listened on.
  static func open(
    _ address: ListenAddress, inherited: InheritedSockets, on group: any EventLoopGroup,
    loops: [any EventLoop], _ bootstrap: Bootstrap
  ) async throws -> Listener {
    do {
      switch address.place {
      case .network(let host, let port):
        return Listener(
          address, try await sockets(host: host, port: port, on: group, loops: loops, bootstrap))
      case .file(let path, let mode):
        return try await socketFile(path, mode: mode, address, bootstrap(group, group))
      case .inherited(let name):
        var channels: [any Channel] = []
        for descriptor in try inherited.descriptors(named: name) {
          channels.append(try await takeOver(descriptor, bootstrap(group, group)))
        }
        return Listener(address, channels)
      }
    } catch let error as OriginError {
      throw error
    } catch {
      throw OriginError(.cannotListen, "Cannot listen on \(address): \(reason(error)).")
    }
  }

  private init(_ address: ListenAddress, _ channels: [any Channel], file: SocketFile? = nil) {
    self.address = address
    self.channels = channels
    self.file = file
    socketAddress = channels.first?.localAddress
    if case .network(let host, _) = address.place, let port = socketAddress?.port {
      self.address.place = .network(host: host, port: port)
    }
  }

  /// Completed when none of its sockets accepts any more.
  func closed() async throws { for channel in channels { try await channel.closeFuture.get() } }

  /// Accepts no more; returns at once.
  func close() {
    file?.remove()
    for channel in channels { channel.close(promise: nil) }
  }

  // MARK: The network

  private static func sockets(
    host: String, port: Int, on group: any EventLoopGroup, loops: [any EventLoop],
    _ bootstrap: Bootstrap
  ) async throws -> [any Channel] {
    #if os(Linux)
      guard let first = loops.first, loops.count > 1 else {
        return [try await bootstrap(group, group).bind(host: host, port: port).get()]
      }
      // This one is bound to be alone: another program, or another origin, that listens there makes it
      // fail. Then it is told to share the address.
      var channels = [try await bootstrap(first, first).bind(host: host, port: port).get()]
      guard let address = channels[0].localAddress else { return channels }
      do {
        try await channels[0].setOption(sharesPort, value: 1).get()
        for loop in loops.dropFirst() {
          let socket = bootstrap(loop, loop).serverChannelOption(sharesPort, value: 1)
          channels.append(try await socket.bind(to: address).get())
        }
      } catch {
        for channel in channels { channel.close(promise: nil) }
        throw error
      }
      return channels
    #else
      return [try await bootstrap(group, group).bind(host: host, port: port).get()]
    #endif
  }

  #if os(Linux)
    private static let sharesPort = ChannelOptions.Types.SocketOption(
      level: .socket, name: NIOBSDSocket.Option(rawValue: SO_REUSEPORT))
  #endif

  // MARK: The file system

  private static func socketFile(
    _ path: String, mode: UInt32, _ address: ListenAddress, _ bootstrap: ServerBootstrap
  ) async throws -> Listener {
    switch Folder.entry(at: path) {
    case .none: break
    case .socket:
      if try await answers(path) {
        throw OriginError(
          .cannotListen, "Cannot listen on \(address): another program listens there.")
      }
    case .some:
      throw OriginError(
        .cannotListen, "Cannot listen on \(address): what stands there is no socket.")
    }
    var file = SocketFile(path: path)
    try Folder.remove(file.unpublishedPath)
    let channel = try await bootstrap.bind(unixDomainSocketPath: file.unpublishedPath).get()
    do {
      try file.publish(mode: mode)
    } catch {
      channel.close(promise: nil)
      try? Folder.remove(file.unpublishedPath)
      throw error
    }
    return Listener(address, [channel], file: file)
  }

  /// Whether anybody listens on the socket at `path`.
  private static func answers(_ path: String) async throws -> Bool {
    let client = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
    do {
      let channel = try await client.connect(unixDomainSocketPath: path).get()
      channel.close(promise: nil)
      return true
    } catch let error as IOError where error.errnoCode == ECONNREFUSED {
      return false
    }
  }

  // MARK: Inheritance

  private static func takeOver(
    _ descriptor: CInt, _ bootstrap: ServerBootstrap
  ) async throws -> any Channel {
    // Tells what is no socket of streams before NIO takes it for one.
    guard listen(descriptor, Limits.listenQueueCount) == 0 else {
      throw IOError(errnoCode: errno, reason: "listen on descriptor \(descriptor)")
    }
    let channel = try await bootstrap.withBoundSocket(descriptor).get()
    // NIO has shortened the queue meanwhile.
    _ = listen(descriptor, Limits.listenQueueCount)
    return channel
  }

  /// What a person can do about it.
  private static func reason(_ error: any Error) -> String {
    switch error {
    case let error as FileIOError: "\(error)"
    case let error as IOError where error.errnoCode == EADDRINUSE:
      "another program listens there; choose another port"
    case let error as IOError where error.errnoCode == EACCES:
      "this user may not; ports below 1024 are reserved"
    case let error as IOError where error.errnoCode == EADDRNOTAVAIL:
      "this machine has no such address"
    case let error as IOError where error.errnoCode == ENOENT: "there is no such folder"
    case let error as IOError where error.errnoCode == ENOTSOCK || error.errnoCode == EOPNOTSUPP:
      "what was handed over is no socket of streams (ListenStream=)"
    case SocketAddressError.unixDomainSocketPathTooLong: "the path is too long for a socket"
    case is SocketAddressError: "the host is unknown"
    default: "\(error)"
    }
  }
}
