import Codecs
import NIOCore
import Testing

/// A NAL unit of H.264: header byte, then what `body` writes, then some payload.
private func h264(_ header: UInt8, _ body: (inout BitWriter) -> Void = { _ in }) -> [UInt8] {
  var bits = BitWriter()
  body(&bits)
  bits.trailingBits()
  return [header] + EmulationPrevention.inserted(into: bits.bytes + [0, 0, 0, 0x80])
}

private func slice(_ header: UInt8, first: UInt32 = 0, type: UInt32) -> [UInt8] {
  h264(header) {
    $0.ue(first)
    $0.ue(type)
  }
}

/// A recovery point message behind another one of 300 bytes.
private func recoveryPoint(_ frameCount: UInt32) -> [UInt8] {
  h264(6) {
    for byte in [5, 255, 45] + Array(repeating: 0, count: 300) { $0.u(8, byte) }
    $0.u(8, 6)
    $0.u(8, 4)
    $0.ue(frameCount)
  }
}

private func sample(_ units: [[UInt8]], _ framing: NALUnitFraming) -> ByteBuffer {
  var buffer = ByteBuffer()
  for unit in units {
    switch framing {
    case .annexB: buffer.writeBytes([0, 0, 0, 1])
    case .lengthPrefixed(.one): buffer.writeInteger(UInt8(unit.count))
    case .lengthPrefixed(.two): buffer.writeInteger(UInt16(unit.count))
    case .lengthPrefixed(.four): buffer.writeInteger(UInt32(unit.count))
    }
    buffer.writeBytes(unit)
  }
  return buffer
}

private func accessUnit(
  _ codec: VideoCodec, _ units: [[UInt8]], framing: NALUnitFraming = .lengthPrefixed(.four),
  parameters: SliceParameters = SliceParameters()
) throws -> AccessUnit {
  let buffer = sample(units, framing)
  return try AccessUnit(
    in: buffer, at: 0, count: buffer.readableBytes, codec: codec, framing: framing,
    parameters: parameters)
}

struct H264AccessUnitTests {
  static let parameterSets: [[UInt8]] = [H264ParameterSetTests.high444.array, [0x68, 0xeb, 0xe3]]
  static let pictures: [(String, [[UInt8]], AccessUnit.Picture, Bool)] = [
    ("IDR", [slice(0x65, type: 7)], .idr, false),
    ("IDR field, P field", [slice(0x65, type: 2), slice(0x41, type: 0)], .idr, false),
    ("I slices", [slice(0x41, type: 7), slice(0x41, first: 40, type: 2)], .intra, false),
    ("I and P slices", [slice(0x41, type: 2), slice(0x41, first: 40, type: 0)], .inter, false),
    ("B of no reference", [slice(0x01, type: 6), slice(0x01, first: 9, type: 1)], .inter, true),
    ("B field of reference", [slice(0x01, type: 1), slice(0x21, type: 1)], .inter, false),
    ("recovery point", [recoveryPoint(0), slice(0x41, type: 7)], .recoveryPoint, false),
    ("SI recovery point", [recoveryPoint(0), slice(0x41, type: 4)], .recoveryPoint, false),
    ("gradual refresh", [recoveryPoint(12), slice(0x41, type: 5)], .inter, false),
    ("gradual refresh, I", [recoveryPoint(65535), slice(0x41, type: 7)], .intra, false),
    ("P at a recovery point", [recoveryPoint(0), slice(0x41, type: 5)], .inter, false),
    (
      "recovery point in fields",
      [recoveryPoint(0), slice(0x61, type: 7), slice(0x41, type: 5)], .recoveryPoint, false
    ),
    ("no slice", [[9, 0xf0], [12, 0xff, 0x80]], .none, false),
    ("no slice data", [[0x41]], .inter, false),
  ]

  @Test(arguments: pictures)
  func `pictures by their slices`(
    name: String, units: [[UInt8]], picture: AccessUnit.Picture, isDisposable: Bool
  ) throws {
    for framing in [NALUnitFraming.lengthPrefixed(.four), .lengthPrefixed(.two), .annexB] {
      let unit = try accessUnit(.h264, units, framing: framing)
      #expect(unit.picture == picture, "\(name)")
      #expect(unit.isDisposable == isDisposable, "\(name)")
      #expect((unit.temporalID, unit.leading) == (0, .none))
    }
  }

  @Test func `parameter sets, delimiter and filler are found where they lie`() throws {
    let units = [[9, 0x10]] + Self.parameterSets + [slice(0x65, type: 7), [12, 0xff, 0x80]]
    let buffer = sample(units, .annexB)
    let unit = try AccessUnit(
      in: buffer, at: 0, count: buffer.readableBytes, codec: .h264, framing: .annexB)
    #expect(unit.parameterSets.map(\.kind) == [.sequence, .picture])
    for (set, bytes) in zip(unit.parameterSets, Self.parameterSets) {
      #expect(buffer.getBytes(at: set.range.offset, length: set.range.count) == bytes)
    }
    #expect(unit.accessUnitDelimiter == NALUnitRange(offset: 4, count: 2))
    #expect(unit.fillers.map(\.count) == [3])
  }

  @Test func `only the run of the sample is read`() throws {
    var buffer = sample([slice(0x41, type: 5)], .lengthPrefixed(.four))
    let first = buffer.readableBytes
    var second = sample([slice(0x65, type: 7)], .lengthPrefixed(.four))
    let count = second.readableBytes
    buffer.writeBuffer(&second)
    let framing = NALUnitFraming.lengthPrefixed(.four)
    let a = try AccessUnit(in: buffer, at: 0, count: first, codec: .h264, framing: framing)
    let b = try AccessUnit(in: buffer, at: first, count: count, codec: .h264, framing: framing)
    #expect((a.picture, b.picture) == (.inter, .idr))
  }

  @Test func `an empty sample has no picture`() throws {
    for codec in VideoCodec.allCases {
      #expect(try accessUnit(codec, []).picture == .none)
    }
  }

  @Test func `damage never traps`() {
    for (_, units, _, _) in Self.pictures {
      for framing in [NALUnitFraming.lengthPrefixed(.two), .annexB] {
        survivesDamage(sample(units, framing), rounds: 200) {
          _ = try AccessUnit(
            in: $0, at: 0, count: $0.readableBytes, codec: .h264, framing: framing)
          _ = try AccessUnit(
            in: $0, at: 0, count: $0.readableBytes, codec: .hevc, framing: framing)
        }
      }
    }
  }
}

struct HEVCAccessUnitTests {
  private static func segment(
    _ type: UInt8, temporalID: UInt8 = 0, layer: UInt8 = 0, _ body: (inout BitWriter) -> Void
  ) -> [UInt8] {
    var bits = BitWriter()
    body(&bits)
    bits.trailingBits()
    return [type << 1 | layer >> 5, layer << 3 | (temporalID + 1)]
      + EmulationPrevention.inserted(into: bits.bytes + [0, 0, 1])
  }

  /// The first slice segment of a picture that is no IRAP.
  private static func first(
    _ type: UInt8, temporalID: UInt8 = 0, layer: UInt8 = 0, pps: UInt32 = 0, extra: Int = 0,
    slice: UInt32
  ) -> [UInt8] {
    segment(type, temporalID: temporalID, layer: layer) {
      $0.flag(true)
      $0.ue(pps)
      $0.u(extra, 0)
      $0.ue(slice)
    }
  }

  /// Parameters as a track has them: 640×360 with blocks of 64, so addresses of six bits.
  private static func parameters() throws -> SliceParameters {
    var pps = BitWriter()
    pps.u(16, 0x4401)
    pps.ue(1)
    pps.ue(0)
    pps.flag(true)  // dependent_slice_segments_enabled_flag
    pps.flag(false)
    pps.u(3, 2)  // num_extra_slice_header_bits
    pps.u(2, 0)
    for _ in 0..<3 { pps.ue(0) }
    pps.u(3, 0)
    pps.ue(0)
    pps.ue(0)
    pps.u(8, 0)
    pps.trailingBits()
    return SliceParameters(
      try HEVCDecoderConfigurationRecord(
        videoParameterSets: [HEVCParameterSetTests.layersVideo],
        sequenceParameterSets: [HEVCParameterSetTests.layers],
        pictureParameterSets: [HEVCParameterSetTests.picture422, pps.buffer]))
  }

  @Test(
    arguments: [
      (16, .bla, .none), (17, .bla, .none), (18, .bla, .none), (19, .idr, .none), (20, .idr, .none),
      (21, .cra, .none), (0, .inter, .none), (1, .inter, .none), (6, .inter, .radl),
      (7, .inter, .radl), (8, .inter, .rasl), (9, .inter, .rasl), (22, .none, .none),
      (10, .none, .none), (41, .none, .none),
    ] as [(UInt8, AccessUnit.Picture, AccessUnit.Leading)])
  func `pictures by NAL unit type`(
    type: UInt8, picture: AccessUnit.Picture, leading: AccessUnit.Leading
  ) throws {
    let unit = try accessUnit(
      .hevc, [Self.first(type, slice: 1)], parameters: try Self.parameters())
    #expect(unit.picture == picture)
    #expect(unit.leading == leading)
  }

  @Test(
    arguments: [
      (0, 1, true), (8, 1, true), (6, 1, true), (14, 1, false), (1, 1, false), (0, 0, false),
      (9, 1, false), (21, 1, false),
    ] as [(UInt8, UInt8, Bool)])
  func `only sub-layer non-references of the highest sub-layer are disposable`(
    type: UInt8, temporalID: UInt8, isDisposable: Bool
  ) throws {
    let unit = try accessUnit(
      .hevc, [Self.first(type, temporalID: temporalID, slice: 0)],
      parameters: try Self.parameters())
    #expect(unit.isDisposable == isDisposable)
    if unit.picture != .none { #expect(unit.temporalID == Int(temporalID)) }
  }

  @Test func `a picture is intra when every slice is`() throws {
    let parameters = try Self.parameters()
    func picture(_ units: [[UInt8]]) throws -> AccessUnit.Picture {
      try accessUnit(.hevc, units, parameters: parameters).picture
    }
    func further(address: Int, slice: UInt32) -> [UInt8] {
      Self.segment(1) {
        $0.flag(false)
        $0.ue(1)
        $0.flag(false)  // dependent_slice_segment_flag
        $0.u(6, address)
        $0.u(2, 3)
        $0.ue(slice)
      }
    }
    let dependent = Self.segment(1) {
      $0.flag(false)
      $0.ue(1)
      $0.flag(true)
      $0.u(6, 9)
    }
    #expect(try picture([Self.first(1, slice: 2)]) == .intra)
    #expect(try picture([Self.first(1, slice: 0)]) == .inter)
    #expect(try picture([Self.first(1, pps: 1, extra: 2, slice: 2), dependent]) == .intra)
    let intra = Self.first(1, pps: 1, extra: 2, slice: 2)
    #expect(try picture([intra, further(address: 59, slice: 2)]) == .intra)
    #expect(try picture([intra, further(address: 59, slice: 1)]) == .inter)
    // Without its parameter set a slice header cannot be read.
    #expect(try picture([Self.first(1, pps: 5, slice: 2)]) == .inter)
  }

  @Test func `layers above the base are passed over`() throws {
    let unit = try accessUnit(
      .hevc,
      [Self.first(0, slice: 0), Self.first(19, layer: 1, slice: 2), [0x42, 0x09, 1]],
      parameters: try Self.parameters())
    #expect(unit.picture == .inter)
    #expect(unit.parameterSets.isEmpty)
  }

  @Test func `parameter sets inside a sample serve the samples behind it`() throws {
    let units = [
      [35 << 1, 1, 0x50], HEVCParameterSetTests.layersVideo.array,
      HEVCParameterSetTests.layers.array, HEVCParameterSetTests.picture422.array,
      Self.first(19, slice: 2), [38 << 1, 1, 0xff, 0x80],
    ]
    let buffer = sample(units, .lengthPrefixed(.four))
    let first = try AccessUnit(
      in: buffer, at: 0, count: buffer.readableBytes, codec: .hevc,
      framing: .lengthPrefixed(.four))
    #expect(first.parameterSets.map(\.kind) == [.video, .sequence, .picture])
    #expect(first.accessUnitDelimiter?.count == 3)
    #expect(first.fillers.map(\.count) == [4])
    var parameters = SliceParameters()
    parameters.take(first, in: buffer)
    #expect(parameters.maxSubLayers == 2)
    let second = try accessUnit(.hevc, [Self.first(1, slice: 2)], parameters: parameters)
    #expect(second.picture == .intra)
  }
}

struct SampleDependencyTests {
  @Test func `the words of sample_flags`() throws {
    func flags(_ units: [[UInt8]]) throws -> UInt32 {
      SampleDependency(try accessUnit(.h264, units)).flags
    }
    #expect(try flags([slice(0x65, type: 7)]) == 0x0200_0000)
    #expect(try flags([slice(0x41, type: 7)]) == 0x0201_0000)
    #expect(try flags([recoveryPoint(0), slice(0x41, type: 7)]) == 0x0201_0000)
    #expect(try flags([slice(0x41, type: 5)]) == 0x0101_0000)
    #expect(try flags([slice(0x01, type: 6)]) == 0x0181_0000)
    #expect(try flags([[9, 0xf0]]) == 0x0101_0000)
  }
}
