package import NIOCore

/// The boxes of a file as a tree of values, and as text: what `inspect --boxes` prints and what
/// goldens compare.
///
///     let tree = try BoxTree(header.bytes)
///     print(tree.text)
///     // ftyp  @0 36  major cmfc, minor 0, brands iso6 mp41 cmfc cmf2 dash
///     // moov  @36 671
///     //   mvhd  @44 108  timescale 90000, duration 0, next track 2
///
/// Damage is part of what is shown, as a note where it was met: only a failing read throws. Payloads
/// of media data are never read, of other boxes no more than their fields need.
///
/// To show a box: add its type to `BoxTree.Content` (where children are) or to `BoxSummary`.
package struct BoxTree: Hashable, Sendable {
  /// One field of a box, ready to be shown.
  package struct Field: Hashable, Sendable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  package struct Node: Hashable, Sendable {
    package var type: FourCC
    /// Of the header in the file.
    package var offset: Int64
    /// Bytes that the box claims, its header included.
    package var byteCount: Int64
    package var fields: [Field]
    package var children: [Node]
    /// What is wrong with the box, or was left out of it.
    package var note: String?
  }

  /// The boxes of the file's own level.
  package private(set) var nodes: [Node] = []
  /// What is wrong with the file's own level, or was left out of it.
  package private(set) var note: String?

  /// Boxes inside each other, at most.
  package static let maximumDepth = 16
  /// Boxes on the file's own level, at most; inside a box `Box.maximumChildCount` holds.
  package static let maximumTopCount = 1 << 16
  /// Boxes of the whole tree, at most.
  package static let maximumNodeCount = 1 << 20

  /// - Parameters:
  ///   - byteCount: of the file.
  ///   - depth: levels to show: 1 is the file's own.
  ///   - read: bytes from an offset, exactly so many; asked only inside the file.
  /// - Throws: what `read` throws.
  package init(
    byteCount: Int64, depth: Int = Self.maximumDepth,
    read: @escaping (_ offset: Int64, _ count: Int) throws -> ByteBuffer
  ) throws {
    var walk = Walk(read: read, depth: min(max(depth, 1), Self.maximumDepth))
    (nodes, note) = try walk.level(0..<max(byteCount, 0), in: nil, "file", 1)
  }

  /// The boxes of bytes in memory.
  package init(_ bytes: ByteBuffer) throws {
    try self.init(byteCount: Int64(bytes.readableBytes)) { offset, count in
      bytes.getSlice(at: bytes.readerIndex + Int(offset), length: count) ?? ByteBuffer()
    }
  }

  /// A line for each box: type, `@offset`, size, fields; two spaces of indentation for each level.
  package var text: String {
    var lines: [String] = []
    for node in nodes { node.write(into: &lines, indentation: "") }
    if let note { lines.append("! \(note)") }
    return lines.map { $0 + "\n" }.joined()
  }
}

extension BoxTree.Node {
  fileprivate func write(into lines: inout [String], indentation: String) {
    var line = "\(indentation)\(type)  @\(offset) \(byteCount)"
    if !fields.isEmpty {
      line += "  " + fields.map { "\($0.name) \($0.value)" }.joined(separator: ", ")
    }
    lines.append(line)
    for child in children { child.write(into: &lines, indentation: indentation + "  ") }
    if let note { lines.append("\(indentation)  ! \(note)") }
  }
}

extension BoxTree {
  /// Where the children of a box begin in its payload; `nil` for a box without any.
  enum Content {
    private static let containers: Set<FourCC> = [
      "moov", "trak", "edts", "mdia", "minf", "dinf", "stbl", "mvex", "moof", "traf", "mfra",
      "sinf", "schi", "wave", "strk", "tref", "sv3d", "proj",
    ]
    private static let visualEntries: Set<FourCC> = [
      "avc1", "avc3", "hvc1", "hev1", "dvh1", "dvhe", "dva1", "dvav", "dav1", "av01", "vp08",
      "vp09", "vvc1", "encv",
      "mp4v", "s263", "jpeg", "apcn", "apch", "apcs", "apco", "ap4h",
    ]
    private static let audioEntries: Set<FourCC> = [
      "mp4a", "enca", "ac-3", "ec-3", "ac-4", "Opus", "fLaC", "alac", "samr", "lpcm", "sowt",
      "twos",
    ]

    static func isVisualEntry(_ type: FourCC, in parent: FourCC?) -> Bool {
      parent == "stsd" && visualEntries.contains(type)
    }

    static func isAudioEntry(_ type: FourCC, in parent: FourCC?) -> Bool {
      parent == "stsd" && audioEntries.contains(type)
    }

    /// - Parameter head: the first bytes of the payload, which say how long a sound entry is.
    static func start(_ type: FourCC, in parent: FourCC?, head: ByteBuffer) -> Int64? {
      if containers.contains(type) { return 0 }
      if type == "stsd" || type == "dref" { return 8 }
      if isVisualEntry(type, in: parent) { return 78 }
      guard isAudioEntry(type, in: parent) else { return nil }
      // QuickTime sound descriptions of version 1 and 2 are longer.
      switch head.getInteger(at: head.readerIndex + 8, as: UInt16.self) {
      case 1: return 28 + 16
      case 2: return 28 + 36
      default: return 28
      }
    }
  }

  /// The walk over a file: counts what it meets.
  private struct Walk {
    let read: (Int64, Int) throws -> ByteBuffer
    let depth: Int
    var left = BoxTree.maximumNodeCount

    /// The boxes of one level, and what is wrong with it.
    mutating func level(
      _ range: Range<Int64>, in parent: FourCC?, _ path: String, _ level: Int
    ) throws -> ([Node], String?) {
      let limit = parent == nil ? BoxTree.maximumTopCount : Box.maximumChildCount
      var nodes: [Node] = []
      var at = range.lowerBound
      while at < range.upperBound {
        let room = range.upperBound - at
        guard nodes.count < limit, left > 0 else {
          return (nodes, "more boxes follow at byte \(at); \(nodes.count) are shown")
        }
        let head = try read(at, Int(min(room, Int64(BoxHeader.maximumByteCount))))
        let header: BoxHeader
        do {
          guard let found = try BoxHeader(parsing: head, where: "\(path), byte \(at)") else {
            // Some writers end a container with four zero bytes (QuickTime's terminator).
            return (nodes, room <= 4 && parent != nil ? nil : "\(room) stray bytes at byte \(at)")
          }
          header = found
        } catch { return (nodes, error.message) }
        let byteCount = header.byteCount ?? room
        left -= 1
        nodes.append(
          try node(
            header, at: at, byteCount, end: at + min(byteCount, room), in: parent, path, level))
        guard byteCount <= room else { return (nodes, nil) }
        at += byteCount
      }
      return (nodes, nil)
    }

    private mutating func node(
      _ header: BoxHeader, at offset: Int64, _ byteCount: Int64, end: Int64, in parent: FourCC?,
      _ path: String, _ level: Int
    ) throws -> Node {
      let start = offset + Int64(header.headerByteCount)
      let path = parent == nil ? "\(header.type)" : "\(path)/\(header.type)"
      var node = Node(
        type: header.type, offset: offset, byteCount: byteCount, fields: [], children: [])
      guard start <= end else {
        node.note = "is shorter than its own header"
        return node
      }
      let wanted = min(end - start, Int64(BoxSummary.byteCount(header.type, in: parent)))
      let payload = wanted > 0 ? try read(start, Int(wanted)) : ByteBuffer()
      let box = Box(
        type: header.type, path: path, offset: offset, headerByteCount: header.headerByteCount,
        payload: payload)
      do { node.fields = try BoxSummary.fields(box, in: parent) } catch {
        node.note = error.message
      }
      if let skipped = Content.start(header.type, in: parent, head: payload) {
        if level >= depth {
          node.note = depth < BoxTree.maximumDepth ? nil : "deeper boxes are left out"
        } else if skipped <= end - start {
          let (children, note) = try self.level(
            start + skipped..<end, in: header.type, path, level + 1)
          node.children = children
          node.note = node.note ?? note
        }
      }
      if byteCount > end - offset {
        node.note = "claims \(byteCount) bytes, \(end - offset) are there"
      }
      return node
    }
  }
}
