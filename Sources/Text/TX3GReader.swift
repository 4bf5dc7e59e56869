import ISOBMFF
import NIOCore

/// Reads timed text of 3GPP and QuickTime (`tx3g`, 3GPP TS 26.245 §5.16 and §5.17).
struct TX3GReader {
  /// What the sample entry says for all samples.
  private struct Defaults {
    /// -1 is right, 0 left, 1 centre.
    var horizontal: Int8 = 1
    /// -1 is bottom, 0 top, 1 centre.
    var vertical: Int8 = -1
    var box = TextBox()
    var style = StyledText.Style()
  }

  /// In pixels of the track.
  private struct TextBox: Equatable {
    var top: Int16 = 0
    var left: Int16 = 0
    var bottom: Int16 = 0
    var right: Int16 = 0
  }

  /// One record of `styl`: from a character on, to another.
  private struct StyleRecord {
    var start: Int
    var end: Int
    var style: StyledText.Style
  }

  /// Style records of one sample, at most.
  private static let maximumStyleCount = 4096

  private var defaults = Defaults()
  private var collector = CueCollector()

  /// - Parameter record: the payload of the sample entry: 8 bytes of `SampleEntry` before it are
  ///   passed over if they are there.
  static func read(
    _ samples: [SubtitleSamples.Sample], record: ByteBuffer
  ) throws(TextError) -> CueList {
    var reader = TX3GReader()
    reader.readDefaults(record)
    for sample in samples { try reader.take(sample) }
    return reader.collector.finish()
  }

  /// displayFlags, justification, background, box, style record, font table (§5.16). A record that
  /// is too short leaves the defaults.
  private mutating func readDefaults(_ record: ByteBuffer) {
    var record = record
    // reserved[6] and data_reference_index of SampleEntry.
    if record.readableBytes >= 8 + 30,
      record.getBytes(at: record.readerIndex, length: 6)?.allSatisfy({ $0 == 0 }) == true,
      record.getInteger(at: record.readerIndex + 6, as: UInt16.self) == 1
    {
      record.moveReaderIndex(forwardBy: 8)
    }
    guard record.readInteger(as: UInt32.self) != nil,
      let horizontal = record.readInteger(as: Int8.self),
      let vertical = record.readInteger(as: Int8.self),
      record.readInteger(as: UInt32.self) != nil, let box = Self.box(&record),
      let style = Self.styleRecord(&record)
    else { return }
    defaults = Defaults(horizontal: horizontal, vertical: vertical, box: box, style: style.style)
  }

  private static func box(_ bytes: inout ByteBuffer) -> TextBox? {
    guard let top = bytes.readInteger(as: Int16.self), let left = bytes.readInteger(as: Int16.self),
      let bottom = bytes.readInteger(as: Int16.self), let right = bytes.readInteger(as: Int16.self)
    else { return nil }
    return TextBox(top: top, left: left, bottom: bottom, right: right)
  }

  /// startChar, endChar, font-ID, face-style-flags, font-size, text-color-rgba (§5.16).
  private static func styleRecord(_ bytes: inout ByteBuffer) -> StyleRecord? {
    guard let start = bytes.readInteger(as: UInt16.self),
      let end = bytes.readInteger(as: UInt16.self), bytes.readInteger(as: UInt16.self) != nil,
      let flags = bytes.readInteger(as: UInt8.self), bytes.readInteger(as: UInt8.self) != nil,
      let colour = bytes.readInteger(as: UInt32.self)
    else { return nil }
    var style = StyledText.Style()
    style.isBold = flags & 1 != 0
    style.isItalic = flags & 2 != 0
    style.isUnderlined = flags & 4 != 0
    let rendered = Colour.rendered(
      Int(colour >> 24), Int(colour >> 16 & 0xFF), Int(colour >> 8 & 0xFF))
    // White is what players show anyway; no colour at all is a record that was never filled in.
    if rendered != "ffffff", colour & 0xFF != 0 { style.colour = rendered }
    return StyleRecord(start: Int(start), end: Int(end), style: style)
  }

  private mutating func take(_ sample: SubtitleSamples.Sample) throws(TextError) {
    var payload = sample.payload
    guard let count = payload.readInteger(as: UInt16.self), count > 0 else { return }
    guard let bytes = payload.readSlice(length: Int(count)) else {
      collector.note("a sample whose text is longer than the sample is left out")
      return
    }
    let text = Self.text(bytes)
    var styles: [StyleRecord] = []
    var box = defaults.box
    for modifier in (try? Box.sequence(in: payload, path: "tx3g/")) ?? [] {
      var fields = modifier.payload
      switch modifier.type {
      case "styl":
        let count = min(Int(fields.readInteger(as: UInt16.self) ?? 0), Self.maximumStyleCount)
        while styles.count < count, let style = Self.styleRecord(&fields) { styles.append(style) }
      case "tbox": box = Self.box(&fields) ?? box
      case "krok": collector.note("karaoke is left out")
      default: break
      }
    }
    let styled = styled(text, styles).trimmed()
    try collector.append(
      start: sample.start, end: sample.end, styled, settings: settings(box, styled))
  }

  /// UTF-8, or UTF-16 behind a byte order mark (§5.17).
  private static func text(_ bytes: ByteBuffer) -> String {
    let view = bytes.readableBytesView
    if view.starts(with: [0xFE, 0xFF]) || view.starts(with: [0xFF, 0xFE]) {
      return (try? TextLines.decoded(bytes)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
    return SubtitleSamples.text(bytes)
  }

  /// Cuts the text where styles begin and end; places count characters.
  private func styled(_ text: String, _ records: [StyleRecord]) -> StyledText {
    var styled = StyledText()
    let scalars = Array(text.unicodeScalars)
    var at = 0
    func append(to end: Int, _ style: StyledText.Style) {
      let end = min(end, scalars.count)
      guard end > at else { return }
      var piece = String.UnicodeScalarView()
      for scalar in scalars[at..<end] where scalar.value != 0 {
        piece.append(scalar == "\r" ? "\n" : scalar)
      }
      styled.append(String(piece), style)
      at = end
    }
    for record in records.sorted(by: { $0.start < $1.start }) {
      append(to: record.start, defaults.style)
      append(to: record.end, record.style)
    }
    append(to: scalars.count, defaults.style)
    return styled
  }

  /// The lower third in the middle is where WebVTT stands by itself; other places are told by
  /// justification. The picture's size is not known here, so pixels are not.
  private func settings(_ box: TextBox, _ text: StyledText) -> String {
    let column =
      switch defaults.horizontal {
      case 0: 0
      case -1: 2
      default: 1
      }
    let row =
      switch defaults.vertical {
      case 0: 6
      case 1: 3
      default: 0
      }
    // Many writers leave both at zero, top left, and mean the box that they place at the bottom.
    if column == 0, row == 6 { return "" }
    return CueSettings.numberPad(row + column + 1, lineCount: text.lineCount).rendered
  }
}
