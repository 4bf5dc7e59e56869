import FileIO
import NIOCore

/// The folder in which the parts of a ladder are kept until they are joined.
///
/// A part is there whole or not at all. What is there need not be made again, whoever made it.
package struct PartFolder: Sendable {
  package let path: String
  package static let planName = "plan.json"
  private static let ending = ".part"

  /// Makes the folder if it is not there.
  package init(path: String) throws {
    self.path = path
    if Folder.entry(at: path) == nil { try Folder.make(path) }
  }

  package func path(_ part: LadderPlan.Part) -> String { "\(path)/\(part.name)\(Self.ending)" }

  package func file(_ part: LadderPlan.Part, of plan: LadderPlan) throws -> PartFile {
    guard Folder.entry(at: path(part)) == .file else {
      throw EncodingError(
        .damaged,
        "\(path(part)) is missing; make it with: dougong ladder part "
          + "\(path)/\(Self.planName) \(part.name)")
    }
    return try PartFile(path: path(part), codec: plan.rungs[part.rung].codec)
  }

  /// Those parts that are still to be made; what is there and not whole is removed.
  package func missing(
    _ parts: [LadderPlan.Part], of plan: LadderPlan
  ) throws -> [LadderPlan.Part] {
    try parts.filter { part in
      guard Folder.entry(at: path(part)) != nil else { return true }
      if (try? file(part, of: plan)) != nil { return false }
      try Folder.remove(path(part))
      return true
    }
  }

  /// Writes the plan beside its parts, whole.
  package func keep(_ plan: LadderPlan) throws {
    let name = "\(path)/\(Self.planName)"
    let temporary = "\(path)/.\(Self.planName).\(Folder.processIdentifier).partial"
    try Folder.remove(temporary)
    let file = try WritableFile(creating: temporary)
    try file.write(ByteBuffer(bytes: try plan.json), at: 0)
    try file.synchronize()
    try Folder.rename(temporary, to: name)
  }

  /// Removes what runs that were killed left half written.
  package func removeAbandoned() throws {
    for name in try Folder.names(in: path) {
      guard name.hasPrefix("."), name.hasSuffix(".partial"),
        let identifier = name.dropLast(8).split(separator: ".").last.flatMap({ Int32($0) }),
        !Folder.processIsAlive(identifier)
      else { continue }
      try Folder.remove("\(path)/\(name)")
    }
  }
}
