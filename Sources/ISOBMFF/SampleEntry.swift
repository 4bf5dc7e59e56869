package import MediaCore
package import NIOCore

/// A video sample entry of `stsd` (ISO/IEC 14496-12 §12.1.3).
package struct VisualSampleEntry: Hashable, Sendable {
  /// `avc1`, `hvc1`, …
  package var type: FourCC
  package var width: UInt16
  package var height: UInt16
  /// Type of the decoder configuration box: `avcC`, `hvcC`.
  package var configurationType: FourCC
  /// Payload of the decoder configuration box.
  package var configuration: ByteBuffer
  /// `colr` with `nclx`; `nil` if absent.
  package var colour: ColourInformation?
  /// `pasp`; `nil` if absent, which means square.
  package var pixelAspectRatio: Rational?
  /// `mdcv` and `clli` (§12.1.6).
  package var masteringDisplay: MasteringDisplay?
  package var contentLight: ContentLight?
  /// Payload of `dvcC`, `dvvC` or `dvwC`.
  package var dolbyVision: ByteBuffer?
  /// Payloads of `st3d` and `sv3d` (Spherical Video V2), version and flags of `st3d` included.
  package var stereoscopic: ByteBuffer?
  package var spherical: ByteBuffer?

  package init(
    type: FourCC, width: UInt16, height: UInt16, configurationType: FourCC,
    configuration: ByteBuffer, colour: ColourInformation?, pixelAspectRatio: Rational?
  ) {
    self.type = type
    self.width = width
    self.height = height
    self.configurationType = configurationType
    self.configuration = configuration
    self.colour = colour
    self.pixelAspectRatio = pixelAspectRatio
  }

  /// Bytes of own fields before the boxes inside.
  private static let fieldByteCount = 78

  /// - Parameter box: an entry of `stsd`, whose type is the coding.
  /// - Throws: `.missing` if none of `configurationTypes` is inside.
  package init(_ box: Box, configurationTypes: [FourCC]) throws(ISOBMFFError) {
    type = box.type
    var fields = box.fields
    try fields.skip(24)
    width = try fields.read()
    height = try fields.read()
    let inside = try box.children(after: Self.fieldByteCount)
    guard let record = inside.first(where: { configurationTypes.contains($0.type) }) else {
      let names = configurationTypes.map { "'\($0)'" }.joined(separator: " or ")
      throw ISOBMFFError(.missing, "\(box.place) has no \(names) box")
    }
    configurationType = record.type
    configuration = record.payload
    for child in inside {
      try take(child)
    }
  }

  private mutating func take(_ child: Box) throws(ISOBMFFError) {
    var fields = child.fields
    switch child.type {
    case "pasp":
      pixelAspectRatio = Rational(
        Int64(try fields.read(UInt32.self)), Int64(try fields.read(UInt32.self)))
    case "colr" where colour == nil:
      let form = try fields.code()
      guard form == "nclx" || form == "nclc" else { return }
      colour = ColourInformation(
        primaries: try fields.read(), transfer: try fields.read(), matrix: try fields.read(),
        isFullRange: form == "nclx" ? try fields.read(UInt8.self) & 0x80 != 0 : false)
    case "mdcv":
      var coordinates: [UInt16] = []
      for _ in 0..<8 { coordinates.append(try fields.read()) }
      masteringDisplay = MasteringDisplay(
        coordinates: coordinates, maximumLuminance: try fields.read(),
        minimumLuminance: try fields.read())
    case "clli":
      contentLight = ContentLight(
        maximum: try fields.read(), maximumFrameAverage: try fields.read())
    case "dvcC", "dvvC", "dvwC": dolbyVision = child.payload
    case "st3d": stereoscopic = child.payload
    case "sv3d": spherical = child.payload
    default: break
    }
  }

  package func write(into bytes: inout ByteBuffer) {
    bytes.writeBox(type) {
      $0.writeRepeatingByte(0, count: 6)
      $0.writeInteger(UInt16(1))  // data reference
      $0.writeRepeatingByte(0, count: 16)
      $0.writeInteger(width)
      $0.writeInteger(height)
      $0.writeInteger(UInt32(0x0048_0000))  // 72 dpi
      $0.writeInteger(UInt32(0x0048_0000))
      $0.writeInteger(UInt32(0))
      $0.writeInteger(UInt16(1))  // frames in a sample
      $0.writeRepeatingByte(0, count: 32)  // compressor name: none
      $0.writeInteger(UInt16(0x0018))
      $0.writeInteger(Int16(-1))
      $0.writeBox(configurationType) { $0.writeImmutableBuffer(configuration) }
      if let colour {
        $0.writeBox("colr") {
          $0.writeCode("nclx")
          $0.writeInteger(colour.primaries)
          $0.writeInteger(colour.transfer)
          $0.writeInteger(colour.matrix)
          $0.writeInteger(UInt8(colour.isFullRange ? 0x80 : 0))
        }
      }
      if let ratio = pixelAspectRatio, ratio != .one {
        $0.writeBox("pasp") {
          $0.writeInteger(UInt32(clamping: ratio.numerator))
          $0.writeInteger(UInt32(clamping: ratio.denominator))
        }
      }
      writeExtensions(into: &$0)
    }
  }

  private func writeExtensions(into entry: inout ByteBuffer) {
    if let display = masteringDisplay {
      entry.writeBox("mdcv") {
        for coordinate in display.coordinates { $0.writeInteger(coordinate) }
        $0.writeInteger(display.maximumLuminance)
        $0.writeInteger(display.minimumLuminance)
      }
    }
    if let light = contentLight {
      entry.writeBox("clli") {
        $0.writeInteger(light.maximum)
        $0.writeInteger(light.maximumFrameAverage)
      }
    }
    if let record = dolbyVision {
      // The box is named by the profile, the seven bits behind the version.
      let profile = (record.getInteger(at: record.readerIndex + 2, as: UInt8.self) ?? 0) >> 1
      entry.writeBox(profile <= 7 ? "dvcC" : profile <= 10 ? "dvvC" : "dvwC") {
        $0.writeImmutableBuffer(record)
      }
    }
    if let stereoscopic { entry.writeBox("st3d") { $0.writeImmutableBuffer(stereoscopic) } }
    if let spherical { entry.writeBox("sv3d") { $0.writeImmutableBuffer(spherical) } }
  }
}

/// An audio sample entry of `stsd` (ISO/IEC 14496-12 §12.2.3).
package struct AudioSampleEntry: Hashable, Sendable {
  /// `mp4a`, …
  package var type: FourCC
  package var channelCount: UInt16
  package var sampleRate: UInt32
  package var configurationType: FourCC
  /// Payload of the configuration box: of `esds`, version and flags included.
  package var configuration: ByteBuffer
  /// Bits of a sample before coding: what lossless codings keep, 16 by convention for all others.
  package var sampleSize: UInt16 = 16

  package init(
    type: FourCC, channelCount: UInt16, sampleRate: UInt32, configurationType: FourCC,
    configuration: ByteBuffer
  ) {
    self.type = type
    self.channelCount = channelCount
    self.sampleRate = sampleRate
    self.configurationType = configurationType
    self.configuration = configuration
  }

  package init(_ box: Box, configurationTypes: [FourCC]) throws(ISOBMFFError) {
    type = box.type
    var fields = box.fields
    try fields.skip(8)
    let version: UInt16 = try fields.read()
    try fields.skip(6)
    channelCount = try fields.read()
    sampleSize = try fields.read()
    try fields.skip(4)
    sampleRate = try fields.read(UInt32.self) >> 16
    // QuickTime sound descriptions of version 1 and 2 are longer.
    let skipped = 28 + (version == 1 ? 16 : version == 2 ? 36 : 0)
    var inside = try box.children(after: skipped)
    if let wave = inside.first(where: { $0.type == "wave" }) { inside += try wave.children() }
    guard let record = inside.first(where: { configurationTypes.contains($0.type) }) else {
      let names = configurationTypes.map { "'\($0)'" }.joined(separator: " or ")
      throw ISOBMFFError(.missing, "\(box.place) has no \(names) box")
    }
    configurationType = record.type
    configuration = record.payload
  }

  package func write(into bytes: inout ByteBuffer) {
    bytes.writeBox(type) {
      $0.writeRepeatingByte(0, count: 6)
      $0.writeInteger(UInt16(1))
      $0.writeRepeatingByte(0, count: 8)
      $0.writeInteger(channelCount)
      $0.writeInteger(sampleSize)
      $0.writeInteger(UInt32(0))
      // Rates beyond 16 bits are written as 0: the configuration has the true one.
      $0.writeInteger(sampleRate > 0xffff ? 0 : sampleRate << 16)
      $0.writeBox(configurationType) { $0.writeImmutableBuffer(configuration) }
    }
  }
}
