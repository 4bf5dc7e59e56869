import Episodes
import MediaCore

/// The story as a picture: scenes from left to right, ways as wide as many viewers went them.
struct StatisticsDrawing {
  private let statistics: EpisodeStatistics
  private let text: StatisticsText
  private let scenes: [EpisodeStatistics.SceneCount]
  private let edges: [EpisodeStatistics.EdgeCount]
  private let layout: GraphLayout
  private let positions: [String: Int]
  private let endings: [String: EpisodeStatistics.EndingCount]
  private let busiest: Int

  private static let column = 216.0
  private static let row = 66.0
  private static let width = 148.0
  private static let height = 44.0
  private static let margin = 26.0
  /// Of the way that most viewers went.
  private static let widest = 13.0
  /// Of its size to which the drawing shrinks on a small screen.
  private static let smallest = 0.72

  init(_ statistics: EpisodeStatistics, _ text: StatisticsText) {
    self.statistics = statistics
    self.text = text
    // Scenes over which others wait are no part of any way.
    let used = Set(statistics.edges.flatMap { [$0.from, $0.to] } + [statistics.entry])
    scenes = statistics.scenes.filter { used.contains($0.id) }
    let positions = Dictionary(
      scenes.enumerated().map { ($0.element.id, $0.offset) },
      uniquingKeysWith: { first, _ in first })
    let ways = statistics.edges.compactMap { edge in
      positions[edge.from].flatMap { from in
        positions[edge.to].map { (edge, GraphLayout.Edge(from: from, to: $0)) }
      }
    }
    edges = ways.map(\.0)
    layout = GraphLayout(
      nodeCount: scenes.count, edges: ways.map(\.1), start: positions[statistics.entry] ?? 0)
    self.positions = positions
    endings = Dictionary(
      statistics.endings.map { ($0.scene, $0) }, uniquingKeysWith: { first, _ in first })
    busiest = max(
      1, max(statistics.edges.map(\.count).max() ?? 1, scenes.map(\.entered).max() ?? 1))
  }

  var svg: String {
    let width = Self.margin * 2 + Double(max(0, layout.columnCount - 1)) * Self.column + Self.width
    let goesBack = layout.routes.contains { route in
      route.last.map { $0.column <= (route.first?.column ?? 0) } ?? false
    }
    // Ways back pass below.
    let height =
      Self.margin * 2 + max(0, layout.rowCount - 1) * Self.row + Self.height
      + (goesBack ? Self.row * 0.7 : 0)
    let size = "\(StatisticsText.decimal(width)) \(StatisticsText.decimal(height))"
    var svg = """
      <svg viewBox="0 0 \(size)" role="img" \
      style="max-width:\(StatisticsText.decimal(width))px;\
      min-width:\(StatisticsText.decimal(width * Self.smallest))px" \
      aria-label="The scenes of the story and how often each way was taken">

      """
    // Busy ways lie above quiet ones.
    for (index, edge) in edges.enumerated().sorted(by: {
      ($0.element.count, $0.offset) < ($1.element.count, $1.offset)
    }) {
      svg += way(edge, layout.routes[index])
    }
    for (index, scene) in scenes.enumerated() {
      svg += node(scene, layout.places[index])
    }
    return svg + "</svg>\n"
  }

  private func x(_ place: GraphLayout.Place) -> Double {
    Self.margin + Double(place.column) * Self.column
  }

  /// The middle of a row.
  private func y(_ place: GraphLayout.Place) -> Double {
    Self.margin + place.row * Self.row + Self.height / 2
  }

  private func way(_ edge: EpisodeStatistics.EdgeCount, _ route: [GraphLayout.Place]) -> String {
    guard let first = route.first, let last = route.last else { return "" }
    let n = StatisticsText.decimal
    var path: String
    if last.column <= first.column {
      let (from, to) = (x(first) + Self.width * 0.75, x(last) + Self.width * 0.25)
      let (bottom, top) = (y(first) + Self.height / 2, y(last) + Self.height / 2)
      let depth = max(bottom, top) + Self.row * 0.75
      path =
        "M\(n(from)) \(n(bottom))C\(n(from)) \(n(depth)) \(n(to)) \(n(depth)) \(n(to)) \(n(top))"
    } else {
      var (px, py) = (x(first) + Self.width, y(first))
      path = "M\(n(px)) \(n(py))"
      for (index, place) in route.enumerated().dropFirst() {
        let (nx, ny) = (x(place), y(place))
        let half = (nx - px) / 2
        path += "C\(n(px + half)) \(n(py)) \(n(nx - half)) \(n(ny)) \(n(nx)) \(n(ny))"
        (px, py) = (nx, ny)
        // Through a column that it passes, the way is straight.
        if index < route.count - 1 {
          px += Self.width
          path += "H\(n(px))"
        }
      }
    }
    let share = Double(edge.count) / Double(busiest)
    let style =
      edge.count == 0
      ? "class=\"untrodden\""
      : "stroke=\"\(Self.colour(share))\" stroke-width=\"\(n(1.4 + share * (Self.widest - 1.4)))\""
    let label = "\(name(edge.from)) → \(name(edge.to)): \(StatisticsText.count(edge.count))"
    return "<path \(style) d=\"\(path)\"><title>\(label)</title></path>\n"
  }

  private func name(_ scene: String) -> String {
    guard let position = positions[scene] else { return XMLText.escaped(scene) }
    return text.title(scenes[position].title, or: scene)
  }

  private func node(_ scene: EpisodeStatistics.SceneCount, _ place: GraphLayout.Place) -> String {
    let n = StatisticsText.decimal
    let (left, top) = (x(place), y(place) - Self.height / 2)
    let ending = endings[scene.id]
    let share = Double(scene.entered) / Double(busiest)
    let kind = ending != nil ? "ending" : scene.entered == 0 ? "unseen" : "scene"
    let title =
      ending.map { text.short($0.title, or: scene.id, width: 18) }
      ?? text.short(scene.title, or: scene.id, width: 18)
    var figures = StatisticsText.count(scene.entered)
    if let ending, statistics.endingsReached > 0 {
      figures += " · " + StatisticsText.percent(ending.share)
    } else if scene.left > 0 {
      figures +=
        " · " + StatisticsText.percent(Double(scene.left) / Double(max(1, scene.entered))) + " left"
    }
    let radius = ending != nil ? Self.height / 2 : 9
    var made = """
      <g class="\(kind)" transform="translate(\(n(left)) \(n(top)))"><title>\
      \(XMLText.escaped(scene.id)): entered \(StatisticsText.count(scene.entered)) times</title>\
      <rect width="\(n(Self.width))" height="\(n(Self.height))" rx="\(n(radius))"/>\
      <rect class="heat" width="\(n(Self.width))" height="\(n(Self.height))" rx="\(n(radius))" \
      fill-opacity="\(n(share * 0.42))"/>
      """
    if scene.left > 0, scene.entered > 0 {
      let length = (Self.width - 2 * radius) * Double(scene.left) / Double(scene.entered)
      made +=
        "<rect class=\"left\" x=\"\(n(radius))\" y=\"\(n(Self.height - 3))\" "
        + "width=\"\(n(length))\" height=\"3\"/>"
    }
    let middle = n(Self.width / 2)
    return made
      + "<text x=\"\(middle)\" y=\"19\">\(title)</text>"
      + "<text class=\"figure\" x=\"\(middle)\" y=\"34\">\(figures)</text></g>\n"
  }

  /// From the quiet of the ground to wood.
  private static func colour(_ share: Double) -> String {
    let (quiet, busy) = ([74.0, 68.0, 62.0], [211.0, 168.0, 104.0])
    // The square root tells small numbers apart.
    let part = share.squareRoot()
    let mixed = zip(quiet, busy).map { Int(($0 + ($1 - $0) * part).rounded()) }
    return "rgb(\(mixed[0]) \(mixed[1]) \(mixed[2]))"
  }
}
