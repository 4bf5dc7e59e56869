import ISOBMFF
import MediaCore
import NIOCore

extension MovieTrack {
  /// What boxes beside `mdhd` say of the track: its language in full (`elng`, ISO/IEC 14496-12 §8.4.6) and its roles
  /// (`kind` in its user data, §8.10.4), by DASH's words.
  mutating func takeDescription(
    _ children: [FileBox], media: [FileBox], in boxes: FileBoxes
  ) throws {
    if let elng = media.first(where: { $0.type == "elng" }),
      let tag = try Self.strings(boxes.load(elng)).first, !tag.isEmpty
    {
      track.language = tag
    }
    guard let udta = children.first(where: { $0.type == "udta" }) else { return }
    for box in try boxes.children(of: udta) where box.type == "kind" {
      let words = try Self.strings(boxes.load(box))
      guard words.count > 1, words[0] == Self.roleScheme, words[1] != "main",
        !words[1].isEmpty, !track.roles.contains(words[1]), track.roles.count < Self.roleCount
      else { continue }
      track.roles.append(words[1])
    }
  }

  /// ISO/IEC 23009-1 §5.8.5.5.
  private static let roleScheme = "urn:mpeg:dash:role:2011"
  private static let roleCount = 16
  /// Bytes of a tag or a word.
  private static let wordByteCount = 256

  /// Of a full box: words that end with a zero each.
  private static func strings(_ box: Box) throws(ISOBMFFError) -> [String] {
    var fields = box.fields
    _ = try fields.versionAndFlags()
    let bytes = try fields.slice(min(fields.remaining, 2 * wordByteCount)).readableBytesView
    return bytes.split(separator: 0, omittingEmptySubsequences: false).prefix(2).map {
      String(decoding: $0, as: UTF8.self)
    }
  }
}
