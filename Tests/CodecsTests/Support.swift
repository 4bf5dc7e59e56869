import NIOCore
import Testing

/// Bytes from hexadecimal text, white space ignored.
func hex(_ text: String) -> ByteBuffer {
  var bytes: [UInt8] = []
  var high: Int?
  for character in text {
    guard let digit = character.hexDigitValue else { continue }
    if let first = high {
      bytes.append(UInt8(first << 4 | digit))
      high = nil
    } else {
      high = digit
    }
  }
  precondition(high == nil, "odd number of hexadecimal digits")
  return ByteBuffer(bytes: bytes)
}

/// Lower-case hexadecimal text of the readable bytes.
func hex(_ buffer: ByteBuffer) -> String {
  buffer.readableBytesView.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

extension ByteBuffer {
  /// The first `count` bytes.
  func prefix(_ count: Int) -> ByteBuffer { ByteBuffer(bytes: readableBytesView.prefix(count)) }

  var array: [UInt8] { Array(readableBytesView) }
}

/// xorshift64*: the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed | 1 }

  mutating func next() -> UInt64 {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return state &* 2_685_821_657_736_338_717
  }
}

/// Runs `parse` on seeded damage of `bytes`: it may throw, it must not trap.
func survivesDamage(_ bytes: ByteBuffer, rounds: Int = 2000, _ parse: (ByteBuffer) throws -> Void) {
  let seed: UInt64 = 0x1234_5678
  var generator = SeededGenerator(seed: seed)
  for _ in 0..<rounds {
    var damaged = bytes.array
    guard !damaged.isEmpty else { return }
    for _ in 0..<Int.random(in: 1...8, using: &generator) {
      let index = Int.random(in: damaged.indices, using: &generator)
      switch UInt8.random(in: 0...3, using: &generator) {
      case 0: damaged[index] ^= 1 << UInt8.random(in: 0...7, using: &generator)
      case 1: damaged[index] = 0
      case 2: damaged[index] = 0xff
      default: damaged[index] = UInt8.random(in: 0...255, using: &generator)
      }
    }
    if Bool.random(using: &generator) {
      damaged.removeLast(Int.random(in: 0..<damaged.count, using: &generator))
    }
    try? parse(ByteBuffer(bytes: damaged))
  }
}
