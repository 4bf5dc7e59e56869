/// The styles and regions of a TTML document, resolved.
struct TTMLStyles {
  typealias Attributes = [String: String]

  /// Attributes that are read; others are not kept.
  private static let names: Set<String> = [
    "color", "backgroundColor", "fontStyle", "fontWeight", "textDecoration", "textAlign",
    "displayAlign", "origin", "extent", "position", "writingMode", "ruby", "display",
    "visibility",
  ]
  /// Attributes that content takes over from what it stands in (TTML1 §8.2).
  private static let inherited: Set<String> = [
    "color", "fontStyle", "fontWeight", "textDecoration", "textAlign", "visibility",
  ]
  /// Styles and regions, at most; references from style to style, at most.
  private static let maximumCount = 4096
  private static let maximumChainCount = 32

  private var styles: [String: TTMLElement] = [:]
  private var resolved: [String: Attributes] = [:]
  private(set) var regions: [String: Attributes] = [:]
  /// What `initial` elements say (TTML2 §8.1.1).
  private(set) var initial: Attributes = [:]
  /// Pixels of the root container; cells of its grid.
  private var size: (width: Double, height: Double)?
  private var cells = (columns: 32.0, rows: 15.0)

  init(_ root: TTMLElement) {
    let numbers = { (text: String) in
      text.split { $0 == " " }.compactMap { Double($0.hasSuffix("px") ? $0.dropLast(2) : $0) }
        .filter { $0 > 0 && $0 < 100_000 }
    }
    if let extent = root["extent"].map(numbers), extent.count == 2 {
      size = (extent[0], extent[1])
    }
    if let grid = root["cellResolution"].map(numbers), grid.count == 2 {
      cells = (grid[0], grid[1])
    }
    guard let head = root.child("head") else { return }
    for part in head.children where part.name == "styling" {
      for child in part.children.prefix(Self.maximumCount) {
        if child.name == "initial" { initial.merge(own(child)) { _, new in new } }
        if child.name == "style", let id = child["id"] { styles[id] = child }
      }
    }
    for part in head.children where part.name == "layout" {
      for child in part.children.prefix(Self.maximumCount) where child.name == "region" {
        guard let id = child["id"] else { continue }
        var attributes = specified(child)
        for nested in child.children where nested.name == "style" {
          attributes.merge(specified(nested)) { _, new in new }
        }
        regions[id] = attributes
      }
    }
  }

  private func own(_ element: TTMLElement) -> Attributes {
    element.attributes.filter { Self.names.contains($0.key) }
  }

  /// What an element says itself, over what the styles say that it names (TTML1 §8.4.1.2).
  mutating func specified(_ element: TTMLElement) -> Attributes {
    specified(element, chain: 0)
  }

  private mutating func specified(_ element: TTMLElement, chain: Int) -> Attributes {
    var attributes: Attributes = [:]
    if let names = element["style"], chain < Self.maximumChainCount {
      for name in names.split(whereSeparator: { $0 == " " || $0 == "\n" || $0 == "\t" }).prefix(32)
      {
        attributes.merge(style(String(name), chain: chain)) { _, new in new }
      }
    }
    attributes.merge(own(element)) { _, new in new }
    return attributes
  }

  private mutating func style(_ id: String, chain: Int) -> Attributes {
    if let known = resolved[id] { return known }
    guard let element = styles[id] else { return [:] }
    // A style that leads back to itself meets nothing.
    resolved[id] = [:]
    let attributes = specified(element, chain: chain + 1)
    resolved[id] = attributes
    return attributes
  }

  /// Computed attributes of an element inside another.
  mutating func computed(_ element: TTMLElement, in parent: Attributes) -> Attributes {
    var attributes = parent.filter { Self.inherited.contains($0.key) }
    attributes.merge(specified(element)) { _, new in new }
    // Backgrounds are not inherited, and still lie behind the text of a span in a span.
    if attributes["backgroundColor"] == nil, element.name == "span" {
      attributes["backgroundColor"] = parent["backgroundColor"]
    }
    return attributes
  }

  static func style(_ attributes: Attributes, language: String?) -> StyledText.Style {
    var style = StyledText.Style()
    style.isBold = attributes["fontWeight"] == "bold"
    style.isItalic = ["italic", "oblique"].contains(attributes["fontStyle"])
    style.isUnderlined =
      attributes["textDecoration"]?.split(separator: " ").contains("underline") ?? false
    // White on black is what players show by themselves.
    if let colour = attributes["color"].flatMap({ Colour.read($0[...]) }), colour != "ffffff" {
      style.colour = colour
    }
    if let background = attributes["backgroundColor"], background != "transparent",
      let colour = Colour.read(background[...]), colour != "000000"
    {
      style.background = colour
    }
    style.language = language
    switch attributes["ruby"] {
    case "base": style.ruby = .base
    case "text": style.ruby = .text
    default: break
    }
    return style
  }

  /// Settings for text in a region.
  ///
  /// - Parameters:
  ///   - region: the region's attributes; `nil` for no region.
  ///   - alignment: `textAlign` of the paragraph.
  func settings(region: Attributes?, alignment: String?, lineCount: Int) -> CueSettings {
    var settings = CueSettings()
    settings.alignment = alignment.flatMap(CueSettings.Alignment.init(rawValue:)) ?? .center
    guard let region else { return settings }
    let extent = region["extent"].flatMap(pair) ?? (100, 100)
    let origin =
      region["origin"].flatMap(pair) ?? region["position"].flatMap { position($0, extent) } ?? (
        0, 0
      )
    if region["origin"] == nil, region["extent"] == nil, region["position"] == nil,
      region["displayAlign"] == nil
    {
      return settings
    }
    switch region["writingMode"] {
    case "tbrl", "tb": settings.vertical = "rl"
    case "tblr": settings.vertical = "lr"
    default: break
    }
    let left = min(max(origin.0, 0), 100)
    let width = min(max(extent.0, 0), 100 - left)
    let top = min(max(origin.1, 0), 100)
    let bottom = min(top + max(extent.1, 0), 100)
    guard settings.vertical == nil else { return settings }
    placeAcross(&settings, left: left, width: width)
    let height = Double(lineCount) * CueSettings.lineHeight
    switch region["displayAlign"] {
    case "after":
      if bottom >= 80 { break }
      settings.line = .percent(max(0, bottom - height))
    case "center":
      let middle = (top + bottom) / 2
      if middle >= 80 { break }
      settings.line = .percent(max(0, middle - height / 2))
    default: settings.line = .percent(top)
    }
    return settings
  }

  private func placeAcross(_ settings: inout CueSettings, left: Double, width: Double) {
    switch settings.alignment {
    case .start, .left:
      settings.position = left
      if left + width < 99.5 { settings.size = width }
    case .end, .right:
      settings.position = left + width
      if left > 0.5 { settings.size = width }
    case .center:
      let middle = left + width / 2
      if abs(middle - 50) < 1 {
        if width < 60 { settings.size = width }
      } else {
        settings.position = middle
        settings.size = width
      }
    }
  }

  /// Two lengths in percent of the root container.
  private func pair(_ text: String) -> (Double, Double)? {
    let parts = text.split { $0 == " " }
    guard parts.count == 2,
      let x = length(parts[0], of: size?.width, cells: cells.columns),
      let y = length(parts[1], of: size?.height, cells: cells.rows)
    else { return nil }
    return (x, y)
  }

  private func length(_ text: Substring, of side: Double?, cells: Double) -> Double? {
    let number = { (count: Int) in
      Double(text.dropLast(count)).flatMap { abs($0) < 100_000 ? $0 : nil }
    }
    if text.hasSuffix("%") { return number(1) }
    if text.hasSuffix("px") { return side.flatMap { side in number(2).map { $0 / side * 100 } } }
    if text.hasSuffix("c") { return number(1).map { $0 / cells * 100 } }
    if text.hasSuffix("rw") || text.hasSuffix("rh") { return number(2) }
    return nil
  }

  /// `tts:position` (TTML2 §10.2.34) with one or two words.
  private func position(_ text: String, _ extent: (Double, Double)) -> (Double, Double)? {
    let known = ["left": 0.0, "top": 0, "center": 50, "right": 100, "bottom": 100]
    let words = text.split { $0 == " " }
    guard (1...2).contains(words.count) else { return nil }
    let values = words.compactMap { word in
      known[String(word)] ?? length(word, of: nil, cells: 100)
    }
    guard values.count == words.count else { return nil }
    let isTurned = words.count == 2 && (words[0] == "top" || words[0] == "bottom")
    let x = isTurned ? values[1] : values[0]
    let y = isTurned ? values[0] : values.count == 2 ? values[1] : 50
    return ((100 - extent.0) * x / 100, (100 - extent.1) * y / 100)
  }
}
