import Foundation

/// A transport stream with splice messages (SCTE 35), which FFmpeg's muxer does not write.
package enum SpliceStream {
  private static let packetByteCount = 188
  private static let pid: UInt16 = 0x1F0

  /// Adds a stream of messages to one that the `ffmpeg` program made.
  ///
  /// - Parameters:
  ///   - messages: whole sections of at most 183 bytes in order, each with when it comes: ticks of 90 kHz from the
  ///     first of the program's clock.
  ///   - source: the file without them.
  package static func add(
    _ messages: [(ticks: Int64, section: [UInt8])], to source: String, as path: String
  ) throws {
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: source)))
    var waiting = messages[...]
    var (made, count) = ([UInt8](), UInt8(0))
    var table: UInt16?
    var first: Int64?
    for start in stride(from: 0, through: bytes.count - packetByteCount, by: packetByteCount) {
      var packet = Array(bytes[start..<start + packetByteCount])
      let number = UInt16(packet[1] & 0x1F) << 8 | UInt16(packet[2])
      if number == 0, packet[1] & 0x40 != 0 {
        let at = 5 + Int(packet[4])
        table = UInt16(packet[at + 10] & 0x1F) << 8 | UInt16(packet[at + 11])
      }
      if number == table, packet[1] & 0x40 != 0 { packet = announcing(packet) }
      if let clock = clock(of: packet) {
        let passed = clock - (first ?? clock)
        first = first ?? clock
        while let message = waiting.first, message.ticks <= passed {
          made += filled(
            [0x47, 0x40 | UInt8(pid >> 8), UInt8(pid & 0xFF), 0x10 | count, 0] + message.section)
          count = (count + 1) % 16
          waiting.removeFirst()
        }
      }
      made += packet
    }
    try Data(made).write(to: URL(filePath: path))
  }

  /// The program clock reference in 90 kHz (ISO/IEC 13818-1 §2.4.3.5).
  private static func clock(of packet: [UInt8]) -> Int64? {
    guard packet[3] & 0x20 != 0, packet[4] > 0, packet[5] & 0x10 != 0 else { return nil }
    return packet[6..<10].reduce(0) { $0 << 8 | Int64($1) } << 1 | Int64(packet[10] >> 7)
  }

  /// The program map with the stream of messages (SCTE 35 §8.1).
  private static func announcing(_ packet: [UInt8]) -> [UInt8] {
    let start = 5 + Int(packet[4])
    let length = Int(packet[start + 1] & 0xF) << 8 | Int(packet[start + 2])
    var section = Array(packet[start..<start + 3 + length - 4])
    let described = Int(section[10] & 0xF) << 8 | Int(section[11])
    section.insert(contentsOf: [5, 4] + Array("CUEI".utf8), at: 12 + described)
    section[11] = UInt8(described + 6)
    section += [0x86, 0xE0 | UInt8(pid >> 8), UInt8(pid & 0xFF), 0xF0, 0]
    section[2] = UInt8(section.count - 3 + 4)
    let checksum = checksum(section)
    section += (0..<4).map { UInt8(truncatingIfNeeded: checksum >> (24 - 8 * UInt32($0))) }
    return filled(Array(packet[..<4]) + [0] + section)
  }

  private static func filled(_ bytes: [UInt8]) -> [UInt8] {
    bytes + Array(repeating: 0xFF, count: packetByteCount - bytes.count)
  }

  /// CRC_32 (ISO/IEC 13818-1 Annex A).
  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    bytes.reduce(UInt32.max) { value, byte in
      (0..<8).reduce(value ^ UInt32(byte) << 24) { rest, _ in
        rest & 0x8000_0000 != 0 ? rest << 1 ^ 0x04C1_1DB7 : rest << 1
      }
    }
  }
}
