import MediaCore
package import NIOCore

/// A document of the text profile of IMSC, as it lies in one sample of an `stpp` track.
///
/// Only what IMSC 1.0.1 has is used, which is all of it in IMSC 1.1 too: the `codecs` parameter is
/// `stpp.ttml.im1t`. Ruby, which came with 1.1, is written in parentheses behind its base.
package enum TTMLDocument {
  /// The cues that are shown at some time of `[from, to)`, each with its full times on the track's
  /// timeline (ISO/IEC 14496-30 §5).
  ///
  /// - Parameter language: BCP 47, for `xml:lang`; empty if unknown.
  package static func render(
    _ index: CueIndex, from: Int64, to: Int64, language: String
  ) -> ByteBuffer {
    var regions = TTMLRegions(blocks: index.list.blocks)
    var body = ""
    for number in index.numbers(from: from, to: to) {
      append(index.list.cues[number], to: &body, &regions)
    }
    var text = """
      <?xml version="1.0" encoding="UTF-8"?>
      <tt xmlns="http://www.w3.org/ns/ttml" xmlns:tts="http://www.w3.org/ns/ttml#styling" \
      xmlns:ttp="http://www.w3.org/ns/ttml#parameter" \
      ttp:profile="http://www.w3.org/ns/ttml/profile/imsc1/text" ttp:timeBase="media" \
      xml:lang="\(XMLText.escaped(language))">

      """
    if body.isEmpty {
      text += "<head/>\n<body/>\n</tt>\n"
      return ByteBuffer(string: text)
    }
    text += """
      <head>
      <styling>
      <style xml:id="text" tts:color="white" tts:fontFamily="proportionalSansSerif" \
      tts:fontSize="80%"/>
      <style xml:id="back" tts:backgroundColor="#000000CC"/>
      </styling>
      <layout>
      \(regions.rendered)</layout>
      </head>
      <body style="text">
      <div>
      \(body)</div>
      </body>
      </tt>

      """
    return ByteBuffer(string: text)
  }

  /// As `render(_: CueIndex, …)`; for many samples of one list, make the index once.
  package static func render(
    _ list: CueList, from: Int64, to: Int64, language: String
  ) -> ByteBuffer {
    render(CueIndex(list), from: from, to: to, language: language)
  }

  private static func append(_ cue: Cue, to body: inout String, _ regions: inout TTMLRegions) {
    let settings = CueSettings(cue.settings)
    let region = regions.id(settings, lineCount: cue.text.utf8.count { $0 == 0x0A } + 1)
    body += "<p begin=\"\(CueTime.rendered(cue.start))\" end=\"\(CueTime.rendered(cue.end))\""
    body += " region=\"\(region)\" xml:space=\"preserve\">"
    for run in CueTextParser.parse(cue.text).runs { append(run, to: &body) }
    body += "</p>\n"
  }

  private static func append(_ run: StyledText.Run, to body: inout String) {
    var attributes = " style=\"back\""
    let style = run.style
    if let language = style.language { attributes += " xml:lang=\"\(XMLText.escaped(language))\"" }
    if let colour = style.colour { attributes += " tts:color=\"#\(colour)\"" }
    if let background = style.background { attributes += " tts:backgroundColor=\"#\(background)\"" }
    if style.isBold { attributes += " tts:fontWeight=\"bold\"" }
    if style.isItalic { attributes += " tts:fontStyle=\"italic\"" }
    if style.isUnderlined { attributes += " tts:textDecoration=\"underline\"" }
    let text = style.ruby == .text ? "(\(run.text))" : run.text
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      if number > 0 { body += "<br/>" }
      if !line.isEmpty { body += "<span\(attributes)>\(XMLText.escaped(String(line)))</span>" }
    }
  }
}
