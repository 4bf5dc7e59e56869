/// Where a piece of a stream was sent to, below its publishing point; tells to which header a segment belongs.
///
/// Names are the publisher's: one path for all of a track (`video.cmfv`), a folder for each (`video/init.mp4`,
/// `video/17.m4s`), or all in one (`init-stream0.m4s`, `chunk-stream0-00017.m4s`).
struct StreamPath: Hashable, Sendable {
  let text: String
  private let folder: Substring
  /// Words of the file's name that tell streams apart.
  private let words: [Substring]

  /// Words that tell what a piece is, not of what.
  private static let common: Set<Substring> = [
    "init", "header", "chunk", "seg", "segment", "part", "frag", "fragment",
  ]

  /// - Parameter text: `video/17.m4s`
  init(_ text: String) {
    self.text = text
    let slash = text.lastIndex(of: "/")
    folder = text[..<(slash ?? text.startIndex)]
    let name = text[(slash.map(text.index(after:)) ?? text.startIndex)...]
    let stem = name.lastIndex(of: ".").map { name[..<$0] } ?? name
    var all = stem.lowercased().split { !$0.isLetter && !$0.isNumber }.map { Substring(String($0)) }
    let isHeader = all.contains { ["init", "header"].contains($0) }
    // The last number of a segment is its own.
    if !isHeader, let last = all.last {
      let digits = last.reversed().prefix { $0.isNumber }.count
      if digits == last.count { all.removeLast() }
    }
    words = all.filter { !Self.common.contains($0) }
  }

  /// The path whose header decodes what was sent here: the same; or of the same folder the one with most words in
  /// common, if it is the only one.
  func header(among paths: some Collection<StreamPath>) -> StreamPath? {
    if let same = paths.first(where: { $0.text == text }) { return same }
    let near = paths.filter { $0.folder == folder }
    if near.count == 1 { return near.first }
    let scores = near.map { path in (path, path.words.count { words.contains($0) }) }
    guard let best = scores.map(\.1).max(), best > 0 else { return nil }
    let found = scores.filter { $0.1 == best }
    // Of `video` and `video-hd`, a segment of `video` is of the one with nothing besides.
    let least = found.map(\.0.words.count).min()
    let closest = found.filter { $0.0.words.count == least }
    return closest.count == 1 ? closest[0].0 : nil
  }

  /// Without the number of a segment, and what is behind it: the same of all segments of a stream that has no header.
  var withoutNumber: Substring {
    let dot = text.lastIndex(of: ".").map { text[..<$0] } ?? text[...]
    return dot.dropLast(dot.reversed().prefix { $0.isNumber }.count)
  }

  /// The path of what a manifest at this one names.
  func sibling(_ uri: String) -> String {
    let plain = uri.split(separator: "?", maxSplits: 1).first.map(String.init) ?? uri
    var parts = folder.isEmpty ? [] : folder.split(separator: "/")
    for part in plain.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return parts.joined(separator: "/")
  }

  /// Whether it lies in the folder of a manifest, or below.
  func isBelow(_ manifest: StreamPath) -> Bool {
    manifest.folder.isEmpty || folder == manifest.folder || folder.hasPrefix("\(manifest.folder)/")
  }
}
