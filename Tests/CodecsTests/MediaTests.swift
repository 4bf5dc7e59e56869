import Codecs
import Foundation
import MediaCore
import NIOCore
import Testing

/// Streams of other encoders, in the folder that `DOUGONG_MEDIA` names.
@Suite(.enabled(if: mediaFolder != nil))
struct MediaTests {
  private func file(_ path: String) throws -> ByteBuffer {
    let url = URL(fileURLWithPath: mediaFolder ?? "").appendingPathComponent(path)
    return ByteBuffer(bytes: try Data(contentsOf: url))
  }

  /// The payloads of all boxes of a type, found by their four characters.
  private func payloads(of type: String, in file: ByteBuffer) -> [ByteBuffer] {
    let bytes = file.array
    let name = Array(type.utf8)
    return bytes.indices.dropFirst(4).dropLast(3).compactMap { index in
      guard bytes[index] == name[0], Array(bytes[index..<index + 4]) == name,
        let size = file.getInteger(at: index - 4, as: UInt32.self), size > 8
      else { return nil }
      return file.getSlice(at: index + 4, length: Int(size) - 8)
    }
  }

  @Test func `a conformance stream's sample aspect ratio`() throws {
    let stream = try file("open/jvt-h264/SarVui.264")
    var units = NALUnits.annexB(in: stream)
    var found: [H264SequenceParameterSet] = []
    while let unit = try units.next() {
      let bytes = try #require(stream.getSlice(at: unit.offset, length: unit.count))
      if bytes.getInteger(at: bytes.readerIndex, as: UInt8.self).map({ $0 & 0x1f }) == 7 {
        found.append(try H264SequenceParameterSet(nalUnit: bytes))
      }
    }
    let sps = try #require(found.first)
    #expect((sps.width, sps.height, sps.profileIDC, sps.levelIDC) == (176, 144, 66, 21))
    #expect(sps.sampleAspectRatio == Rational(80, 33))
  }

  @Test(arguments: [
    ("real/portrait_4k60.mp4", 3840, 2160, "avc1.640033"),
    ("gop-timing/sar_anamorphic.mp4", 720, 576, "avc1.64001e"),
    ("conformance/bt709_full_range.mp4", 1280, 720, "avc1.64001f"),
  ])
  func `AVC records`(path: String, width: Int, height: Int, string: String) throws {
    let payload = try #require(payloads(of: "avcC", in: try file("open/" + path)).first)
    let record = try AVCDecoderConfigurationRecord(parsing: payload)
    #expect(CodecString.avc(record) == string)
    let sps = try H264SequenceParameterSet(nalUnit: record.sequenceParameterSets[0])
    #expect((sps.width, sps.height) == (width, height))
  }

  @Test(arguments: [
    ("hdr10_hevc_720p.mp4", VideoRange.pq, Rational(24000, 1001), "hvc1.2.4.L93.90"),
    ("hlg_hevc_50p.mp4", .hlg, Rational(50, 1), "hvc1.2.4.L120.90"),
    ("hevc_opengop_rasl.mp4", .sdr, Rational(24000, 1001), "hvc1.1.6.L63.90"),
  ])
  func `HEVC records`(
    path: String, range: VideoRange, rate: Rational?, string: String
  ) throws {
    let media = try file("open/hdr-hevc-av1-vp9/" + path)
    let payload = try #require(payloads(of: "hvcC", in: media).first)
    let record = try HEVCDecoderConfigurationRecord(parsing: payload)
    #expect(record.bytes == payload)
    #expect(CodecString.hevc(record) == string)
    let unit = try #require(record.nalUnits(of: .sequenceParameterSet).first)
    let sps = try HEVCSequenceParameterSet(nalUnit: unit)
    #expect(VideoRange(sps.colour ?? .unspecified) == range)
    #expect(sps.timing?.frameRate == rate)
  }

  @Test func `every frame of an ADTS stream`() throws {
    let stream = try file("open/audio/Blue_Devils_30s.aac")
    var (index, count) = (0, 0)
    while index < stream.readableBytes {
      let header = try ADTSHeader(in: stream, at: index)
      #expect(CodecString.mpeg4Audio(try AudioSpecificConfig(header)) == "mp4a.40.2")
      index += header.frameByteCount
      count += header.rawDataBlockCount
    }
    #expect(count == 1387)
  }

  @Test func `records of damaged files never trap`() throws {
    let folder = (mediaFolder ?? "") + "/open/corrupt-made"
    for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    where name.hasSuffix(".mp4") {
      let media = try file("open/corrupt-made/" + name)
      for payload in payloads(of: "avcC", in: media) {
        let record = try? AVCDecoderConfigurationRecord(parsing: payload)
        for unit in record?.sequenceParameterSets ?? [] {
          _ = try? H264SequenceParameterSet(nalUnit: unit)
        }
      }
      for payload in payloads(of: "esds", in: media) {
        let body = payload.getSlice(
          at: payload.readerIndex + 4, length: max(0, payload.readableBytes - 4))
        _ = try? ESDescriptor(parsing: body ?? ByteBuffer())
      }
    }
  }
}

private let mediaFolder = ProcessInfo.processInfo.environment["DOUGONG_MEDIA"]
