package import NIOCore

/// A parameter set inside a sample.
package struct ParameterSetRange: Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    /// VPS of HEVC.
    case video
    case sequence
    case picture
    /// NAL unit type 13 of H.264.
    case sequenceExtension
    /// Payload of the unit of AV1.
    case sequenceHeader
  }

  package var kind: Kind
  package var range: NALUnitRange
}

/// What the NAL units of one sample say of its picture.
///
///     let unit = try AccessUnit(
///       in: buffer, at: 0, count: size, codec: .h264, framing: .lengthPrefixed(.four))
///     unit.picture  // .idr
///
/// Reads NAL unit headers and the first bytes of slice headers only, and allocates only for
/// parameter sets and filler data inside the sample. NAL units of HEVC layers above the base are
/// passed over.
package struct AccessUnit: Hashable, Sendable {
  /// How a picture can be entered.
  package enum Picture: String, Hashable, Sendable, CaseIterable {
    /// No slice in the sample.
    case none
    case idr
    /// HEVC: broken link access.
    case bla
    /// HEVC: clean random access.
    case cra
    /// H.264: a recovery point with recovery_frame_cnt 0 whose first picture has I or SI slices
    /// only.
    case recoveryPoint
    /// AV1, VP9: a key frame that is shown, and whatever it needs stands before it.
    case key
    /// Intra coded only, no random access.
    case intra
    case inter
  }

  /// HEVC: pictures that precede their IRAP picture in output order (ISO/IEC 23008-2 §3).
  package enum Leading: String, Hashable, Sendable, CaseIterable {
    case none
    /// Decodable when decoding starts at the IRAP picture.
    case radl
    /// Not decodable when decoding starts at the IRAP picture.
    case rasl
  }

  package private(set) var picture = Picture.none
  package private(set) var leading = Leading.none
  /// No other sample refers to it. AV1, VP9: no frame of the sample replaces one of the pool. H.264: nal_ref_idc 0 in every slice. HEVC: a sub-layer
  /// non-reference picture of the highest temporal sub-layer.
  package private(set) var isDisposable = false
  /// TemporalId of HEVC, 0 to 6; 0 in H.264.
  package private(set) var temporalID = 0
  /// In order; empty in most samples.
  package private(set) var parameterSets: [ParameterSetRange] = []
  /// VP9: what the sample's key frame says of its pictures.
  package private(set) var vp9Format: VP9Format?
  /// The first access unit delimiter.
  package private(set) var accessUnitDelimiter: NALUnitRange?
  /// Filler data NAL units.
  package private(set) var fillers: [NALUnitRange] = []

  /// Reads a sample.
  ///
  /// - Parameters:
  ///   - offset: Index of the sample's first byte in the buffer.
  ///   - count: Bytes of the sample.
  ///   - parameters: For HEVC, of the sample entry and of the samples before.
  /// - Throws: `.truncated` for a NAL unit length that leads past the end.
  package init(
    in buffer: ByteBuffer, at offset: Int, count: Int, codec: VideoCodec, framing: NALUnitFraming,
    parameters: SliceParameters = SliceParameters.none
  ) throws {
    switch codec {
    case .h264:
      var units = try NALUnits(in: buffer, at: offset, count: count, framing: framing)
      try readH264(&units, buffer)
    case .hevc:
      var units = try NALUnits(in: buffer, at: offset, count: count, framing: framing)
      try readHEVC(&units, buffer, parameters)
    case .av1: try readAV1(buffer, offset, count, parameters)
    case .vp9: try readVP9(buffer, offset, count)
    }
  }
}

extension SliceParameters {
  /// Without any parameter set.
  package static let none = SliceParameters()
}

// MARK: AV1, VP9

extension AccessUnit {
  private mutating func readAV1(
    _ buffer: ByteBuffer, _ offset: Int, _ count: Int, _ parameters: SliceParameters
  ) throws {
    var units = AV1OBUs(in: buffer, at: offset, count: count)
    var pictures = AV1Pictures()
    var sequence = parameters.av1
    while let unit = try units.next() {
      // Frames of enhancement layers say nothing of where decoding can start.
      guard unit.spatialID == 0 else { continue }
      switch unit.kind {
      case .sequenceHeader:
        let range = NALUnitRange(offset: unit.payloadOffset, count: unit.payloadCount)
        take(.sequenceHeader, range)
        if let payload = buffer.getSlice(at: range.offset, length: range.count) {
          sequence = try AV1SequenceHeader(payload: payload)
        }
        pictures.takeSequenceHeader()
      case .frame, .frameHeader:
        guard let sequence else {
          throw CodecsError(.invalidValue, "AV1: a frame without a sequence header before it")
        }
        if let payload = buffer.getSlice(at: unit.payloadOffset, length: unit.payloadCount) {
          pictures.take(try AV1FrameHeader(payload: payload, sequence: sequence))
        }
      default: break
      }
    }
    picture = pictures.picture
    isDisposable = pictures.isDisposable
  }

  private mutating func readVP9(_ buffer: ByteBuffer, _ offset: Int, _ count: Int) throws {
    guard count > 0 else { return }
    var isReferred = false
    var isIntra = true
    for (index, range) in try VP9Superframe(in: buffer, at: offset, count: count).frames
      .enumerated()
    {
      let frame = try VP9FrameHeader(in: buffer, at: range.offset, count: range.count)
      if index == 0, frame.isKey { picture = .key }
      if !frame.isKey, !frame.isIntraOnly { isIntra = false }
      if frame.refreshFlags != 0 || frame.showsExistingFrame { isReferred = true }
      vp9Format = vp9Format ?? (frame.isKey ? frame.format : nil)
      if picture == .none { picture = .inter }
    }
    if picture == .inter, isIntra { picture = .intra }
    isDisposable = picture == .inter && !isReferred
  }
}

// MARK: H.264

extension AccessUnit {
  private mutating func readH264(_ units: inout NALUnits, _ buffer: ByteBuffer) throws {
    var slices = H264Slices()
    while let unit = try units.next() {
      guard let header = buffer.getInteger(at: unit.offset, as: UInt8.self) else { break }
      switch H264NALUnitType(header: header) {
      case .idrSlice, .slice, .sliceDataPartitionA: slices.take(unit, header, buffer)
      case .supplementalEnhancementInformation: slices.takeMessage(unit, buffer)
      case .sequenceParameterSet: take(.sequence, unit)
      case .pictureParameterSet: take(.picture, unit)
      case .sequenceParameterSetExtension: take(.sequenceExtension, unit)
      case .accessUnitDelimiter: accessUnitDelimiter = accessUnitDelimiter ?? unit
      case .fillerData: fillers.append(unit)
      default: break
      }
    }
    picture = slices.picture
    isDisposable = slices.count > 0 && !slices.isReferred
  }

  private mutating func take(_ kind: ParameterSetRange.Kind, _ range: NALUnitRange) {
    parameterSets.append(ParameterSetRange(kind: kind, range: range))
  }

  /// The slices of a frame, or of the two fields of one.
  private struct H264Slices {
    var count = 0
    var isReferred = false
    var isIDR = false
    /// All slices so far are I or SI.
    var isIntra = true
    /// All slices of the first picture are: of the frame or the first field.
    var startsIntra = true
    var isInFirstPicture = true
    var recoveryFrameCount: Int?

    mutating func take(_ unit: NALUnitRange, _ header: UInt8, _ buffer: ByteBuffer) {
      count += 1
      if header & 0x60 != 0 { isReferred = true }
      if H264NALUnitType(header: header) == .idrSlice { isIDR = true }
      // Of an IDR picture nothing more is asked, of a P picture neither.
      guard !isIDR, startsIntra || isIntra else { return }
      var reader = SliceReader(buffer, unit, headerByteCount: 1)
      let firstMacroblock = reader.ue()
      if count > 1, firstMacroblock == 0 { isInFirstPicture = false }
      // slice_type modulo 5: 2 is I, 4 is SI (Table 7-6).
      let type = reader.ue().map { $0 % 5 }
      guard type == 2 || type == 4 else {
        isIntra = false
        if isInFirstPicture { startsIntra = false }
        return
      }
    }

    mutating func takeMessage(_ unit: NALUnitRange, _ buffer: ByteBuffer) {
      guard count == 0, recoveryFrameCount == nil else { return }
      recoveryFrameCount = RecoveryPoint.frameCount(buffer, unit)
    }

    var picture: Picture {
      if count == 0 { return .none }
      if isIDR { return .idr }
      if startsIntra, recoveryFrameCount == 0 { return .recoveryPoint }
      return isIntra ? .intra : .inter
    }
  }
}

// MARK: HEVC

extension AccessUnit {
  private mutating func readHEVC(
    _ units: inout NALUnits, _ buffer: ByteBuffer, _ parameters: SliceParameters
  ) throws {
    var slices = HEVCSlices()
    while let unit = try units.next() {
      guard unit.count >= 2, let header = buffer.getInteger(at: unit.offset, as: UInt16.self),
        header >> 3 & 0x3f == 0  // nuh_layer_id
      else { continue }
      let type = HEVCNALUnitType(header: UInt8(header >> 8))
      switch type {
      case .videoParameterSet: take(.video, unit)
      case .sequenceParameterSet: take(.sequence, unit)
      case .pictureParameterSet: take(.picture, unit)
      case .accessUnitDelimiter: accessUnitDelimiter = accessUnitDelimiter ?? unit
      case .fillerData: fillers.append(unit)
      case _ where type.isVCL:
        if slices.first == nil { temporalID = max(0, Int(header & 7) - 1) }
        slices.take(unit, type, buffer, parameters)
      default: break
      }
    }
    guard let type = slices.first else { return }
    picture = slices.picture(type)
    leading = type.isRASL ? .rasl : type.isRADL ? .radl : .none
    isDisposable =
      slices.isSubLayerNonReference && temporalID >= parameters.maxSubLayers - 1
  }

  private struct HEVCSlices {
    var first: HEVCNALUnitType?
    var isSubLayerNonReference = true
    var isIntra = true

    mutating func take(
      _ unit: NALUnitRange, _ type: HEVCNALUnitType, _ buffer: ByteBuffer,
      _ parameters: SliceParameters
    ) {
      if first == nil { first = type }
      if !type.isSubLayerNonReference { isSubLayerNonReference = false }
      guard isIntra, !type.isIRAP else { return }
      isIntra = Self.isIntra(unit, buffer, parameters)
    }

    /// Whether a slice segment header says slice_type I (§7.3.6.1). What cannot be read is not.
    private static func isIntra(
      _ unit: NALUnitRange, _ buffer: ByteBuffer, _ parameters: SliceParameters
    ) -> Bool {
      var reader = SliceReader(buffer, unit, headerByteCount: 2)
      guard let isFirst = reader.u(1), let id = reader.ue(), let set = parameters.picture(id)
      else { return false }
      if isFirst == 0 {
        if set.hasDependentSliceSegments, reader.u(1) == 1 {
          return true  // as the slice it depends on
        }
        guard let width = parameters.addressBitCount(set), reader.u(width) != nil else {
          return false
        }
      }
      guard reader.u(set.extraSliceHeaderBitCount) != nil else { return false }
      return reader.ue() == 2
    }

    func picture(_ type: HEVCNALUnitType) -> Picture {
      if type.isIDR { return .idr }
      if type.isBLA { return .bla }
      if type == .cra { return .cra }
      return isIntra ? .intra : .inter
    }
  }
}
