import ISOBMFF
import NIOCore

/// The CMAF headers that all scenes of an episode must share: a player that has one can play every
/// scene, and no join needs a new one.
struct SceneHeaders {
  private var first: (scene: String, headers: [String: ByteBuffer])?
  private var names: [String] = []
  private var current: Set<String> = []

  mutating func add(_ header: ByteBuffer, of track: String, in scene: String) throws {
    current.insert(track)
    guard let first, first.scene != scene else {
      if first == nil { first = (scene, [:]) }
      first?.headers[track] = header
      names.append(track)
      return
    }
    guard let expected = first.headers[track] else {
      throw PackagingError(
        .renditionsDiffer,
        "scene \(scene) has the track \(track), which scene \(first.scene) has not: all scenes need "
          + "the same pictures, sounds and subtitles; add it there, or leave it out here")
    }
    guard header == expected else {
      throw PackagingError(
        .renditionsDiffer,
        "\(track) of scene \(scene) is coded otherwise than in scene \(first.scene): "
          + "\(Self.difference(header, expected)); encode all scenes with the same settings")
    }
  }

  mutating func endScene(_ scene: String) throws {
    defer { current = [] }
    guard let first, let missing = names.first(where: { !current.contains($0) }) else { return }
    throw PackagingError(
      .renditionsDiffer,
      "scene \(scene) has no track \(missing), which scene \(first.scene) has: all scenes need the "
        + "same pictures, sounds and subtitles; add it, or leave it out there")
  }

  /// The deepest boxes that differ, in words.
  private static func difference(_ header: ByteBuffer, _ expected: ByteBuffer) -> String {
    let (ours, theirs) = (lines(header), lines(expected))
    guard ours.count == theirs.count else { return boxDifference(ours, theirs) }
    // The innermost box of those that differ: what holds it differs in its size alone.
    for (line, other) in zip(ours, theirs).reversed() where line != other {
      return "\(line), not \(other)"
    }
    return "its header is another"
  }

  /// The first box that stands in one header alone, or in the place of another; where it lies does
  /// not count.
  private static func boxDifference(_ ours: [String], _ theirs: [String]) -> String {
    func type(_ line: String) -> Substring { line.prefix { $0 != " " } }
    func plain(_ line: String) -> String {
      let words = line.split(separator: " ")
      return (words.prefix(1) + words.dropFirst(3)).joined(separator: " ")
    }
    guard let (line, other) = zip(ours, theirs).first(where: { type($0) != type($1) }) else {
      return "its header is another"
    }
    if !ours.contains(where: { type($0) == type(other) }),
      theirs.contains(where: { type($0) == type(line) })
    {
      let why = type(other) == "stss" ? ", since all its pictures are key frames" : ""
      return "it has no \(plain(other))\(why)"
    }
    if !theirs.contains(where: { type($0) == type(line) }),
      ours.contains(where: { type($0) == type(other) })
    {
      let why = type(line) == "stss" ? ", since not all its pictures are key frames" : ""
      return "it has \(plain(line))\(why)"
    }
    return "\(plain(line)), not \(plain(other))"
  }

  private static func lines(_ header: ByteBuffer) -> [String] {
    let text = (try? BoxTree(header).text) ?? ""
    return text.split(separator: "\n").map { line in
      line.split(separator: " ").joined(separator: " ")
    }
  }
}
