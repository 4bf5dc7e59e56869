import Codecs
import ISOBMFF
import MediaCore
import NIOCore

/// What a track's `ftyp` and `moov` say, as far as they could be read.
struct HeaderFacts: Sendable {
  enum Kind: String, Sendable { case video, audio, text, other }

  enum Coding: Sendable {
    case avc(NALUnitLengthSize)
    case hevc(NALUnitLengthSize, SliceParameters)
    /// With the sequence header of the record.
    case av1(AV1SequenceHeader)
    case vp9(VPCodecConfigurationRecord)
    case sound(SoundRecord)
    case webVTT
    case ttml
    case other
  }

  var kind = Kind.other
  var handlerType: FourCC = "none"
  var coding = Coding.other
  var brands: Set<FourCC> = []
  var trackID: UInt32 = 1
  var timescale = Timescale(literal: 1)
  var defaults = TrackExtendsBox(trackID: 1)
  /// Composition time that is presented at 0.
  var mediaStart: Int64 = 0
  var language = "und"
  /// `mehd`: what the fragments last together; `nil` if it is absent.
  var fragmentDuration: UInt64?
  var hasSyncTable = false
  /// `roll` is described in the sample table, with this distance.
  var rollDistance: Int16?

  /// RFC 6381, worked out from the record's bytes; `nil` if there is no readable record.
  var codecs: String?
  /// Type of the sample entry.
  var entryType: FourCC?
  var codedWidth = 0
  var codedHeight = 0
  /// Presented size, as the coded picture and its sample aspect ratio make it.
  var displayWidth = 0
  var displayHeight = 0
  var sampleAspectRatio = Rational.one
  var colour = ColourInformation.unspecified
  /// Pictures are fields, or may be.
  var isInterlaced = false
  /// Of the boxes `mdcv` and `clli`.
  var metadata = HDRMetadata()
  var dolbyVision: DolbyVisionConfigurationRecord?
  /// `nil` for a flat picture of one view.
  var layout: SphericalVideo?
  /// NAL units of the record.
  var parameterSets: Set<ByteBuffer> = []
  /// Kinds of HEVC parameter set whose array is called complete, as NAL unit types.
  var completeTypes: Set<UInt8> = []
  var channelCount = 0
  var sampleRate = 0
  /// Objects of joint object coding; `nil` without.
  var objectCount: Int?
  /// Dolby's map of positions, of AC-3 and E-AC-3.
  var channelMap: UInt16?

  /// Dolby Vision without a base layer for others is a kind of PQ, whatever its parameter sets say.
  var range: VideoRange {
    let own = VideoRange(colour)
    return own == .sdr && (entryType == "dvh1" || entryType == "dav1") ? .pq : own
  }
}

extension FindingLog {
  /// Runs a reader of a box or record; what it throws becomes a finding.
  mutating func attempt<T>(
    _ rule: Rule, _ place: @autoclosure () -> String, _ body: () throws -> T
  ) -> T? {
    do {
      return try body()
    } catch let error as ISOBMFFError {
      add(error.code == .missing ? .boxMissing : rule, place(), error.message)
    } catch {
      add(rule, place(), "\(error)")
    }
    return nil
  }

  /// The children of a box, none if they cannot be read.
  mutating func children(of box: Box, after skipped: Int = 0) -> [Box] {
    attempt(.boxUnreadable, box.place) { try box.children(after: skipped) } ?? []
  }

  /// The only child of a type; a finding if there is none or a second.
  mutating func only(_ type: FourCC, _ children: [Box], of parent: Box) -> Box? {
    let found = children.filter { $0.type == type }
    if found.isEmpty { add(.boxMissing, parent.place, "has no '\(type)'") }
    if found.count > 1 {
      add(.boxOrder, parent.place, "has \(found.count) '\(type)'; one is expected")
    }
    return found.first
  }
}
