package import NIOCore

/// A sample entry of WebVTT or TTML (ISO/IEC 14496-30 §6.3, ISO/IEC 14496-12 §12.6.3).
///
///     TextSampleEntry.webVTT(configuration: WVTT.configuration(list)).write(into: &stsd)
package enum TextSampleEntry: Hashable, Sendable {
  /// `wvtt`, with the payload of `vttC`: everything of the file before its first cue.
  case webVTT(configuration: ByteBuffer)
  /// `stpp`.
  case ttml(TTMLSampleEntry)

  package var type: FourCC {
    switch self {
    case .webVTT: "wvtt"
    case .ttml: "stpp"
    }
  }

  /// - Parameter box: an entry of `stsd`.
  /// - Throws: `.missing` without `vttC`, `.badValue` for other entries.
  package init(_ box: Box) throws(ISOBMFFError) {
    switch box.type {
    case "wvtt":
      let inside = try box.children(after: 8)
      guard let configuration = inside.first(where: { $0.type == "vttC" }) else {
        throw ISOBMFFError(.missing, "\(box.place) has no 'vttC' box")
      }
      self = .webVTT(configuration: configuration.payload)
    case "stpp": self = .ttml(try TTMLSampleEntry(box))
    default:
      throw ISOBMFFError(.badValue, "\(box.place) is neither 'wvtt' nor 'stpp'")
    }
  }

  package func write(into bytes: inout ByteBuffer) {
    bytes.writeBox(type) {
      $0.writeRepeatingByte(0, count: 6)
      $0.writeInteger(UInt16(1))  // data reference
      switch self {
      case .webVTT(let configuration):
        $0.writeBox("vttC") { $0.writeImmutableBuffer(configuration) }
      case .ttml(let entry): entry.writeFields(into: &$0)
      }
    }
  }
}

/// What `stpp` says of its documents (ISO/IEC 14496-12 §12.6.3.2).
package struct TTMLSampleEntry: Hashable, Sendable {
  /// XML namespaces of the documents, with a space between.
  package var namespace: String
  package var schemaLocation: String
  /// Types of what documents refer to; empty where they refer to nothing.
  package var auxiliaryMIMETypes: String
  /// Content of the `mime` box (§12.6.3.3): `application/ttml+xml;codecs=im1t`; `nil` if absent.
  package var mimeType: String?

  package static let ttmlNamespace = "http://www.w3.org/ns/ttml"
  /// A document of the IMSC 1 text profile.
  package static let imsc1Text = TTMLSampleEntry(
    namespace: ttmlNamespace, mimeType: "application/ttml+xml;codecs=im1t")

  package init(
    namespace: String, schemaLocation: String = "", auxiliaryMIMETypes: String = "",
    mimeType: String? = nil
  ) {
    self.namespace = namespace
    self.schemaLocation = schemaLocation
    self.auxiliaryMIMETypes = auxiliaryMIMETypes
    self.mimeType = mimeType
  }

  /// Bytes of one of the strings, at most.
  private static let maximumStringByteCount = 4096

  init(_ box: Box) throws(ISOBMFFError) {
    var strings: [String] = []
    var at = 8
    let bytes = box.payload.readableBytesView
    for _ in 0..<3 {
      let rest = bytes.dropFirst(at)
      guard let end = rest.prefix(Self.maximumStringByteCount).firstIndex(of: 0) else {
        // Writers leave out the strings that would be empty.
        if !strings.isEmpty, rest.isEmpty { break }
        throw ISOBMFFError(.badValue, "\(box.place): a string of it does not end")
      }
      strings.append(String(decoding: rest[..<end], as: UTF8.self))
      at += end - rest.startIndex + 1
    }
    namespace = strings.first ?? ""
    schemaLocation = strings.count > 1 ? strings[1] : ""
    auxiliaryMIMETypes = strings.count > 2 ? strings[2] : ""
    let inside = try box.children(after: min(at, bytes.count))
    mimeType = inside.first { $0.type == "mime" }.map { mime in
      String(
        decoding: mime.payload.readableBytesView.dropFirst(4).prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  fileprivate func writeFields(into bytes: inout ByteBuffer) {
    for string in [namespace, schemaLocation, auxiliaryMIMETypes] {
      bytes.writeString(string)
      bytes.writeInteger(UInt8(0))
    }
    if let mimeType {
      bytes.writeFullBox("mime") {
        $0.writeString(mimeType)
        $0.writeInteger(UInt8(0))
      }
    }
  }

  /// The `codecs` parameter (RFC 6381, W3C TTML Media Type): `stpp.ttml.im1t`, or `stpp` where the
  /// entry names no profile.
  package var codecs: String {
    guard
      let parameter = mimeType?.split(separator: ";").map({ $0.trimmingPrefix(" ") }).first(
        where: { $0.lowercased().hasPrefix("codecs=") })
    else { return "stpp" }
    let value = parameter.dropFirst("codecs=".count).filter { $0 != "\"" }
    guard (1...64).contains(value.utf8.count), value.utf8.allSatisfy(Self.isProfileByte) else {
      return "stpp"
    }
    return value.hasPrefix("stpp") ? String(value) : "stpp.ttml.\(value)"
  }

  /// Letters, digits, and what joins profiles (`im1t|im2t`).
  private static func isProfileByte(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
      || [0x2e, 0x7c, 0x2b, 0x2d, 0x5f].contains(byte)
  }
}
