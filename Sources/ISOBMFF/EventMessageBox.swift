package import NIOCore

/// `emsg`: an event on the presentation's timeline, in front of a fragment (ISO/IEC 23009-1
/// §5.10.3.3). Version 1, whose time is of the presentation, is the only one written.
package struct EventMessageBox: Hashable, Sendable {
  package var schemeIdUri: String
  package var value: String
  package var timescale: UInt32
  package var presentationTime: UInt64
  /// Ticks; `unknownDuration` if it is not known.
  package var duration: UInt32
  package var id: UInt32
  package var message: ByteBuffer

  package static let type: FourCC = "emsg"
  package static let unknownDuration = UInt32.max
  /// Payload bytes, at most.
  package static let maximumByteCount = 64 << 10

  package init(
    schemeIdUri: String, value: String, timescale: UInt32, presentationTime: UInt64,
    duration: UInt32 = EventMessageBox.unknownDuration, id: UInt32, message: ByteBuffer
  ) {
    self.schemeIdUri = schemeIdUri
    self.value = value
    self.timescale = timescale
    self.presentationTime = presentationTime
    self.duration = duration
    self.id = id
    self.message = message
  }

  package init(_ box: Box) throws(ISOBMFFError) {
    var fields = box.fields
    guard fields.remaining <= Self.maximumByteCount else {
      throw ISOBMFFError(
        .limit, "\(box.place) has \(fields.remaining) bytes; \(Self.maximumByteCount) are read")
    }
    guard try fields.versionAndFlags().version == 1 else {
      throw ISOBMFFError(.badValue, "\(box.place) is not of version 1")
    }
    timescale = try fields.read()
    presentationTime = try fields.read()
    duration = try fields.read()
    id = try fields.read()
    schemeIdUri = try Self.text(&fields)
    value = try Self.text(&fields)
    message = try fields.slice(fields.remaining)
  }

  /// UTF-8 to the next zero.
  private static func text(_ fields: inout BoxFields) throws(ISOBMFFError) -> String {
    var bytes: [UInt8] = []
    while true {
      let byte: UInt8 = try fields.read()
      if byte == 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes.append(byte)
    }
  }

  package func write(into bytes: inout ByteBuffer) {
    bytes.writeFullBox(Self.type, version: 1) {
      $0.writeInteger(timescale)
      $0.writeInteger(presentationTime)
      $0.writeInteger(duration)
      $0.writeInteger(id)
      for text in [schemeIdUri, value] {
        $0.writeString(text)
        $0.writeInteger(UInt8(0))
      }
      $0.writeImmutableBuffer(message)
    }
  }
}
