package import MediaCore
package import NIOCore

/// `mdhd`: a track's own timescale, length and language (ISO/IEC 14496-12 §8.4.2).
package struct MediaHeaderBox: Hashable, Sendable {
  package var timescale: Timescale
  /// In `timescale`; 0 in a CMAF header.
  package var duration: UInt64
  /// ISO 639-2/T, three lower-case letters.
  package var language: String

  package static let type: FourCC = "mdhd"

  package init(timescale: Timescale, duration: UInt64 = 0, language: String) {
    self.timescale = timescale
    self.duration = duration
    self.language = language
  }

  package init(_ box: Box) throws(ISOBMFFError) {
    var fields = box.fields
    let (version, _) = try fields.versionAndFlags()
    try fields.skip(version == 0 ? 8 : 16)
    timescale = try box.timescale(try fields.read())
    duration = try fields.wide(version)
    let packed: UInt16 = try fields.read()
    language = Self.language(packed)
  }

  /// QuickTime files have a number there, below any three letters (QuickTime File Format, "Language Code Values").
  private static func language(_ packed: UInt16) -> String {
    guard packed >= 0x400 else { return MacintoshLanguage.code(packed) ?? "und" }
    let letters = [10, 5, 0].map { UInt8(packed >> UInt16($0) & 31) }
    guard letters.allSatisfy({ (1...26).contains($0) }) else { return "und" }
    return String(decoding: letters.map { $0 + 0x60 }, as: UTF8.self)
  }

  package func write(into bytes: inout ByteBuffer) {
    bytes.writeFullBox(Self.type) {
      $0.writeInteger(UInt64(0))
      $0.writeInteger(timescale.ticksPerSecond)
      $0.writeInteger(UInt32(clamping: duration))
      let letters = language.utf8.count == 3 ? Array(language.utf8) : Array("und".utf8)
      $0.writeInteger(letters.reduce(UInt16(0)) { $0 << 5 | UInt16($1 & 31) })
      $0.writeInteger(UInt16(0))
    }
  }
}

/// `hdlr`: what kind of media a track is (ISO/IEC 14496-12 §8.4.3).
package struct HandlerBox: Hashable, Sendable {
  package var handlerType: FourCC
  package var name: String

  package static let type: FourCC = "hdlr"
  package static let video: FourCC = "vide"
  package static let audio: FourCC = "soun"
  package static let text: FourCC = "text"
  package static let subtitles: FourCC = "subt"

  package init(handlerType: FourCC, name: String) {
    self.handlerType = handlerType
    self.name = name
  }

  package init(_ box: Box) throws(ISOBMFFError) {
    var fields = box.fields
    _ = try fields.versionAndFlags()
    try fields.skip(4)
    handlerType = try fields.code()
    try fields.skip(12)
    let text = try fields.slice(fields.remaining)
    name = String(decoding: text.readableBytesView.prefix(1024).prefix { $0 != 0 }, as: UTF8.self)
  }

  package func write(into bytes: inout ByteBuffer) {
    bytes.writeFullBox(Self.type) {
      $0.writeInteger(UInt32(0))
      $0.writeCode(handlerType)
      for _ in 0..<3 { $0.writeInteger(UInt32(0)) }
      $0.writeString(name)
      $0.writeInteger(UInt8(0))
    }
  }
}
