import Codecs
import MediaCore
import NIOCore

extension Rule {
  static let nalLength = Rule("nal-length", "ISO/IEC 14496-15 §5.3.2")
  static let noPicture = Rule("no-picture", "ISO/IEC 14496-15 §5.3.1")
  static let syncFlag = Rule("sync-flag", "ISO/IEC 14496-12 §8.8.3.1")
  static let dependsOn = Rule("depends-on", "ISO/IEC 14496-12 §8.6.4")
  static let disposable = Rule("disposable", "ISO/IEC 14496-12 §8.6.4")
  static let parameterSetDiffers = Rule("parameter-set-differs", "ISO/IEC 14496-15 §5.3.2")
  static let parameterSetInSample = Rule(
    "parameter-set-in-sample", "ISO/IEC 14496-15 §8.3.3.1.3", .warning)
}

/// What the NAL units, or frames, of a sample say.
struct SampleContents: Sendable {
  /// How decoding can begin at a sample.
  enum Entry: Sendable {
    case none
    /// All behind it can be decoded, but for leading pictures that are marked so: IDR, BLA, CRA, and
    /// key frames of AV1 and VP9.
    case random
    /// H.264: a recovery point that is reached at once.
    case recoveryPoint
  }

  var entry = Entry.none
  /// A random access skipped leading picture of HEVC.
  var isRASL = false
}

/// Reads the NAL units, or frames, of video samples and holds the samples' flags against them.
struct SampleExaminer: Sendable {
  let coding: HeaderFacts.Coding
  /// Of the sample entry.
  let width: Int
  let height: Int
  private let parameterSets: Set<ByteBuffer>
  private let completeTypes: Set<UInt8>

  init(_ header: HeaderFacts) {
    coding = header.coding
    (width, height) = (header.codedWidth, header.codedHeight)
    parameterSets = header.parameterSets
    completeTypes = header.completeTypes
  }

  /// What the headers of the VCL NAL units, or of the frames, add up to.
  struct Pictures {
    var count = 0
    /// IRAP picture, or key frame that needs nothing before it.
    var isIRAP = true
    var isRASL = false
    var isReference = false
    var temporalID = 0
  }

  /// - Parameter at: index of the sample's first byte in `buffer`.
  func examine(
    _ sample: FragmentSample, in buffer: ByteBuffer, at start: Int, place: () -> String,
    _ log: inout FindingLog
  ) -> SampleContents? {
    var pictures = Pictures()
    let unit: AccessUnit?
    switch coding {
    case .avc(let size):
      guard walk(buffer, start, sample.size, size, place, &log, { takeAVC($0, $1, &pictures) })
      else { return nil }
      unit = try? AccessUnit(
        in: buffer, at: start, count: sample.size, codec: .h264, framing: .lengthPrefixed(size))
    case .hevc(let size, let parameters):
      guard walk(buffer, start, sample.size, size, place, &log, { takeHEVC($0, $1, &pictures) })
      else { return nil }
      unit = try? AccessUnit(
        in: buffer, at: start, count: sample.size, codec: .hevc, framing: .lengthPrefixed(size),
        parameters: parameters)
      // A picture of a lower temporal sub-layer is referred to by those above.
      if pictures.temporalID < parameters.maxSubLayers - 1 { pictures.isReference = true }
    case .av1(let sequence):
      return examineAV1(sample, in: buffer, at: start, sequence, place, &log)
    case .vp9(let record):
      return examineVP9(sample, in: buffer, at: start, record, place, &log)
    case .sound, .webVTT, .ttml, .other: return nil
    }
    guard pictures.count > 0, let unit else {
      log.add(.noPicture, place(), "holds no picture")
      return nil
    }
    checkParameterSets(unit, in: buffer, place, &log)
    let isIntra =
      pictures.isIRAP || unit.picture == .intra || unit.picture == .recoveryPoint
    checkFlags(sample.flags, pictures, isIntra: isIntra, place, &log)
    var contents = SampleContents()
    contents.isRASL = pictures.isRASL
    if pictures.isIRAP {
      contents.entry = .random
    } else if unit.picture == .recoveryPoint {
      contents.entry = .recoveryPoint
    }
    return contents
  }

  /// Visits NAL units by their lengths, which must fill the sample to its last byte.
  private func walk(
    _ buffer: ByteBuffer, _ start: Int, _ count: Int, _ size: NALUnitLengthSize,
    _ place: () -> String, _ log: inout FindingLog, _ visit: (UInt8, UInt8) -> Void
  ) -> Bool {
    let end = start + count
    var at = start
    while at < end {
      let width = size.byteCount
      var length = 0
      guard width <= end - at else {
        log.add(.nalLength, place(), "\(end - at) bytes behind the last NAL unit")
        return false
      }
      for index in 0..<width {
        length = length << 8 | Int(buffer.getInteger(at: at + index, as: UInt8.self) ?? 0)
      }
      guard length > 0, length <= end - at - width else {
        log.add(
          .nalLength, place(),
          "the NAL unit at byte \(at - start) claims \(length) bytes, \(end - at - width) are left")
        return false
      }
      let first = buffer.getInteger(at: at + width, as: UInt8.self) ?? 0
      visit(first, length > 1 ? buffer.getInteger(at: at + width + 1, as: UInt8.self) ?? 0 : 0)
      at += width + length
    }
    return true
  }

  /// nal_unit_type 1, 2 and 5 begin a slice (ISO/IEC 14496-10 Table 7-1).
  private func takeAVC(_ first: UInt8, _ second: UInt8, _ pictures: inout Pictures) {
    let type = first & 31
    guard type == 1 || type == 2 || type == 5 else { return }
    pictures.count += 1
    // The second field of an IDR frame is no IDR picture itself.
    pictures.isIRAP = pictures.count == 1 ? type == 5 : pictures.isIRAP
    if first & 0x60 != 0 { pictures.isReference = true }
  }

  /// nal_unit_type 0 to 9 and 16 to 21 are slices (ISO/IEC 23008-2 Table 7-1).
  private func takeHEVC(_ first: UInt8, _ second: UInt8, _ pictures: inout Pictures) {
    let type = first >> 1 & 0x3f
    let layer = (first & 1) << 5 | second >> 3
    guard layer == 0, type <= 9 || (16...21).contains(type) else { return }
    pictures.count += 1
    if !(16...21).contains(type) { pictures.isIRAP = false }
    if type == 8 || type == 9 { pictures.isRASL = true }
    if type > 14 || type & 1 == 1 { pictures.isReference = true }
    pictures.temporalID = max(0, Int(second & 7) - 1)
  }

  private func checkParameterSets(
    _ unit: AccessUnit, in buffer: ByteBuffer, _ place: () -> String, _ log: inout FindingLog
  ) {
    for set in unit.parameterSets {
      guard let bytes = buffer.getSlice(at: set.range.offset, length: set.range.count) else {
        continue
      }
      guard parameterSets.contains(bytes) else {
        log.add(
          .parameterSetDiffers, place(),
          "holds a \(set.kind.rawValue) parameter set that is not in the sample entry")
        continue
      }
      let type = (buffer.getInteger(at: set.range.offset, as: UInt8.self) ?? 0) >> 1 & 0x3f
      if completeTypes.contains(type) {
        log.add(
          .parameterSetInSample, place(),
          "repeats a \(set.kind.rawValue) parameter set that the sample entry says it alone holds")
      }
    }
  }

  /// sample_flags (ISO/IEC 14496-12 §8.8.3.1) against the pictures.
  func checkFlags(
    _ flags: UInt32, _ pictures: Pictures, isIntra: Bool, _ place: () -> String,
    _ log: inout FindingLog
  ) {
    let isSync = flags & 0x1_0000 == 0
    let dependsOn = flags >> 24 & 3
    let isDependedOn = flags >> 22 & 3
    log.require(
      isSync == pictures.isIRAP, .syncFlag, place(),
      isSync
        ? "is called a sync sample, and decoding cannot start there: no IRAP picture, no key frame"
        : "is an IRAP picture or key frame, and not called a sync sample")
    log.require(
      dependsOn == (isIntra ? 2 : 1), .dependsOn, place(),
      "sample_depends_on is \(dependsOn); \(isIntra ? "2, on none," : "1, on others,") is expected")
    if pictures.isReference {
      log.require(
        isDependedOn != 2, .disposable, place(),
        "is called disposable, and others refer to it")
    } else if !pictures.isIRAP {
      log.require(
        isDependedOn != 1, .disposable, place(),
        "is called referred to, and nothing refers to it")
    }
  }
}

extension SampleExaminer {
  /// Whether a picture carries captions that say something: characters in the first field of CEA-608,
  /// or a packet of CEA-708 with a block of a service (ANSI/CTA-708 §4.3, §5).
  func hasCaptions(in buffer: ByteBuffer, at start: Int, count: Int) -> Bool {
    let found: ByteBuffer?
    switch coding {
    case .avc(let size):
      found = CaptionData.find(
        in: buffer, at: start, count: count, codec: .h264, framing: .lengthPrefixed(size))
    case .hevc(let size, _):
      found = CaptionData.find(
        in: buffer, at: start, count: count, codec: .hevc, framing: .lengthPrefixed(size))
    default: return false
    }
    guard let triplets = found?.readableBytesView else { return false }
    return stride(from: triplets.startIndex, to: triplets.endIndex - 2, by: 3).contains { at in
      guard triplets[at] & 4 != 0 else { return false }
      switch triplets[at] & 3 {
      case 0: return triplets[at + 1] & 0x7f >= 0x20
      case 3: return triplets[at + 2] >> 5 != 0 && triplets[at + 2] & 0x1f != 0
      default: return false
      }
    }
  }
}
