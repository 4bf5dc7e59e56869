import Codecs
import ISOBMFF
import MediaCore
import NIOCore

/// What `moov` says of the only track.
struct TrackDescription {
  let timescale: Timescale
  let language: String
  let codecs: String
  let format: TrackFormat
  let defaults: TrackExtendsBox
  /// The sample entry is of encrypted samples (ISO/IEC 23001-7 §4.2).
  let isEncrypted: Bool
  /// Of video.
  let videoRecord: VideoRecord?
  /// Where the first edit that is not empty begins.
  let mediaStart: Int64

  init(_ moov: Box, path: String) throws {
    let traks = try moov.children().filter { $0.type == "trak" }
    guard traks.count == 1, let trak = traks.first else {
      throw LibraryError(.damaged, "\(path) has \(traks.count) tracks; a track file has one")
    }
    let header = try TrackHeaderBox(trak.required("tkhd"))
    let edits = try trak.child("edts")?.child("elst").map(EditListBox.init)?.entries ?? []
    mediaStart = min(max(0, edits.first { $0.mediaTime >= 0 }?.mediaTime ?? 0), 1 << 60)
    let mdia = try trak.required("mdia")
    let media = try MediaHeaderBox(mdia.required("mdhd"))
    timescale = media.timescale
    language = media.language
    let trex = try moov.child("mvex")?.child("trex")
    defaults = try trex.map(TrackExtendsBox.init) ?? TrackExtendsBox(trackID: header.trackID)
    let handler = try HandlerBox(mdia.required("hdlr")).handlerType
    let stsd = try mdia.required("minf").required("stbl").required("stsd")
    guard let entry = try stsd.children(after: 8).first else {
      throw LibraryError(.damaged, "\(path) has no sample description")
    }
    isEncrypted = ["encv", "enca", "enct", "encs"].contains(entry.type)
    switch handler {
    case HandlerBox.video:
      let found = try Self.video(entry, header)
      (codecs, format, videoRecord) = (found.codecs, .video(found.format), found.record)
      return
    case HandlerBox.audio: (codecs, format) = try Self.audio(entry)
    case HandlerBox.text, HandlerBox.subtitles: (codecs, format) = try Self.text(entry)
    default: (codecs, format) = ("\(entry.type)", .other)
    }
    videoRecord = nil
  }

  private static func video(
    _ box: Box, _ header: TrackHeaderBox
  ) throws -> (codecs: String, format: VideoFormat, record: VideoRecord) {
    let types = VideoRecord.configurationTypes.map { FourCC(stringLiteral: $0) }
    let entry = try VisualSampleEntry(box, configurationTypes: types)
    let coding = VideoRecord.coding(
      configurationType: "\(entry.configurationType)", entry.configuration)
    guard let record = try coding.flatMap({ try VideoRecord($0) }) else {
      throw LibraryError(.damaged, "\(box.place) has no configuration that is known")
    }
    let ratio = entry.pixelAspectRatio ?? .one
    let width = Int(entry.width)
    let wide = (Int64(width) * ratio.numerator + ratio.denominator / 2) / ratio.denominator
    var format = VideoFormat(
      width: width, height: Int(entry.height), sampleAspectRatio: ratio,
      displayWidth: header.width > 0 ? Int(header.width >> 16) : Int(wide),
      displayHeight: header.height > 0 ? Int(header.height >> 16) : Int(entry.height),
      frameRate: nil, colour: entry.colour ?? record.colour(container: nil) ?? .unspecified)
    format.isInterlaced = record.isInterlaced
    format.spherical = try SphericalVideo(
      stereoscopic: entry.stereoscopic, spherical: entry.spherical)
    // The entry of another type has the same fields behind its name: `hev1.1.6.L93.90`.
    var codecs = "\(box.type)" + (try record.codecs(colour: entry.colour)).dropFirst(4)
    if let vision = try entry.dolbyVision.map(DolbyVisionConfigurationRecord.init(parsing:)) {
      if ["dvh1", "dvhe", "dav1", "dva1", "dvav"].contains(box.type) {
        codecs = "\(box.type)" + vision.codecs.dropFirst(4)
        format.isDolbyVision = true
      } else if let brand = vision.brand(transfer: format.colour.transfer), vision.isSingleLayer {
        format.supplement = CodecSupplement(codecs: vision.codecs, brand: brand)
      }
    }
    return (codecs, format, record)
  }

  private static func text(_ box: Box) throws -> (String, TrackFormat) {
    switch box.type {
    case "wvtt", "stpp":
      switch try TextSampleEntry(box) {
      case .webVTT: return ("wvtt", .text(.webVTT))
      case .ttml(let entry): return (entry.codecs, .text(.ttml))
      }
    default: return ("\(box.type)", .other)
    }
  }

  private static func audio(_ box: Box) throws -> (String, TrackFormat) {
    let entry = try AudioSampleEntry(
      box, configurationTypes: SoundRecord.configurationTypes.map(FourCC.init(stringLiteral:)))
    let record = try SoundRecord(
      configurationType: "\(entry.configurationType)", configuration: entry.configuration,
      channelCount: Int(entry.channelCount), sampleRate: Int(entry.sampleRate))
    return (
      record.codecs,
      .audio(
        AudioFormat(
          channelCount: record.channelCount,
          sampleRate: record.sampleRate > 0 ? record.sampleRate : Int(entry.sampleRate),
          objectCount: record.objectCount, channelMap: record.channelMap))
    )
  }
}
