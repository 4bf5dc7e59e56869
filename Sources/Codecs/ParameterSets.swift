package import NIOCore

/// The parameter sets of a video track: from its record, and from its samples.
///
///     var sets = try ParameterSets(codec: .hevc)
///     try sets.take(unit, in: sample)
///     let record = try sets.record()
package struct ParameterSets: Sendable {
  private struct Key: Hashable {
    var kind: ParameterSetRange.Kind
    var id: Int
  }

  private let codec: VideoCodec
  private var sets: [Key: ByteBuffer] = [:]
  private var otherArrays: [HEVCDecoderConfigurationRecord.Array] = []

  package init(codec: VideoCodec) { self.codec = codec }

  /// Takes over what a decoder configuration record holds.
  package mutating func take(record: ByteBuffer) throws {
    switch codec {
    case .h264:
      let record = try AVCDecoderConfigurationRecord(parsing: record)
      for unit in record.sequenceParameterSets { _ = try take(.sequence, unit) }
      for unit in record.pictureParameterSets { _ = try take(.picture, unit) }
      for unit in record.highProfileFields?.sequenceParameterSetExtensions ?? [] {
        _ = try take(.sequenceExtension, unit)
      }
    case .hevc:
      let record = try HEVCDecoderConfigurationRecord(parsing: record)
      for unit in record.nalUnits(of: .videoParameterSet) { _ = try take(.video, unit) }
      for unit in record.nalUnits(of: .sequenceParameterSet) { _ = try take(.sequence, unit) }
      for unit in record.nalUnits(of: .pictureParameterSet) { _ = try take(.picture, unit) }
      let own: [HEVCNALUnitType] = [
        .videoParameterSet, .sequenceParameterSet, .pictureParameterSet,
      ]
      otherArrays = record.arrays.filter { !own.contains($0.nalUnitType) }
    case .av1:
      let record = try AV1CodecConfigurationRecord(parsing: record)
      var units = AV1OBUs(
        in: record.configurationUnits, at: record.configurationUnits.readerIndex,
        count: record.configurationUnits.readableBytes)
      while let unit = try units.next() {
        guard unit.kind == .sequenceHeader,
          let payload = record.configurationUnits.getSlice(
            at: unit.payloadOffset, length: unit.payloadCount)
        else { continue }
        _ = try take(.sequenceHeader, payload)
      }
    case .vp9: break
    }
  }

  /// Takes over the parameter sets inside a sample.
  /// - Returns: whether one of them says other than an earlier one of the same identifier.
  package mutating func take(_ unit: AccessUnit, in buffer: ByteBuffer) throws -> Bool {
    var changes = false
    for set in unit.parameterSets {
      guard let bytes = buffer.getSlice(at: set.range.offset, length: set.range.count) else {
        continue
      }
      if try take(set.kind, bytes) { changes = true }
    }
    return changes
  }

  private mutating func take(_ kind: ParameterSetRange.Kind, _ unit: ByteBuffer) throws -> Bool {
    let key = Key(kind: kind, id: try id(kind, unit))
    if let known = sets[key] {
      if kind == .sequenceHeader, known != unit {
        // What decoders allocate by; the rest may change from one key frame to the next.
        return try AV1SequenceHeader(payload: known).differs(from: AV1SequenceHeader(payload: unit))
      }
      return known != unit
    }
    // A copy: the sample's storage is not kept for its parameter sets.
    sets[key] = ByteBuffer(bytes: unit.readableBytesView)
    return false
  }

  private func id(_ kind: ParameterSetRange.Kind, _ unit: ByteBuffer) throws -> Int {
    switch (codec, kind) {
    case (.h264, .sequence): try H264SequenceParameterSet(nalUnit: unit).id
    case (.h264, .picture): try H264PictureParameterSet(nalUnit: unit).id
    case (.h264, _): 0
    case (.hevc, .video): try HEVCVideoParameterSet(nalUnit: unit).id
    case (.hevc, .sequence): try HEVCSequenceParameterSet(nalUnit: unit).id
    case (.hevc, .picture): try HEVCPictureParameterSet(nalUnit: unit).id
    case (.hevc, _), (.av1, _), (.vp9, _): 0
    }
  }

  /// A complete decoder configuration record of all sets, ordered by identifier.
  package func record() throws -> ByteBuffer {
    switch codec {
    case .h264:
      try AVCDecoderConfigurationRecord(
        sequenceParameterSets: all(.sequence), pictureParameterSets: all(.picture),
        sequenceParameterSetExtensions: all(.sequenceExtension)
      ).bytes
    case .hevc:
      try HEVCDecoderConfigurationRecord(
        videoParameterSets: all(.video), sequenceParameterSets: all(.sequence),
        pictureParameterSets: all(.picture), otherArrays: otherArrays
      ).bytes
    case .av1: try AV1CodecConfigurationRecord(sequenceHeader: try sequenceHeader()).bytes
    case .vp9: ByteBuffer()
    }
  }

  private func sequenceHeader() throws -> ByteBuffer {
    guard let payload = all(.sequenceHeader).first else {
      throw CodecsError(.invalidValue, "AV1: no sequence header in the track or its samples")
    }
    return payload
  }

  private func all(_ kind: ParameterSetRange.Kind) -> [ByteBuffer] {
    sets.filter { $0.key.kind == kind }.sorted { $0.key.id < $1.key.id }.map(\.value)
  }
}
