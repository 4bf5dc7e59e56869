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
    // The innermost box of those that differ: what holds it differs in its size alone.
    for (line, other) in zip(ours, theirs).reversed() where line != other {
      return "\(line), not \(other)"
    }
    return "its header is another"
  }

  private static func lines(_ header: ByteBuffer) -> [String] {
    let text = (try? BoxTree(header).text) ?? ""
    return text.split(separator: "\n").map { line in
      line.split(separator: " ").joined(separator: " ")
    }
  }
}
