/// The `codecs` parameter of a track, spelled for each document, and its family.
struct Codec: Hashable {
  /// Type of the sample entry: `avc1`, `hvc1`, `mp4a`.
  var sampleEntry: String
  private var text: String

  init(_ text: String) {
    self.text = text
    sampleEntry = text.split(separator: ".").first.map { String($0) } ?? text
  }

  /// Apple players want the sample entry as registered: `Opus`, `fLaC`.
  var hls: String {
    ["opus": "Opus", "flac": "fLaC"][text.lowercased()] ?? text
  }

  /// Browsers know these two in lower case only (Media Source Extensions).
  var dash: String {
    ["opus", "flac"].contains(text.lowercased()) ? text.lowercased() : text
  }

  /// Name of the audio codec in a GROUP-ID: tracks of one family can replace each other.
  var family: String {
    switch sampleEntry {
    case "mp4a":
      switch text {
      case "mp4a.a5", "mp4a.A5": "ac3"
      case "mp4a.a6", "mp4a.A6": "eac3"
      case "mp4a.40.42": "usac"
      case "mp4a.69", "mp4a.6B", "mp4a.6b", "mp4a.40.34": "mp3"
      default: "aac"
      }
    case "ac-3": "ac3"
    case "ec-3": "eac3"
    case "ac-4": "ac4"
    case "mhm1", "mha1", "mhm2", "mha2": "mpegh"
    default: sampleEntry.lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
    }
  }
}
