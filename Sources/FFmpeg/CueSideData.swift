import CFFmpeg
import NIOCore

/// Identifier and settings of a WebVTT cue, which Matroska and WebM keep beside its text.
struct CueSideData: Hashable {
  var identifier = ByteBuffer()
  var settings = ByteBuffer()

  /// Bytes of either, at most.
  private static let maximumByteCount = 4096

  /// Takes what one side datum of a packet says, if it is of a cue.
  static func take(_ side: AVPacketSideData, into cue: inout CueSideData?) {
    let bytes = {
      var bytes = ByteBuffer()
      if unsafe side.size > 0, unsafe side.size <= maximumByteCount, let data = unsafe side.data {
        unsafe _ = bytes.writeBytes(
          UnsafeRawBufferPointer(start: data, count: Int(side.size)))
      }
      return bytes
    }
    switch unsafe side.type {
    case AV_PKT_DATA_WEBVTT_IDENTIFIER:
      cue = cue ?? CueSideData()
      cue?.identifier = bytes()
    case AV_PKT_DATA_WEBVTT_SETTINGS:
      cue = cue ?? CueSideData()
      cue?.settings = bytes()
    case AV_PKT_DATA_MATROSKA_BLOCKADDITIONAL:
      // BlockAddID 1 of S_TEXT/WEBVTT: a line of settings, a line of identifier.
      var addition = bytes()
      guard addition.readInteger(as: UInt64.self) == 1 else { return }
      let lines = addition.readableBytesView.split(
        separator: 0x0a, maxSplits: 2, omittingEmptySubsequences: false)
      cue = cue ?? CueSideData()
      if let first = lines.first { cue?.settings = ByteBuffer(bytes: first) }
      if lines.count > 1 { cue?.identifier = ByteBuffer(bytes: lines[1]) }
    default: break
    }
  }

  /// A cue as a `wvtt` sample has it (ISO/IEC 14496-30 §6.6): `vttc` with identifier, settings, text.
  static func sample(_ text: ByteBuffer, _ cue: CueSideData?) -> ByteBuffer {
    let boxes: [(String, ByteBuffer)] = [
      ("iden", cue?.identifier ?? ByteBuffer()), ("sttg", cue?.settings ?? ByteBuffer()),
      ("payl", text),
    ].filter { $0.0 == "payl" || $0.1.readableBytes > 0 }
    var sample = ByteBuffer()
    sample.writeInteger(UInt32(8 + boxes.reduce(0) { $0 + 8 + $1.1.readableBytes }))
    sample.writeString("vttc")
    for (type, payload) in boxes {
      sample.writeInteger(UInt32(8 + payload.readableBytes))
      sample.writeString(type)
      sample.writeImmutableBuffer(payload)
    }
    return sample
  }
}
