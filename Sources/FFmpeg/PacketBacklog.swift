import CFFmpeg

/// Packets that are there at once when a stream has been opened, since opening looks at some, each with the moment at which
/// it came in: so much before the last as its time says.
struct PacketBacklog {
  /// A packet that is kept: owns a reference of libavcodec.
  @safe final class Kept {
    let pointer: UnsafePointer<AVPacket>

    fileprivate init?(_ packet: UnsafePointer<AVPacket>) {
      guard let copy = unsafe av_packet_clone(packet) else { return nil }
      unsafe pointer = UnsafePointer(copy)
    }

    deinit {
      var packet: UnsafeMutablePointer<AVPacket>? = unsafe UnsafeMutablePointer(mutating: pointer)
      unsafe av_packet_free(&packet)
    }
  }

  private var packets: [(packet: Kept, stream: Int, time: Int64?)] = []
  private var index = 0
  private var byteCount = 0
  private var isOver = false
  private var end: Int64 = 0
  /// Nanoseconds of the last packet of each stream.
  private var latest: [Int: Int64] = [:]

  /// Nanoseconds that reading takes where nothing is there yet.
  private static let wait: Int64 = 5_000_000
  private static let maximumCount = 10_000
  private static let maximumByteCount = 64 << 20

  /// - Returns: when reading of the next packet begins; `nil` once packets come as they are sent.
  func reading(since now: Int64) -> Int64? {
    isOver || packets.count >= Self.maximumCount || byteCount >= Self.maximumByteCount ? nil : now
  }

  mutating func end(_ begin: Int64, at now: Int64) {
    end = now
    isOver = now - begin > Self.wait
  }

  mutating func add(
    _ pointer: UnsafePointer<AVPacket>, _ packet: Packet, _ timeBase: (Int64, Int64)
  ) {
    guard let kept = unsafe Kept(pointer) else { return }
    let time = (packet.decodeTime ?? packet.presentationTime).map {
      av_rescale(Int64($0), timeBase.0 * 1_000_000_000, max(1, timeBase.1))
    }
    if let time { latest[packet.stream] = time }
    packets.append((kept, packet.stream, time))
    byteCount += packet.byteCount
  }

  /// The next packet, and when it came in; `nil` if there is none.
  mutating func next() -> (Kept, Int64)? {
    guard index < packets.count else {
      packets = []
      return nil
    }
    let (packet, stream, time) = packets[index]
    index += 1
    let early = time.flatMap { time in latest[stream].map { max(0, $0 - time) } } ?? 0
    return (packet, end - early)
  }
}
