import CFFmpeg
import Codecs
import MediaCore
import NIOCore

/// What a container says of a video stream beside its codec (`AVStream.side_data`).
struct PictureSideData {
  var dolbyVision: ByteBuffer?
  var masteringDisplay: MasteringDisplay?
  var contentLight: ContentLight?
  var spherical: SphericalVideo?

  init(masteringDisplay: MasteringDisplay? = nil, contentLight: ContentLight? = nil) {
    self.masteringDisplay = masteringDisplay
    self.contentLight = contentLight
  }

  init(_ stream: UnsafeMutablePointer<AVStream>) {
    if let record = unsafe Self.value(
      stream, AV_PKT_DATA_DOVI_CONF, AVDOVIDecoderConfigurationRecord.self)
    {
      dolbyVision =
        DolbyVisionConfigurationRecord(
          versionMajor: Int(record.dv_version_major), versionMinor: Int(record.dv_version_minor),
          profile: Int(record.dv_profile), level: Int(record.dv_level),
          hasMetadata: record.rpu_present_flag != 0,
          hasEnhancementLayer: record.el_present_flag != 0,
          hasBaseLayer: record.bl_present_flag != 0,
          compatibility: Int(record.dv_bl_signal_compatibility_id)
        ).bytes
    }
    if let display = unsafe Self.value(
      stream, AV_PKT_DATA_MASTERING_DISPLAY_METADATA, AVMasteringDisplayMetadata.self)
    {
      masteringDisplay = MasteringDisplay(display)
    }
    if let light = unsafe Self.value(
      stream, AV_PKT_DATA_CONTENT_LIGHT_LEVEL, AVContentLightMetadata.self)
    {
      contentLight = ContentLight(light)
    }
    spherical = unsafe Self.spherical(stream)
  }

  /// A copy of side data of a type whose layout is that of a C structure.
  private static func value<T>(
    _ stream: UnsafeMutablePointer<AVStream>, _ type: AVPacketSideDataType, _: T.Type
  ) -> T? {
    var count = 0
    guard let data = unsafe av_stream_get_side_data(stream, type, &count),
      count >= MemoryLayout<T>.size
    else { return nil }
    return unsafe UnsafeRawPointer(data).loadUnaligned(as: T.self)
  }

  private static func spherical(_ stream: UnsafeMutablePointer<AVStream>) -> SphericalVideo? {
    var found = SphericalVideo(projection: nil, stereoMode: .mono)
    if let stereo = unsafe value(stream, AV_PKT_DATA_STEREO3D, AVStereo3D.self) {
      let isInverted = stereo.flags & AV_STEREO3D_FLAG_INVERT != 0
      switch stereo.type {
      case AV_STEREO3D_TOPBOTTOM: found.stereoMode = .topBottom
      case AV_STEREO3D_SIDEBYSIDE: found.stereoMode = isInverted ? .rightLeft : .leftRight
      default: break
      }
    }
    if let mapping = unsafe value(stream, AV_PKT_DATA_SPHERICAL, AVSphericalMapping.self) {
      switch mapping.projection {
      case AV_SPHERICAL_EQUIRECTANGULAR: found.projection = .equirectangular
      case AV_SPHERICAL_EQUIRECTANGULAR_TILE:
        found.projection = .equirectangular
        found.isHalf = mapping.bound_left >= 0x3fff_0000 && mapping.bound_right >= 0x3fff_0000
      case AV_SPHERICAL_CUBEMAP: found.projection = .cubemap
      default: break
      }
    }
    return found.projection == nil && found.stereoMode == .mono ? nil : found
  }
}

extension MasteringDisplay {
  /// - Returns: `nil` if it leaves something out.
  init?(_ display: AVMasteringDisplayMetadata) {
    guard display.has_primaries != 0, display.has_luminance != 0 else { return nil }
    func scaled(_ value: AVRational, _ factor: Int64) -> Int64 {
      guard value.den > 0 else { return 0 }
      return (Int64(value.num) * factor + Int64(value.den) / 2) / Int64(value.den)
    }
    let (red, green, blue) = display.display_primaries
    let points = [green, blue, red, display.white_point].flatMap { [$0.0, $0.1] }
    self.init(
      coordinates: points.map { UInt16(clamping: scaled($0, 50_000)) },
      maximumLuminance: UInt32(clamping: scaled(display.max_luminance, 10_000)),
      minimumLuminance: UInt32(clamping: scaled(display.min_luminance, 10_000)))
  }
}

extension ContentLight {
  init(_ light: AVContentLightMetadata) {
    self.init(
      maximum: UInt16(clamping: light.MaxCLL),
      maximumFrameAverage: UInt16(clamping: light.MaxFALL))
  }
}
