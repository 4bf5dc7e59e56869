import Foundation

/// Changes single fields of a file by the paths of its boxes, as `moof[1]/traf/tfdt`.
struct BoxEditor {
  struct Missing: Error { var path: String }

  private let path: String
  private(set) var bytes: [UInt8]

  init(_ path: String) throws {
    self.path = path
    bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  func save() throws { try Data(bytes).write(to: URL(fileURLWithPath: path)) }

  /// Bytes of own fields before the boxes inside.
  private static let fields = [
    "stsd": 8, "avc1": 78, "hvc1": 78, "dvh1": 78, "av01": 78, "vp09": 78, "mp4a": 28,
    "ac-3": 28, "ec-3": 28, "Opus": 28, "fLaC": 28,
  ]

  /// Where a box is, its header included, and the boxes around it, from the outermost.
  private func find(_ path: String) throws -> (box: Range<Int>, parents: [Range<Int>]) {
    var range = 0..<bytes.count
    var parents: [Range<Int>] = []
    for part in path.split(separator: "/") {
      let type = part.prefix(4)
      let index = Int(part.dropFirst(5).dropLast()) ?? 0
      var seen = 0
      var at = range.lowerBound
      var found: Range<Int>?
      while at + 8 <= range.upperBound, found == nil {
        let size = Int(word(at))
        guard size >= 8, at + size <= range.upperBound else { throw Missing(path: path) }
        if String(decoding: bytes[at + 4..<at + 8], as: UTF8.self) == type {
          if seen == index { found = at..<at + size }
          seen += 1
        }
        at += size
      }
      guard let found else { throw Missing(path: path) }
      parents.append(found)
      range = found.lowerBound + 8 + (Self.fields[String(type)] ?? 0)..<found.upperBound
    }
    guard let last = parents.popLast() else { throw Missing(path: path) }
    return (last, parents)
  }

  private func word(_ at: Int) -> UInt32 {
    bytes[at..<at + 4].reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// Index of a byte of a box's payload.
  private func position(_ path: String, _ offset: Int) throws -> Int {
    try find(path).box.lowerBound + 8 + offset
  }

  func byte(_ path: String, _ offset: Int) throws -> UInt8 { bytes[try position(path, offset)] }

  func word(_ path: String, _ offset: Int) throws -> UInt32 { word(try position(path, offset)) }

  mutating func set(_ path: String, _ offset: Int, byte: UInt8) throws {
    bytes[try position(path, offset)] = byte
  }

  mutating func set(_ path: String, _ offset: Int, half: UInt16) throws {
    let at = try position(path, offset)
    bytes.replaceSubrange(at..<at + 2, with: [UInt8(half >> 8), UInt8(half & 0xff)])
  }

  mutating func set(_ path: String, _ offset: Int, word: UInt32) throws {
    let at = try position(path, offset)
    bytes.replaceSubrange(
      at..<at + 4, with: [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) })
  }

  mutating func add(_ path: String, _ offset: Int, _ difference: Int32) throws {
    try set(path, offset, word: try word(path, offset) &+ UInt32(bitPattern: difference))
  }

  /// Gives a box another type.
  mutating func rename(_ path: String, to type: String) throws {
    let at = try find(path).box.lowerBound + 4
    bytes.replaceSubrange(at..<at + 4, with: Array(type.utf8))
  }

  /// Puts a box at the end of another one, or behind one at the top if `isInside` is false.
  mutating func insert(_ type: String, _ payload: [UInt8] = [], at path: String, isInside: Bool)
    throws
  {
    let (box, parents) = try find(path)
    let size = UInt32(payload.count + 8)
    let head = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: size >> UInt32($0)) }
    bytes.insert(contentsOf: head + Array(type.utf8) + payload, at: box.upperBound)
    for parent in parents + (isInside ? [box] : []) {
      let grown = word(parent.lowerBound) + size
      bytes.replaceSubrange(
        parent.lowerBound..<parent.lowerBound + 4,
        with: [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: grown >> UInt32($0)) })
    }
  }

  mutating func append(_ bytes: [UInt8]) { self.bytes += bytes }

  /// Offset in the payload of `trun` of a sample's field: 0 size, 1 flags, 2 composition offset.
  func runField(sample: Int, field: Int, path: String = "moof/traf/trun") throws -> Int {
    let flags = try word(path, 0) & 0xff_ffff
    let width = 4 * (flags >> 8 & 15).nonzeroBitCount
    let hasDuration = flags & 0x100 != 0 ? 1 : 0
    return 12 + sample * width + 4 * (field + hasDuration)
  }
}
