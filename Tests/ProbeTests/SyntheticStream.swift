import HLS
import ISOBMFF
import MediaCore
import NIOCore

@testable import Probe

/// A live stream of parts made of nothing: what a server would say and send when so many parts are there.
struct SyntheticStream {
  static let partMilliseconds = 100
  static let partsInSegment = 10
  static let windowLength = 8

  /// Since 1970, in milliseconds: of part 0.
  let start: Int64
  /// Parts that are there.
  var count: Int

  var master: String {
    "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=800000,CODECS=\"avc1.640028\",RESOLUTION=640x360\nv.m3u8\n"
  }

  var playlist: String {
    let last = count / Self.partsInSegment
    let first = max(0, last - Self.windowLength)
    var text = """
      #EXTM3U
      #EXT-X-VERSION:6
      #EXT-X-TARGETDURATION:1
      #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.3,HOLD-BACK=3
      #EXT-X-PART-INF:PART-TARGET=0.1
      #EXT-X-MEDIA-SEQUENCE:\(first)
      #EXT-X-MAP:URI="init.mp4"

      """
    for number in first...last {
      let parts = min(Self.partsInSegment, count - number * Self.partsInSegment)
      guard parts > 0 else { break }
      text += "#EXT-X-PROGRAM-DATE-TIME:\(date(number * Self.partsInSegment))\n"
      if number > last - 3 {
        for part in 0..<parts {
          text +=
            "#EXT-X-PART:DURATION=0.1,URI=\"\(number).\(part).m4s\""
            + (part == 0 ? ",INDEPENDENT=YES\n" : "\n")
        }
      }
      if parts == Self.partsInSegment { text += "#EXTINF:1.000000,\n\(number).m4s\n" }
    }
    text += "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"\(last).\(count % Self.partsInSegment).m4s\"\n"
    return text
  }

  private func date(_ part: Int) -> String {
    let milliseconds = start + Int64(part * Self.partMilliseconds)
    return ProgramDateTime(millisecondsSince1970: milliseconds).description
  }

  /// 2020-01-01 in milliseconds.
  static let day: Int64 = 1_577_836_800_000

  static var header: ByteBuffer {
    var bytes = ByteBuffer()
    bytes.writeBox("ftyp") { $0.writeString("cmf2") }
    bytes.writeBox("moov") {
      $0.writeBox("trak") {
        $0.writeBox("mdia") {
          MediaHeaderBox(timescale: .init(literal: 1000), language: "und").write(into: &$0)
        }
      }
    }
    return bytes
  }

  func chunk(_ index: Int, byteCount: Int = 4000) -> ByteBuffer {
    var bytes = ByteBuffer()
    let milliseconds = start + Int64(index * Self.partMilliseconds)
    bytes.writeFullBox("prft", version: 1, flags: 24) {
      $0.writeInteger(UInt32(1))
      let seconds = UInt64(milliseconds / 1000 + 2_208_988_800)
      $0.writeInteger(seconds << 32 | UInt64(milliseconds % 1000) << 32 / 1000)
      $0.writeInteger(UInt64(index * Self.partMilliseconds))
    }
    bytes.writeBox("moof") {
      $0.writeBox("traf") {
        TrackFragmentHeaderBox(trackID: 1, duration: 50).write(into: &$0)
        $0.writeFullBox("trun") { $0.writeInteger(UInt32(2)) }
      }
    }
    bytes.writeBox("mdat") { $0.writeRepeatingByte(7, count: byteCount) }
    return bytes
  }

  /// The answer to a path.
  enum Answer {
    case bytes(ByteBuffer)
    case text(String)
    case status(Int)
    /// When so many parts are there.
    case later(Int)
  }

  func answer(_ address: WebAddress) -> Answer {
    let path = address.plain.target.dropFirst()
    switch path {
    case "main.m3u8": return .text(master)
    case "init.mp4": return .bytes(Self.header)
    case "v.m3u8":
      let part = address.directive("_HLS_part").map { Int($0) }
      guard let number = address.directive("_HLS_msn").map({ Int($0) }) else {
        return part == nil ? .text(playlist) : .status(400)
      }
      guard number <= count / Self.partsInSegment + 2 else { return .status(400) }
      let wanted =
        (part.map { number * Self.partsInSegment + $0 + 1 })
        ?? (number + 1) * Self.partsInSegment
      return wanted <= count ? .text(playlist) : .later(wanted)
    default:
      let names = path.split(separator: ".")
      guard names.last == "m4s", let number = Int(names[0]) else { return .status(404) }
      if names.count == 3, let part = Int(names[1]) {
        let index = number * Self.partsInSegment + part
        guard index <= count else { return .status(404) }
        return index < count ? .bytes(chunk(index)) : .later(index + 1)
      }
      guard (number + 1) * Self.partsInSegment <= count else { return .status(404) }
      var bytes = ByteBuffer()
      for part in 0..<Self.partsInSegment {
        bytes.writeImmutableBuffer(chunk(number * Self.partsInSegment + part))
      }
      return .bytes(bytes)
    }
  }
}
