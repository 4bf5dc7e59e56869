/// The text of a WebVTT cue (W3C WebVTT §3.2.1).
enum CueText {
  /// Whether a tag of the text is a time, as `<00:01.000>`.
  static func hasTimestamps(_ text: String) -> Bool {
    var isAfterBracket = false
    for byte in text.utf8 {
      if isAfterBracket, (0x30...0x39).contains(byte) { return true }
      isAfterBracket = byte == UInt8(ascii: "<")
    }
    return false
  }
}
