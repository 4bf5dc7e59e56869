package import CMAF
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// Sends the tracks of a live title to a publishing point, each in one long POST (DASH-IF Live Media Ingest, interface 1).
///
///     let publisher = try LivePublisher(to: address) { print($0) }
///     publisher.publish(chunk, track: "video-1080p")
///     publisher.end()
///
/// Nothing waits for the network: what cannot be sent is kept for a while (`UploadQueue`), and a connection that breaks is
/// made again.
package final class LivePublisher: Sendable {
  private let address: PublishingAddress
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let tls: NIOSSLContext?
  private let report: @Sendable (String) -> Void
  private let uploads = Mutex<[String: TrackUpload]>([:])

  /// Seconds that the last bytes of a title may take.
  private static let patience: Int64 = 10

  /// - Parameter report: gets what goes wrong, a sentence each.
  package init(
    to address: PublishingAddress, report: @escaping @Sendable (String) -> Void
  ) throws {
    self.address = address
    self.report = report
    tls = address.isSecure ? try NIOSSLContext(configuration: .makeClientConfiguration()) : nil
  }

  /// Sends a chunk behind those before; WebVTT is made of `wvtt` there.
  package func publish(_ chunk: LiveChunk, track: String) {
    guard chunk.header.bytes.readableBytes > 0 else { return }
    let upload = uploads.withLock { uploads in
      if let known = uploads[track] { return known }
      let kind = track.hasPrefix("video") ? "cmfv" : track.hasPrefix("text") ? "cmft" : "cmfa"
      let upload = TrackUpload(
        "\(address.path)/\(track).\(kind)", to: address, tls: tls, on: group.next(), report: report)
      uploads[track] = upload
      return upload
    }
    upload.add(chunk)
  }

  /// Says that nothing follows, and waits a while until that is known there. Blocks.
  package func end() {
    let all = uploads.withLock { Array($0.values) }
    let ended = EventLoopFuture.andAllComplete(all.map { $0.end() }, on: group.next())
    let late = group.next().makePromise(of: Void.self)
    group.next().scheduleTask(in: .seconds(Self.patience)) { late.succeed() }
    ended.cascade(to: late)
    try? late.futureResult.wait()
    try? group.syncShutdownGracefully()
  }
}
