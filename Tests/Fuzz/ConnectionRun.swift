import FileIO
import Logging
import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOPosix

@testable import Origin

/// A connection from its first byte to its end, without a socket. No title can be opened: there are no threads for it,
/// so that every run is the same.
struct ConnectionRun {
  private struct NoTitles: TitleSource {
    func title(named name: String) throws -> ServedTitle? { nil }
    func titleNames() throws -> [String] { [] }
  }

  /// Four bytes say in which pieces the rest arrives. What is answered must not depend on them.
  ///
  /// - Parameter requiresProxyHeader: whether a header of the PROXY protocol comes first.
  static func check(_ input: ByteBuffer, requiresProxyHeader: Bool = false) {
    var input = input
    guard let lengths = input.readBytes(length: 4) else { return }
    let pieces = answer(to: input, inPieces: lengths, requiresProxyHeader)
    // Where a head is too long, how much of it has come decides what is said.
    guard input.readableBytes <= 8192 else { return }
    let whole = answer(to: input, inPieces: [], requiresProxyHeader)
    demand(
      pieces == whole, "in pieces:\n\(pieces)\nat once:\n\(whole)")
  }

  /// No work is done here: whoever asks for some is told so at once.
  private static let ended: BlockingThreads = {
    let threads = BlockingThreads(count: 1)
    threads.shutdown()
    return threads
  }()

  /// - Returns: all that is sent, without what differs from one second to the next.
  private static func answer(
    to input: ByteBuffer, inPieces lengths: [UInt8], _ requiresProxyHeader: Bool
  ) -> String {
    let eventLoop = EmbeddedEventLoop()
    var limits = Limits()
    // How many wait depends on how much has come at once.
    limits.pipelinedRequestCount = 10_000
    let logger = Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() }
    let loop = LoopContext(
      eventLoop: eventLoop, limits: limits,
      responder: Responder(playerLibrary: .failure(.notFound("")), limits: limits),
      logger: logger, source: NoTitles(),
      choices: ChoiceDesk(ledger: nil, titles: NoTitles(), threads: ended, logger: logger),
      screenings: ScreeningDesk(
        ledger: nil, titles: NoTitles(), threads: ended, logger: logger, limits: limits
      ) { 0 },
      objects: nil, hotBodies: nil, threads: ended,
      clients: ClientRules(limits, trusted: TrustedEdges()),
      observer: nil, faults: nil)
    let channel = EmbeddedChannel(loop: eventLoop)
    var sent = ByteBuffer()
    tolerant {
      try channel.pipeline.syncOperations.addHandler(
        Opening(
          loop: loop, rules: Opening.Rules(requiresProxyHeader: requiresProxyHeader)))
      try channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 443)).wait()
      var rest = input
      var turn = 0
      while rest.readableBytes > 0, channel.isActive {
        let length = lengths.isEmpty ? rest.readableBytes : Int(lengths[turn % lengths.count]) + 1
        guard let piece = rest.readSlice(length: min(length, rest.readableBytes)) else { break }
        _ = try? channel.writeInbound(piece)
        eventLoop.run()
        turn += 1
        collect(channel, into: &sent)
      }
      channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
      eventLoop.run()
      collect(channel, into: &sent)
    }
    _ = try? channel.finish(acceptAlreadyClosed: true)
    tolerant { try eventLoop.syncShutdownGracefully() }
    return checked(sent)
  }

  private static func collect(_ channel: EmbeddedChannel, into sent: inout ByteBuffer) {
    while let data = try? channel.readOutbound(as: IOData.self) {
      if case .byteBuffer(var bytes) = data { sent.writeBuffer(&bytes) }
    }
  }

  /// Heads and bodies as their lengths say, and nothing between or behind them.
  private static func checked(_ sent: ByteBuffer) -> String {
    // A frame: the input was the preface of HTTP/2, whose rules are not looked at here.
    guard sent.readableBytesView.first != 0 else { return "" }
    var rest = sent
    var made = ""
    while rest.readableBytes > 0 {
      let head = head(&rest)
      FuzzTarget.check(head: head)
      let lines = head.split(separator: "\r\n")
      made += lines.filter { !$0.hasPrefix("Date:") }.joined(separator: "\n") + "\n"
      let length = lines.first { $0.hasPrefix("Content-Length: ") }.flatMap {
        Int($0.dropFirst("Content-Length: ".count))
      }
      // The body of HEAD is none, and what asked is not known here: the next head or the end says so.
      let begins = rest.getString(at: rest.readerIndex, length: min(9, rest.readableBytes))
      guard let length, begins != "HTTP/1.1 ", rest.readableBytes > 0 else { continue }
      guard let body = rest.readSlice(length: length) else {
        fatalError("a body of \(rest.readableBytes) bytes instead of \(length)")
      }
      made += "\(body.readableBytesView.reduce(UInt64(length)) { $0 &* 31 &+ UInt64($1) })\n"
    }
    return made
  }

  private static func head(_ rest: inout ByteBuffer) -> String {
    let end = Array("\r\n\r\n".utf8)
    let view = rest.readableBytesView
    guard let index = view.indices.first(where: { view[$0...].starts(with: end) }),
      let head = rest.readString(length: index - view.startIndex + 4)
    else { fatalError("no whole head: \(String(buffer: rest))") }
    return head
  }
}
