/// The regions of one document: one for each place that its cues stand at.
struct TTMLRegions {
  /// In percent of the root container.
  private struct Rectangle {
    var left = 10.0
    var top = 10.0
    var width = 80.0
    var height = 80.0
  }

  private var ids: [CueSettings: String] = [:]
  /// `region` elements, in order of their first use.
  private(set) var rendered = ""
  private let webVTT: [String: WebVTTRegion]

  /// - Parameter blocks: `REGION` blocks are places that cues refer to.
  init(blocks: [String]) {
    webVTT = Dictionary(
      blocks.compactMap(WebVTTRegion.init).map { ($0.id, $0) }, uniquingKeysWith: { $1 })
  }

  /// The region of cues with such settings.
  ///
  /// - Parameter lineCount: lines of the cue: what stands at lines from below grows up.
  mutating func id(_ settings: CueSettings, lineCount: Int) -> String {
    if let id = ids[settings] { return id }
    let id = "r\(ids.count + 1)"
    ids[settings] = id
    var (rectangle, align) = place(settings, lineCount: lineCount)
    let text: String
    switch settings.alignment {
    case .start: text = "start"
    case .left: text = "left"
    case .center: text = "center"
    case .right: text = "right"
    case .end: text = "end"
    }
    var writingMode = ""
    switch settings.vertical {
    case "rl": writingMode = " tts:writingMode=\"tbrl\""
    case "lr": writingMode = " tts:writingMode=\"tblr\""
    default: break
    }
    if settings.vertical != nil { (rectangle, align) = (Rectangle(), "before") }
    let percent = CueSettings.rendered(percent:)
    rendered += """
      <region xml:id="\(id)" \
      tts:origin="\(percent(rectangle.left)) \(percent(rectangle.top))" \
      tts:extent="\(percent(rectangle.width)) \(percent(rectangle.height))" \
      tts:displayAlign="\(align)" tts:textAlign="\(text)" tts:overflow="visible"\(writingMode)/>

      """
    return id
  }

  private func place(_ settings: CueSettings, lineCount: Int) -> (Rectangle, String) {
    var rectangle = Rectangle()
    if let region = settings.region.flatMap({ webVTT[$0] }) {
      rectangle.width = region.width
      rectangle.height = min(Double(region.lineCount) * CueSettings.lineHeight, 100)
      rectangle.left = region.viewportAnchor.x - region.anchor.x * region.width / 100
      rectangle.top = region.viewportAnchor.y - region.anchor.y * rectangle.height / 100
      rectangle.left = min(max(rectangle.left, 0), 100 - rectangle.width)
      rectangle.top = min(max(rectangle.top, 0), 100 - rectangle.height)
      return (rectangle, "after")
    }
    placeAcross(settings, &rectangle)
    let lineHeight = CueSettings.lineHeight
    var edge = settings.lineEdge
    let at: Double
    switch settings.line {
    case nil: return (rectangle, "after")
    case .number(let number) where number < 0:
      at = max(0, 100 + Double(number + 1) * lineHeight)
      edge = .end
    case .number(let number): at = min(Double(number) * lineHeight, 100 - lineHeight)
    case .percent(let percent): at = percent
    }
    switch edge {
    case .start:
      rectangle.top = at
      rectangle.height = 100 - at
      return (rectangle, "before")
    case .end:
      rectangle.top = 0
      rectangle.height = at
      return (rectangle, "after")
    case .center:
      let half = min(at, 100 - at)
      rectangle.top = at - half
      rectangle.height = 2 * half
      return (rectangle, "center")
    }
  }

  /// The box of a cue by its position, size and alignment (W3C WebVTT §7.2).
  private func placeAcross(_ settings: CueSettings, _ rectangle: inout Rectangle) {
    guard settings.position != nil || settings.size != nil || settings.alignment != .center else {
      return
    }
    let anchor: CueSettings.Edge
    switch (settings.positionAnchor, settings.alignment) {
    case ("line-left", _): anchor = .start
    case ("line-right", _): anchor = .end
    case ("center", _): anchor = .center
    case (_, .start), (_, .left): anchor = .start
    case (_, .end), (_, .right): anchor = .end
    case (_, .center): anchor = .center
    }
    let size = settings.size ?? 100
    switch anchor {
    case .start:
      rectangle.left = settings.position ?? 0
      rectangle.width = min(size, 100 - rectangle.left)
    case .end:
      let right = settings.position ?? 100
      rectangle.width = min(size, right)
      rectangle.left = right - rectangle.width
    case .center:
      let middle = settings.position ?? 50
      rectangle.width = min(size, 2 * min(middle, 100 - middle))
      rectangle.left = middle - rectangle.width / 2
    }
  }
}

/// A `REGION` block of WebVTT (§3.4).
struct WebVTTRegion {
  var id = ""
  /// Percent of the picture.
  var width = 100.0
  var lineCount = 3
  var anchor = (x: 0.0, y: 100.0)
  var viewportAnchor = (x: 0.0, y: 100.0)

  /// - Returns: `nil` for a block that is none, or has no identifier.
  init?(_ block: String) {
    guard block.hasPrefix("REGION") else { return nil }
    for word in block.split(whereSeparator: { $0 == "\n" || $0 == " " || $0 == "\t" }).dropFirst() {
      guard let colon = word.firstIndex(of: ":") else { continue }
      let value = word[word.index(after: colon)...]
      switch word[..<colon] {
      case "id": id = String(value)
      case "width": width = CueSettings.percent(value) ?? width
      case "lines":
        lineCount = Int(value).flatMap { (1...100).contains($0) ? $0 : nil } ?? lineCount
      case "regionanchor": anchor = Self.pair(value) ?? anchor
      case "viewportanchor": viewportAnchor = Self.pair(value) ?? viewportAnchor
      default: break
      }
    }
    guard !id.isEmpty else { return nil }
  }

  private static func pair(_ text: Substring) -> (x: Double, y: Double)? {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count == 2, let x = CueSettings.percent(parts[0]),
      let y = CueSettings.percent(parts[1])
    else { return nil }
    return (x, y)
  }
}
