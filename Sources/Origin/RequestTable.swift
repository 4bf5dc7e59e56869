import NIOCore

/// What is known of plain GETs, by what of them decides about the response: the target, and which codings the client takes.
/// A head is looked up as it came, without a string being made of it.
struct RequestTable<Value> {
  private var entries: [UInt64: (key: RequestKey, value: Value)] = [:]
  /// So that nobody can know which targets get into each other's way.
  private let seed = UInt64.random(in: 0...UInt64.max)

  var count: Int { entries.count }

  /// - Parameter bytes: those that `head` was read from.
  func find(_ head: PlainHead, in bytes: ByteBuffer) -> Value? {
    let all = bytes.readableBytesUInt8Span
    let target = all.extracting(head.target)
    let codings = all.extracting(head.acceptEncoding ?? 0..<0)
    let separator = RequestKey.separator(hasCodings: head.acceptEncoding != nil)
    var hash = RequestKey.Hash(seed)
    hash.add(target)
    hash.add(separator)
    hash.add(codings)
    guard let found = entries[hash.value], found.key.isMade(of: target, separator, codings)
    else { return nil }
    return found.value
  }

  func find(_ request: Request) -> Value? {
    let key = RequestKey(request)
    guard let found = entries[key.hash(seed)], found.key == key else { return nil }
    return found.value
  }

  mutating func keep(_ value: Value, for request: Request) {
    let key = RequestKey(request)
    entries[key.hash(seed)] = (key, value)
  }

  mutating func removeAll(where isDropped: (Value) -> Bool) {
    let dropped = entries.filter { isDropped($0.value.value) }.map(\.key)
    for hash in dropped { entries[hash] = nil }
  }
}

/// What of a plain GET decides about its response: the target and the codings that the client takes.
struct RequestKey: Equatable {
  private let bytes: [UInt8]

  init(_ request: Request) {
    let codings = request.acceptEncoding
    bytes =
      Array(request.target.utf8) + [Self.separator(hasCodings: codings != nil)]
      + Array((codings ?? "").utf8)
  }

  /// No byte of a target. To take no coding is not the same as to say nothing of codings.
  static func separator(hasCodings: Bool) -> UInt8 { hasCodings ? 1 : 0 }

  func isMade(of target: Span<UInt8>, _ separator: UInt8, _ codings: Span<UInt8>) -> Bool {
    guard bytes.count == target.count + 1 + codings.count, bytes[target.count] == separator else {
      return false
    }
    for index in target.indices where bytes[index] != target[index] { return false }
    for index in codings.indices where bytes[target.count + 1 + index] != codings[index] {
      return false
    }
    return true
  }

  func hash(_ seed: UInt64) -> UInt64 {
    var hash = Hash(seed)
    hash.add(bytes.span)
    return hash.value
  }

  /// FNV-1a. Keys are compared as well: two of one value get into each other's way, nothing else.
  struct Hash {
    private(set) var value: UInt64

    init(_ seed: UInt64) { value = 0xcbf2_9ce4_8422_2325 ^ seed }

    mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }

    mutating func add(_ bytes: Span<UInt8>) {
      for index in bytes.indices { add(bytes[index]) }
    }
  }
}
