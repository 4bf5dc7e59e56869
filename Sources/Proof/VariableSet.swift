/// Positions of variables.
struct VariableSet: Hashable, Sequence {
  private var words: [UInt64]

  init(count: Int) { words = Array(repeating: 0, count: (count + 63) / 64) }

  init(_ members: some Sequence<Int>, count: Int) {
    self.init(count: count)
    for member in members { insert(member) }
  }

  func contains(_ member: Int) -> Bool { words[member / 64] >> UInt64(member % 64) & 1 == 1 }

  mutating func insert(_ member: Int) { words[member / 64] |= 1 << UInt64(member % 64) }

  mutating func remove(_ member: Int) { words[member / 64] &= ~(1 << UInt64(member % 64)) }

  mutating func formUnion(_ other: VariableSet) {
    for word in words.indices { words[word] |= other.words[word] }
  }

  func subtracting(_ other: VariableSet) -> VariableSet {
    var rest = self
    for word in words.indices { rest.words[word] &= ~other.words[word] }
    return rest
  }

  func makeIterator() -> some IteratorProtocol<Int> {
    (0..<words.count * 64).lazy.filter(contains).makeIterator()
  }
}
