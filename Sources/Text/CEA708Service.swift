/// One service of CEA-708: its windows, and the codes that fill them (ANSI/CTA-708 §7, §8).
struct CEA708Service: Sendable {
  static let windowCount = 8
  /// Bytes of a code that is not whole yet, at most.
  private static let maximumPendingCount = 64

  private var windows = [CEA708Window?](repeating: nil, count: windowCount)
  private var current = 0
  private var pending: [UInt8] = []
  private var collector = CueCollector()

  /// Takes a service block.
  mutating func take(_ block: ArraySlice<UInt8>, at time: Int64) {
    pending += block
    var rest = pending[...]
    while let count = Self.codeByteCount(rest), count <= rest.count {
      code(rest.prefix(count), at: time)
      rest = rest.dropFirst(count)
    }
    pending = rest.count > Self.maximumPendingCount ? [] : Array(rest)
  }

  /// Bytes of the code at the front; `nil` if they cannot be told yet (§7.1).
  private static func codeByteCount(_ bytes: ArraySlice<UInt8>) -> Int? {
    guard let first = bytes.first else { return nil }
    switch first {
    case 0x10:
      guard let second = bytes.dropFirst().first else { return nil }
      switch second {
      case 0x00...0x07: return 2
      case 0x08...0x0F: return 3
      case 0x10...0x17: return 4
      case 0x18...0x1F: return 5
      case 0x80...0x87: return 6
      case 0x88...0x8F: return 7
      case 0x90...0x9F: return bytes.dropFirst(2).first.map { 3 + Int($0 & 0x1F) }
      default: return 2
      }
    case 0x11...0x17: return 2
    case 0x18...0x1F: return 3
    case 0x88...0x8D: return 2
    case 0x90, 0x92: return 3
    case 0x91: return 4
    case 0x97: return 5
    case 0x98...0x9F: return 7
    default: return 1
    }
  }

  private mutating func code(_ code: ArraySlice<UInt8>, at time: Int64) {
    guard let first = code.first else { return }
    let parameters = Array(code.dropFirst())
    switch first {
    case 0x20...0x7F:
      append(first == 0x7F ? "♪" : Unicode.Scalar(first), at: time)
    case 0xA0...0xFF: append(Unicode.Scalar(first), at: time)
    case 0x10:
      if let scalar = Self.extended(parameters[0]) { append(scalar, at: time) }
    case 0x18:
      // P16: a character of two bytes; they are of Unicode where this is used (§7.1.1).
      let value = UInt32(parameters[0]) << 8 | UInt32(parameters[1])
      if value >= 0x20, let scalar = Unicode.Scalar(value) { append(scalar, at: time) }
    case 0x08: windows[current]?.backspace()
    case 0x0C: change(at: time) { $0.clear() }
    case 0x0D: change(at: time) { $0.carriageReturn() }
    case 0x0E: change(at: time) { $0.clearRow() }
    case 0x80...0x9F: command(first, parameters, at: time)
    default: break
    }
  }

  /// G2 and G3 (§7.1.7, §7.1.8).
  private static func extended(_ code: UInt8) -> Unicode.Scalar? {
    let known: [UInt8: Unicode.Scalar] = [
      0x20: " ", 0x21: "\u{A0}", 0x25: "…", 0x2A: "Š", 0x2C: "Œ", 0x30: "█", 0x31: "‘", 0x32: "’",
      0x33: "“", 0x34: "”", 0x35: "•", 0x39: "™", 0x3A: "š", 0x3C: "œ", 0x3D: "℠", 0x3F: "Ÿ",
      0x76: "⅛", 0x77: "⅜", 0x78: "⅝", 0x79: "⅞", 0x7A: "│", 0x7B: "┐", 0x7C: "└", 0x7D: "─",
      0x7E: "┘", 0x7F: "┌",
    ]
    if let scalar = known[code] { return scalar }
    // What has no character here is shown as an underscore; A0 is the icon of captions.
    return (0x20...0x7F).contains(code) ? "_" : nil
  }

  private mutating func append(_ scalar: Unicode.Scalar, at time: Int64) {
    guard var window = windows[current] else { return }
    if window.isVisible, window.isEmpty { window.since = time }
    window.append(scalar)
    windows[current] = window
  }

  /// Changes text of the current window that may be on the screen.
  private mutating func change(at time: Int64, _ change: (inout CEA708Window) -> Void) {
    show(current, at: time)
    if var window = windows[current] {
      change(&window)
      windows[current] = window
    }
  }

  /// C1: windows and pens (§8.10.5).
  private mutating func command(_ code: UInt8, _ parameters: [UInt8], at time: Int64) {
    switch code {
    case 0x80...0x87: if windows[Int(code & 7)] != nil { current = Int(code & 7) }
    case 0x88...0x8C: forEachWindow(of: parameters[0], code, at: time)
    case 0x8F: reset(at: time)
    case 0x90: windows[current]?.setPen(attributes: parameters[1])
    case 0x91: windows[current]?.setPen(colour: parameters[0])
    case 0x92: windows[current]?.setPen(row: parameters[0], column: parameters[1])
    case 0x97: windows[current]?.setAttributes(parameters)
    case 0x98...0x9F: define(Int(code & 7), parameters, at: time)
    default: break
    }
  }

  /// ClearWindows, DisplayWindows, HideWindows, ToggleWindows, DeleteWindows.
  private mutating func forEachWindow(of map: UInt8, _ code: UInt8, at time: Int64) {
    for number in 0..<Self.windowCount where map >> UInt8(number) & 1 == 1 {
      guard var window = windows[number] else { continue }
      let willBeVisible =
        switch code {
        case 0x89: true
        case 0x8A: false
        case 0x8B: !window.isVisible
        default: window.isVisible
        }
      if code == 0x88 || code == 0x8C || willBeVisible != window.isVisible {
        show(number, at: time)
        window.since = time
      }
      window.isVisible = willBeVisible
      if code == 0x88 { window.clear() }
      windows[number] = code == 0x8C ? nil : window
    }
  }

  private mutating func define(_ number: Int, _ parameters: [UInt8], at time: Int64) {
    show(number, at: time)
    var window = windows[number] ?? CEA708Window()
    window.define(parameters)
    window.since = time
    windows[number] = window
    current = number
  }

  private mutating func reset(at time: Int64) {
    for number in windows.indices {
      show(number, at: time)
      windows[number] = nil
    }
    pending = []
  }

  /// Writes down what a window has shown until now.
  private mutating func show(_ number: Int, at time: Int64) {
    guard var window = windows[number], window.isVisible else { return }
    if time > window.since, let cue = window.cue {
      try? collector.append(start: window.since, end: time, cue.text, settings: cue.settings)
    }
    window.since = time
    windows[number] = window
  }

  mutating func finish(at time: Int64) -> CueList {
    reset(at: time)
    var list = collector.finish()
    list.cues = TTMLReader.joined(list.cues)
    return list
  }
}
