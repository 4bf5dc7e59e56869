import Codecs
import Foundation
import HLS
import ISOBMFF
import Library
import MediaCore
import NIOCore

/// Splice messages, and the events of a title's description.
extension FuzzTarget {
  static let eventTargets = [
    FuzzTarget(name: "splice") { bytes in
      tolerant {
        let section = try SpliceInfoSection(parsing: bytes)
        _ = section.withoutTime
        let point = SplicePoint(
          time: MediaTime(0, Timescale(literal: 90_000)), section: Array(bytes.readableBytesView))
        _ = SpliceRange.ranges(of: [point, point]).map(\.length)
        // What is written of it is read again.
        guard try SpliceInfoSection(parsing: section.bytes) == section else {
          fatalError("\(section)")
        }
      }
      // The sum of a fuzzed section hardly ever holds: the same with the right one.
      guard bytes.readableBytes >= 15, bytes.readableBytes < SpliceInfoSection.maximumByteCount
      else {
        return
      }
      var whole = Array(bytes.readableBytesView)
      whole[0] = SpliceInfoSection.tableID
      whole[1] = UInt8((whole.count + 1) >> 8)
      whole[2] = UInt8((whole.count + 1) & 0xFF)
      let sum = CRC32.checksum(whole)
      whole += (0..<4).map { UInt8(truncatingIfNeeded: sum >> (24 - 8 * UInt32($0))) }
      tolerant { _ = try SpliceInfoSection(parsing: ByteBuffer(bytes: whole)) }
    },
    FuzzTarget(name: "events") { bytes in
      tolerant {
        let description = try TitleDescription(
          json: Data(bytes.readableBytesView), path: "title.json")
        tolerant { _ = try description.readChapters(path: "title.json") }
        tolerant {
          _ = SpliceRange.ranges(of: try description.readSplices(path: "title.json"))
        }
      }
    },
  ]
}
