import ISOBMFF
import NIOCore

extension Rule {
  static let textHandler = Rule("text-handler", "ISO/IEC 14496-30 §4.2, §5.2")
  static let textConfiguration = Rule("text-configuration", "ISO/IEC 14496-30 §6.4")
  static let textProfile = Rule("text-profile", "ISO/IEC 23000-19 §11.3.3", .warning)
  static let textBrand = Rule("text-brand", "ISO/IEC 23000-19 §11.2, §11.3.3", .warning)
}

/// The sample entry of subtitles.
enum TextEntryRules {
  static func read(_ entry: Box, _ facts: inout HeaderFacts, _ log: inout FindingLog) {
    let handler: FourCC = facts.handlerType
    switch entry.type {
    case "wvtt":
      facts.coding = .webVTT
      facts.codecs = "wvtt"
      log.require(
        handler == "text", .textHandler, entry.place,
        "handler_type is '\(handler)' beside 'wvtt'; 'text' is expected")
      log.require(
        facts.brands.contains("cwvt"), .textBrand, "ftyp", "the brand 'cwvt' of WebVTT is missing")
      readConfiguration(entry, &log)
    case "stpp":
      facts.coding = .ttml
      log.require(
        handler == "subt", .textHandler, entry.place,
        "handler_type is '\(handler)' beside 'stpp'; 'subt' is expected")
      readTTML(entry, &facts, &log)
    default:
      log.add(
        .sampleEntry, entry.place, "the entry is '\(entry.type)'; 'wvtt' or 'stpp' is expected")
    }
  }

  /// `vttC`: the header of the WebVTT file.
  private static func readConfiguration(_ entry: Box, _ log: inout FindingLog) {
    let inside = log.children(of: entry, after: 8)
    guard let box = log.only("vttC", inside, of: entry) else { return }
    let text = String(decoding: box.payload.readableBytesView, as: UTF8.self)
    let first = text.prefix { $0 != "\n" && $0 != "\r\n" }
    log.require(
      first == "WEBVTT" || first.hasPrefix("WEBVTT ") || first.hasPrefix("WEBVTT\t"),
      .textConfiguration, box.place, "does not begin with the line 'WEBVTT'")
    log.require(
      !text.contains("-->"), .textConfiguration, box.place, "holds a cue; cues are in samples")
  }

  private static func readTTML(_ entry: Box, _ facts: inout HeaderFacts, _ log: inout FindingLog) {
    guard
      case .ttml(let found)? = log.attempt(
        .sampleEntry, entry.place, { try TextSampleEntry(entry) })
    else { return }
    facts.codecs = found.codecs
    log.require(
      found.namespace.split(separator: " ").contains("http://www.w3.org/ns/ttml"),
      .textConfiguration, entry.place,
      "namespace is '\(found.namespace)'; http://www.w3.org/ns/ttml is expected in it")
    log.require(
      found.mimeType?.hasPrefix("application/ttml+xml") ?? false, .textProfile, entry.place,
      "'mime' is \(found.mimeType.map { "'\($0)'" } ?? "absent"); it names the profile of the documents"
    )
    guard found.codecs.hasSuffix("im1t") else { return }
    log.require(
      facts.brands.contains("im1t"), .textBrand, "ftyp", "the brand 'im1t' of IMSC 1 is missing")
  }
}
