import ISOBMFF
import MediaCore
import NIOCore

extension Rule {
  static let textSample = Rule("text-sample", "ISO/IEC 14496-30 §6.6")
  static let textDocument = Rule("text-document", "ISO/IEC 14496-30 §5.5")
  static let textFlags = Rule("text-flags", "ISO/IEC 14496-12 §8.8.3.1")
}

/// What a sample of a `wvtt` track shows.
struct ShownText: Hashable, Sendable {
  /// Presentation ticks.
  var start: Int64
  var duration: Int64
  /// Of each cue; none while nothing is shown.
  var texts: [String]
}

/// The payload of one sample of subtitles.
struct TextSampleRules {
  let coding: HeaderFacts.Coding
  let place: String

  /// - Returns: what a WebVTT sample shows.
  func check(
    _ sample: FragmentSample, in bytes: ByteBuffer, at: Int, _ log: inout FindingLog
  ) -> ShownText? {
    log.require(
      sample.flags & 0x1_0000 == 0, .textFlags, place,
      "every sample of subtitles is a sync sample")
    guard let payload = bytes.getSlice(at: at, length: sample.size) else { return nil }
    switch coding {
    case .webVTT:
      guard let texts = checkCues(payload, &log) else { return nil }
      return ShownText(start: sample.presentationTime, duration: sample.duration, texts: texts)
    case .ttml:
      checkDocument(payload, &log)
      return nil
    default: return nil
    }
  }

  /// `vttc` for each cue that is shown, or one `vtte`; `vtta` between them.
  private func checkCues(_ payload: ByteBuffer, _ log: inout FindingLog) -> [String]? {
    let boxes = log.attempt(.textSample, place) {
      try Box.sequence(in: payload, offset: 0, place: place)
    }
    guard let boxes else { return nil }
    let cues = boxes.filter { $0.type == "vttc" }
    let empty = boxes.count { $0.type == "vtte" }
    log.require(
      boxes.allSatisfy { ["vttc", "vtte", "vtta"].contains($0.type) }, .textSample, place,
      "holds other boxes than 'vttc', 'vtte' and 'vtta'")
    log.require(
      empty == (cues.isEmpty ? 1 : 0), .textSample, place,
      "holds \(cues.count) 'vttc' and \(empty) 'vtte'; cues, or one 'vtte', are expected")
    return cues.map { cue in
      let inside = log.children(of: cue)
      guard let box = log.only("payl", inside, of: cue) else { return "" }
      let text = String(validating: box.payload.readableBytesView, as: UTF8.self)
      log.require(text != nil, .textSample, place, "the text of a cue is no UTF-8")
      log.require(
        !(text?.contains("-->") ?? false), .textSample, place, "the text of a cue holds '-->'")
      return text ?? ""
    }
  }

  /// One XML document whose root is `tt`.
  private func checkDocument(_ payload: ByteBuffer, _ log: inout FindingLog) {
    guard let text = String(validating: payload.readableBytesView, as: UTF8.self) else {
      log.add(.textDocument, place, "the document is no UTF-8")
      return
    }
    do { try TagBalance.check(text) } catch {
      log.add(.textDocument, place, "the document is no TTML: \(error.message)")
    }
  }
}

/// Whether the tags of an XML document match, and its root is TTML's.
private enum TagBalance {
  struct Fault: Error { var message: String }

  /// Elements in each other, at most.
  private static let maximumDepth = 256

  static func check(_ text: String) throws(Fault) {
    var open: [Substring] = []
    var hasRoot = false
    var rest = Substring(text)
    while let start = rest.firstIndex(of: "<") {
      let outside = rest[..<start]
      if open.isEmpty, outside.contains(where: { !$0.isWhitespace && $0 != "\u{feff}" }) {
        throw Fault(message: "text stands outside its root")
      }
      rest = rest[start...]
      if let skipped = skipped(rest) {
        rest = skipped
        continue
      }
      guard let end = rest.firstIndex(of: ">") else { throw Fault(message: "a tag does not end") }
      let tag = rest[rest.index(after: start)..<end]
      rest = rest[rest.index(after: end)...]
      if tag.hasPrefix("/") {
        guard open.popLast() == tag.dropFirst().prefix(while: { !$0.isWhitespace }) else {
          throw Fault(message: "</\(tag.dropFirst().prefix(40))> closes another element")
        }
        continue
      }
      let name = tag.prefix { !$0.isWhitespace && $0 != "/" }
      if open.isEmpty {
        guard !hasRoot, name == "tt" || name.hasSuffix(":tt"),
          tag.contains("\"http://www.w3.org/ns/ttml\"")
        else { throw Fault(message: "its root is <\(tag.prefix(60))>") }
        hasRoot = true
      }
      if !tag.hasSuffix("/") { open.append(name) }
      guard open.count <= maximumDepth else { throw Fault(message: "elements nest too deep") }
    }
    guard hasRoot else { throw Fault(message: "it has no root") }
    if let name = open.last { throw Fault(message: "<\(name.prefix(40))> is not closed") }
  }

  /// What follows a comment, a declaration or a processing instruction.
  private static func skipped(_ rest: Substring) -> Substring? {
    for (start, end) in [("<!--", "-->"), ("<?", "?>"), ("<![CDATA[", "]]>")]
    where rest.hasPrefix(start) {
      return rest.firstRange(of: end).map { rest[$0.upperBound...] } ?? ""
    }
    return nil
  }
}
