import MediaCore

/// Values over time, or over another value, as SVG: lines, and an area behind them.
package struct LinePlot {
  package struct Line {
    package var name: String
    /// A CSS colour.
    package var colour: String
    /// `nil` breaks the line.
    package var points: [(time: Double, value: Double?)]
    /// Filled down to zero.
    package var isArea = false
    /// Each value holds until the next.
    package var isStepped = false

    package init(
      name: String, colour: String, points: [(time: Double, value: Double?)],
      isStepped: Bool = false
    ) {
      self.name = name
      self.colour = colour
      self.points = points
      self.isStepped = isStepped
    }
  }

  /// With its unit.
  package var title: String
  package var lines: [Line]
  /// Unit of the values along the lower edge: time, or what else `time` of the points is.
  package var unit: String

  package init(title: String, lines: [Line], unit: String = "s") {
    self.title = title
    self.lines = lines
    self.unit = unit
  }

  private static let (width, height) = (960.0, 220.0)
  private static let (left, right, top, bottom) = (64.0, 12.0, 26.0, 24.0)

  package var svg: String {
    let times = lines.flatMap { $0.points.map(\.time) }
    let values = lines.flatMap { $0.points.compactMap(\.value) }
    guard let last = times.max(), let highest = values.max(), last > 0 else { return "" }
    let scale = Scale(highest)
    func x(_ time: Double) -> Double {
      Self.left + time / last * (Self.width - Self.left - Self.right)
    }
    func y(_ value: Double) -> Double {
      Self.height - Self.bottom
        - min(max(value / scale.top, 0), 1) * (Self.height - Self.top - Self.bottom)
    }
    var svg = SVG(width: Self.width, height: Self.height, title: title)
    for tick in scale.ticks {
      svg.line(Self.left, y(tick), Self.width - Self.right, y(tick), "grid")
      svg.text(Self.left - 6, y(tick) + 4, scale.text(tick), "end")
    }
    let seconds = Scale(last)
    for tick in seconds.ticks where tick <= last {
      svg.text(x(tick), Self.height - 6, "\(seconds.text(tick)) \(unit)", "middle")
    }
    var legend = Self.left
    for line in lines {
      svg.path(path(line, x, y), line.colour, isArea: line.isArea)
      svg.mark(legend, line.colour)
      svg.text(legend + 14, 18, line.name, "start")
      legend += 30 + Double(line.name.count) * 7
    }
    return svg.whole
  }

  private func path(
    _ line: Line, _ x: (Double) -> Double, _ y: (Double) -> Double
  ) -> String {
    var path = ""
    var run: [(x: Double, y: Double)] = []
    func close() {
      guard let first = run.first, let last = run.last else { return }
      path += run.enumerated().map { index, point in
        "\(index == 0 ? "M" : "L")\(fixed(point.x, 1)) \(fixed(point.y, 1))"
      }.joined()
      if line.isArea {
        path += "L\(fixed(last.x, 1)) \(fixed(y(0), 1))L\(fixed(first.x, 1)) \(fixed(y(0), 1))Z"
      }
      run = []
    }
    for point in line.points {
      guard let value = point.value else {
        close()
        continue
      }
      if line.isStepped, let before = run.last { run.append((x(point.time), before.y)) }
      run.append((x(point.time), y(value)))
    }
    close()
    return path
  }
}

/// Round numbers along an axis from zero.
struct Scale {
  let top: Double
  let ticks: [Double]
  private let digits: Int

  init(_ highest: Double) {
    var unit = 1.0
    while unit * 5 < highest { unit *= 10 }
    while unit > highest, unit > 1e-9 { unit /= 10 }
    let step = [0.2, 0.5, 1, 2, 5].map { $0 * unit }.first { $0 * 5 >= highest } ?? unit * 5
    let count = max(1, Int((highest / step).rounded(.up)))
    ticks = (0...min(count, 10)).map { Double($0) * step }
    top = Double(min(count, 10)) * step
    digits = step >= 1 ? 0 : step >= 0.1 ? 1 : step >= 0.01 ? 2 : 3
  }

  func text(_ tick: Double) -> String { fixed(tick, digits) }
}

/// A drawing, written element by element.
struct SVG {
  private(set) var text: String

  init(width: Double, height: Double, title: String) {
    text =
      "<figure><figcaption>\(XMLText.escaped(title))</figcaption><svg viewBox=\"0 0 \(fixed(width, 0)) "
      + "\(fixed(height, 0))\" role=\"img\" aria-label=\"\(XMLText.escaped(title))\">"
  }

  mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String) {
    text +=
      "<line class=\"\(style)\" x1=\"\(fixed(x1, 1))\" y1=\"\(fixed(y1, 1))\" "
      + "x2=\"\(fixed(x2, 1))\" y2=\"\(fixed(y2, 1))\"/>"
  }

  mutating func text(_ x: Double, _ y: Double, _ words: String, _ anchor: String) {
    text +=
      "<text x=\"\(fixed(x, 1))\" y=\"\(fixed(y, 1))\" text-anchor=\"\(anchor)\">"
      + "\(XMLText.escaped(words))</text>"
  }

  mutating func path(_ path: String, _ colour: String, isArea: Bool) {
    text +=
      isArea
      ? "<path d=\"\(path)\" fill=\"\(colour)\"/>"
      : "<path d=\"\(path)\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"1.5\"/>"
  }

  mutating func mark(_ x: Double, _ colour: String) { bar(x, 10, 10, 8, colour) }

  mutating func bar(_ x: Double, _ y: Double, _ width: Double, _ height: Double, _ colour: String) {
    text +=
      "<rect x=\"\(fixed(x, 1))\" y=\"\(fixed(y, 1))\" width=\"\(fixed(width, 1))\" "
      + "height=\"\(fixed(height, 1))\" fill=\"\(colour)\"/>"
  }

  /// The end of the drawing.
  var whole: String { text + "</svg></figure>\n" }
}
