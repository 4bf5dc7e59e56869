import MediaCore
import NIOCore
import Testing

@testable import Text

/// Writes pairs of CEA-608 with their parity.
private func odd(_ byte: UInt8) -> UInt8 {
  (byte & 0x7F).nonzeroBitCount & 1 == 1 ? byte & 0x7F : byte | 0x80
}

/// Control codes by their names, of channel 1 of field 1.
private enum Code {
  static let resumeCaptionLoading: [UInt8] = [0x14, 0x20]
  static let resumeDirectCaptioning: [UInt8] = [0x14, 0x29]
  static let backspace: [UInt8] = [0x14, 0x21]
  static let deleteToEndOfRow: [UInt8] = [0x14, 0x24]
  static let rollUp2: [UInt8] = [0x14, 0x25]
  static let rollUp3: [UInt8] = [0x14, 0x26]
  static let textRestart: [UInt8] = [0x14, 0x2A]
  static let eraseDisplayedMemory: [UInt8] = [0x14, 0x2C]
  static let carriageReturn: [UInt8] = [0x14, 0x2D]
  static let eraseNonDisplayedMemory: [UInt8] = [0x14, 0x2E]
  static let endOfCaption: [UInt8] = [0x14, 0x2F]
  /// Row 15, column 0, white.
  static let row15: [UInt8] = [0x14, 0x70]
  static let row14: [UInt8] = [0x14, 0x50]
  static let row1: [UInt8] = [0x11, 0x50]
}

/// Feeds a decoder pair by pair, each code twice as encoders send it.
private struct Feed {
  var decoder = CaptionDecoder()
  var field = 0
  /// Added to the first byte of codes: 8 for the second channel of the field.
  var channel: UInt8 = 0

  mutating func code(_ pair: [UInt8], at time: Int64, times: Int = 2) {
    for _ in 0..<times { triplet(odd(pair[0] + channel), odd(pair[1]), at: time) }
  }

  mutating func text(_ text: String, at time: Int64) {
    var bytes = Array(text.utf8)
    if bytes.count & 1 == 1 { bytes.append(0) }
    for index in stride(from: 0, to: bytes.count, by: 2) {
      triplet(odd(bytes[index]), odd(bytes[index + 1]), at: time)
    }
  }

  mutating func triplet(_ first: UInt8, _ second: UInt8, at time: Int64) {
    decoder.take(ByteBuffer(bytes: [0xFC | UInt8(field), first, second]), at: time)
  }

  mutating func cues(at end: Int64 = 10_000) -> [Cue] {
    decoder.finish(at: end).first?.cues.cues ?? []
  }
}

struct CEA608Tests {
  @Test func `a pop-on caption shows from its end to the next erasure`() {
    var feed = Feed()
    feed.code(Code.resumeCaptionLoading, at: 0)
    feed.code(Code.eraseNonDisplayedMemory, at: 0)
    feed.code(Code.row14, at: 33)
    feed.text("Hello", at: 66)
    feed.code(Code.row15, at: 100)
    feed.text("world", at: 133)
    feed.code(Code.endOfCaption, at: 1000)
    feed.code(Code.eraseDisplayedMemory, at: 3000)
    #expect(
      feed.cues() == [
        Cue(
          start: 1000, end: 3000, text: "Hello\nworld",
          settings: "line:79.33% position:10% align:left")
      ])
  }

  @Test func `a caption takes the place of the one before`() {
    var feed = Feed()
    for (number, time) in [1000, 2000, 2500].enumerated() {
      feed.code(Code.resumeCaptionLoading, at: Int64(time) - 500)
      feed.code(Code.eraseNonDisplayedMemory, at: Int64(time) - 500)
      feed.code(Code.row15, at: Int64(time) - 400)
      feed.text("n\(number)", at: Int64(time) - 300)
      feed.code(Code.endOfCaption, at: Int64(time))
    }
    #expect(feed.cues().map(\.start) == [1000, 2000, 2500])
  }

  @Test func `roll-up rows move up, and old ones go`() {
    var feed = Feed()
    feed.code(Code.rollUp2, at: 0)
    for (number, time) in [0, 1000, 2000].enumerated() {
      feed.code(Code.carriageReturn, at: Int64(time))
      feed.code(Code.row15, at: Int64(time))
      feed.text("row\(number)", at: Int64(time) + 100)
    }
    feed.code(Code.eraseDisplayedMemory, at: 3000)
    let cues = feed.cues()
    #expect(cues.map(\.text) == ["row0", "row0\nrow1", "row1\nrow2"])
    #expect(cues.map(\.start) == [100, 1000, 2000])
    #expect(cues.map(\.end) == [1000, 2000, 3000])
    #expect(cues[1].settings == "line:79.33% position:10% align:left")
  }

  @Test func `paint-on shows at once`() {
    var feed = Feed()
    feed.code(Code.resumeDirectCaptioning, at: 500)
    feed.code(Code.row1, at: 500)
    feed.text("now", at: 600)
    feed.code(Code.row15, at: 900)
    feed.text("below", at: 950)
    let cues = feed.cues(at: 2000)
    #expect(cues.map(\.text) == ["now", "below"])
    #expect(cues.map(\.start) == [600, 900])
    #expect(cues.map(\.end) == [2000, 2000])
    #expect(cues[0].settings == "line:10% position:10% align:left")
  }

  @Test func `characters of all tables are read`() {
    var feed = Feed()
    feed.code(Code.resumeDirectCaptioning, at: 0)
    feed.code(Code.row15, at: 0)
    feed.text("*'\\", at: 0)
    feed.code([0x11, 0x37], at: 0)
    feed.text("A", at: 0)
    feed.code([0x12, 0x20], at: 0)
    feed.text("s", at: 0)
    feed.code([0x13, 0x34], at: 0)
    #expect(feed.cues().map(\.text) == ["á’é♪Áß"])
  }

  @Test func `mid-row codes and preambles set colour, italics and underline`() {
    var feed = Feed()
    feed.code(Code.resumeDirectCaptioning, at: 0)
    feed.code([0x14, 0x6A], at: 0)  // Row 15, yellow.
    feed.text("a", at: 0)
    feed.code([0x11, 0x2F], at: 0)  // Italics, underlined.
    feed.text("b<", at: 0)
    #expect(feed.cues().map(\.text) == ["<c.yellow>a <i><u>b&lt;</u></i></c>"])
  }

  @Test func `tabs, backspaces and erasure to the end of a row move and clear`() {
    var feed = Feed()
    feed.code(Code.resumeDirectCaptioning, at: 0)
    feed.code([0x14, 0x74], at: 0)  // Row 15, indent 8.
    feed.code([0x17, 0x23], at: 0)  // Three columns more.
    feed.text("abcd", at: 0)
    feed.code(Code.backspace, at: 0)
    feed.text("x", at: 0)
    #expect(
      feed.cues() == [
        Cue(start: 0, end: 10_000, text: "abcx", settings: "line:84.67% position:37.5% align:left")
      ])
  }

  @Test func `a code counts once when it is sent twice, and twice when sent four times`() {
    var feed = Feed()
    feed.code(Code.resumeDirectCaptioning, at: 0)
    feed.text("abcd", at: 0)
    feed.code(Code.backspace, at: 0, times: 2)
    feed.text("e", at: 0)
    feed.code(Code.backspace, at: 0, times: 4)
    #expect(feed.cues().map(\.text) == ["ab"])
  }

  @Test(arguments: [(0, 0, "CC1"), (0, 8, "CC2"), (1, 0, "CC3"), (1, 8, "CC4")])
  func `each channel of each field is its own`(field: Int, channel: UInt8, id: String) {
    var feed = Feed(field: field, channel: channel)
    feed.code(Code.resumeDirectCaptioning, at: 0)
    feed.text("text", at: 0)
    #expect(feed.decoder.finish(at: 1000).map(\.id) == [id])
  }

  @Test func `text services, data services and damaged bytes say nothing`() {
    var feed = Feed()
    feed.code(Code.textRestart, at: 0)
    feed.text("text service", at: 0)
    feed.code(Code.resumeDirectCaptioning, at: 0)
    feed.triplet(0x41, 0x42, at: 0)  // Even parity.
    feed.triplet(odd(0x01), odd(0x05), at: 0)
    feed.text("XDS!", at: 0)
    feed.triplet(odd(0x0F), odd(0x1D), at: 0)
    feed.text("ok", at: 0)
    #expect(feed.cues().map(\.text) == ["ok"])
  }

  @Test func `triplets that are not valid are passed over`() {
    var decoder = CaptionDecoder()
    decoder.take(ByteBuffer(bytes: [0xF8, 0x94, 0x29, 0xF8, 0xC1, 0xC2, 0xFC]), at: 0)
    #expect(decoder.finish(at: 1000).isEmpty)
  }

  @Test func `samples of QuickTime are read as boxes and as triplets`() throws {
    let pairs: [UInt8] = [0x94, 0x29, 0xC8, 0xE9]
    var boxes = ByteBuffer()
    boxes.writeInteger(UInt32(12))
    boxes.writeString("cdat")
    boxes.writeBytes(pairs)
    let triplets = ByteBuffer(bytes: [0xFC, 0x94, 0x29, 0xFC, 0xC8, 0xE9])
    for payload in [boxes, triplets] {
      let list = try SubtitleSamples.read(
        [SubtitleSamples.Sample(start: 0, end: 1000, payload: payload)], coding: .cea608,
        record: ByteBuffer())
      #expect(list.texts == ["Hi"])
      #expect(list.cues.map(\.start) == [33])
    }
  }

  @Test func `SCC counts frames of 1001 thirtieths, and drops labels behind a semicolon`() throws {
    let list = try read(Inputs.scc)
    // The ninth pair, eight frames after frame 302; the tenth line at frame 330.
    #expect(
      list.cues == [
        Cue(
          start: 10_344, end: 11_011, text: "Bip!", settings: "line:84.67% position:45% align:left")
      ])
    let dropping = try read(
      "Scenarist_SCC V1.0\n\n01:00:00;00\t9429 c8e9\n\n01:00:01;00\t942c\n")
    #expect(dropping.cues.map(\.start) == [3_600_030])
  }
}

struct CEA708Tests {
  /// Feeds one service block as a packet.
  private func take(
    _ block: [UInt8], service: UInt8 = 1, at time: Int64, into decoder: inout CaptionDecoder
  ) {
    var packet = [UInt8(0), service << 5 | UInt8(block.count)] + block
    if packet.count & 1 == 1 { packet.append(0) }
    packet[0] = UInt8(packet.count / 2)
    var triplets = ByteBuffer()
    for index in stride(from: 0, to: packet.count, by: 2) {
      triplets.writeBytes([index == 0 ? 0xFF : 0xFE, packet[index], packet[index + 1]])
    }
    decoder.take(triplets, at: time)
  }

  /// DefineWindow 0: two rows of 32, its lower middle at relative 50, 100; style 3 is centred.
  private func window(isVisible: Bool, style: UInt8 = 3) -> [UInt8] {
    [0x98, isVisible ? 0x38 : 0x18, 0x80 | 99, 50, 0x71, 31, style << 3 | 1]
  }

  @Test func `a window shows from its display to its hiding`() {
    var decoder = CaptionDecoder()
    take(window(isVisible: false) + Array("Hello".utf8), at: 0, into: &decoder)
    take([0x0D] + Array("world".utf8) + [0x03], at: 100, into: &decoder)
    take([0x89, 0x01], at: 1000, into: &decoder)
    take([0x8A, 0x01], at: 2000, into: &decoder)
    take([0x8B, 0x01], at: 3000, into: &decoder)
    take([0x8C, 0x01], at: 4000, into: &decoder)
    let channels = decoder.finish(at: 9000)
    #expect(channels.map(\.id) == ["SERVICE1"])
    let cues = channels[0].cues.cues
    #expect(cues.map(\.text) == ["Hello\nworld", "Hello\nworld"])
    #expect(cues.map(\.start) == [1000, 3000])
    #expect(cues.map(\.end) == [2000, 4000])
    #expect(cues[0].settings == "line:79.34% position:50.4%")
  }

  @Test func `rows roll up in a visible window`() {
    var decoder = CaptionDecoder()
    take(window(isVisible: true) + Array("a".utf8), at: 0, into: &decoder)
    take([0x0D] + Array("b".utf8), at: 1000, into: &decoder)
    take([0x0D] + Array("c".utf8), at: 2000, into: &decoder)
    let cues = decoder.finish(at: 3000)[0].cues.cues
    #expect(cues.map(\.text) == ["a", "a\nb", "b\nc"])
    #expect(cues.map(\.start) == [0, 1000, 2000])
  }

  @Test func `pens, and the characters of all sets, are read`() {
    var decoder = CaptionDecoder()
    take(
      window(isVisible: true) + [0x90, 0x05, 0xC0, 0x41, 0x7F] + [0x90, 0x05, 0x00],
      at: 0, into: &decoder)
    take(
      [0x91, 0b0011_0000, 0, 0, 0xE9, 0x10, 0x34, 0x18, 0x4E, 0x2D], at: 0, into: &decoder)
    #expect(
      decoder.finish(at: 1000).map { $0.cues.texts } == [
        ["<i><u>A♪</u></i><c.red>é”中</c>"]
      ])
  }

  @Test func `services are kept apart, and a code may lie over blocks`() {
    var decoder = CaptionDecoder()
    take(Array(window(isVisible: true)[..<3]), service: 2, at: 0, into: &decoder)
    take(window(isVisible: true) + Array("one".utf8), service: 1, at: 0, into: &decoder)
    take(
      Array(window(isVisible: true)[3...]) + Array("two".utf8), service: 2, at: 0, into: &decoder)
    let channels = decoder.finish(at: 1000)
    #expect(channels.map(\.id) == ["SERVICE1", "SERVICE2"])
    #expect(channels.map { $0.cues.texts } == [["one"], ["two"]])
  }

  @Test func `any bytes are taken without a trap`() {
    var state: UInt64 = 99
    var decoder = CaptionDecoder()
    for time in 0..<20_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let head: UInt8 = [0xFC, 0xFD, 0xFE, 0xFE, 0xFE, 0xFE, 0xFE, 0xFF][Int(state >> 61)]
      let word = UInt16(truncatingIfNeeded: state >> 40)
      let isCode = head >= 0xFE && state >> 39 & 1 == 1
      let first = isCode ? 0x98 | UInt8(word >> 8 & 7) : UInt8(word >> 8)
      decoder.take(ByteBuffer(bytes: [head, first, UInt8(word & 0xFF)]), at: Int64(time))
    }
    for channel in decoder.finish(at: 30_000) {
      #expect(!channel.cues.cues.isEmpty, "seed 99")
      _ = WebVTTSegment.render(channel.cues, from: 0, to: 30_000)
    }
  }
}
