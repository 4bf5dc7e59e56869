import Codecs
import NIOCore

/// Turns the packets of a stream into the samples of a CMAF track.
struct SampleFormatter {
  enum Form: Hashable {
    /// As they are.
    case unchanged
    /// Start codes or in-band parameter sets: NAL units behind lengths of four bytes, without
    /// parameter sets, access unit delimiters and filler.
    case nalUnits(VideoCodec, NALUnitFraming)
    /// Frames of VP9, joined by a `VP9SuperframeBuilder`.
    case superframe
    /// Units of AV1 without temporal delimiters, padding and tile lists (AV1-ISOBMFF §2.4).
    case temporalUnit
    /// The header of each ADTS frame is cut off.
    case adts
    /// Frames of E-AC-3 of less than six blocks are put together; see `FrameGatherer`.
    case eac3
    /// A WebVTT cue with its identifier and settings becomes the boxes of a `wvtt` sample.
    case webVTT
  }

  let form: Form

  /// Appends a packet's sample to `bytes`.
  /// - Returns: the sample's bytes.
  func append(
    _ packet: ByteBuffer, cue: CueSideData? = nil, to bytes: inout ByteBuffer
  ) throws -> Int {
    switch form {
    case .unchanged, .eac3, .superframe:
      return bytes.writeImmutableBuffer(packet)
    case .webVTT: return bytes.writeImmutableBuffer(CueSideData.sample(packet, cue))
    case .adts:
      let header = try ADTSHeader(in: packet, at: packet.readerIndex)
      guard header.rawDataBlockCount == 1 else {
        throw FFmpegError(
          .unsupported,
          "an ADTS frame holds \(header.rawDataBlockCount) raw data blocks; one is expected")
      }
      guard
        let block = packet.getSlice(
          at: packet.readerIndex + header.headerByteCount,
          length: min(header.payloadByteCount, packet.readableBytes - header.headerByteCount))
      else { throw FFmpegError(.damaged, "an ADTS frame is shorter than its header") }
      return bytes.writeImmutableBuffer(block)
    case .temporalUnit:
      var units = AV1OBUs(in: packet, at: packet.readerIndex, count: packet.readableBytes)
      var count = 0
      while let unit = try units.next() {
        let left: [AV1OBU.Kind?] = [nil, .temporalDelimiter, .padding, .tileList]
        guard !left.contains(unit.kind),
          let slice = packet.getSlice(at: unit.offset, length: unit.count)
        else { continue }
        count += bytes.writeImmutableBuffer(slice)
      }
      return count
    case .nalUnits(let codec, let framing):
      var units = try NALUnits(
        in: packet, at: packet.readerIndex, count: packet.readableBytes, framing: framing)
      var count = 0
      while let unit = try units.next() {
        guard let header = packet.getInteger(at: unit.offset, as: UInt8.self),
          !Self.isLeftOut(header, codec),
          let slice = packet.getSlice(at: unit.offset, length: unit.count)
        else { continue }
        count += bytes.writeInteger(UInt32(unit.count)) + bytes.writeImmutableBuffer(slice)
      }
      return count
    }
  }

  private static func isLeftOut(_ header: UInt8, _ codec: VideoCodec) -> Bool {
    switch codec {
    case .av1, .vp9: return false
    case .h264:
      let left: [H264NALUnitType] = [
        .sequenceParameterSet, .pictureParameterSet, .sequenceParameterSetExtension,
        .accessUnitDelimiter, .fillerData, .endOfSequence, .endOfStream,
      ]
      return left.contains(H264NALUnitType(header: header))
    case .hevc:
      let left: [HEVCNALUnitType] = [
        .videoParameterSet, .sequenceParameterSet, .pictureParameterSet, .accessUnitDelimiter,
        .fillerData, .endOfSequence, .endOfBitstream,
      ]
      return left.contains(HEVCNALUnitType(header: header))
    }
  }
}
