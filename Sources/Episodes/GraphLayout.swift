/// Where the scenes of a story stand when it is drawn from left to right.
///
///     let layout = GraphLayout(nodeCount: 3, edges: [.init(from: 0, to: 1), .init(from: 1, to: 2)])
///     layout.places[2]   // column 2, row 0
///
/// Layers by the longest way from the start, order within a layer by barycentres (Sugiyama et al.,
/// 1981), rows by the neighbours' mean. The same graph gives the same drawing.
package struct GraphLayout: Sendable {
  package struct Edge: Hashable, Sendable {
    package var from: Int
    package var to: Int

    package init(from: Int, to: Int) {
      self.from = from
      self.to = to
    }
  }

  /// Column and row; rows of one column are at least 1 apart.
  package struct Place: Hashable, Sendable {
    package var column: Int
    package var row: Double
  }

  /// `[node]`
  package private(set) var places: [Place]
  /// `[edge]`: the places that an edge passes, its nodes included. An edge that leads back, or to its
  /// own node, has these two alone.
  package private(set) var routes: [[Place]]
  package private(set) var columnCount: Int
  /// Rows are 0 ... `rowCount` − 1.
  package private(set) var rowCount: Double

  /// Places that edges pass between their ends, in all; with more, edges take the straight way.
  private static let bendCount = 20_000
  private static let sweepCount = 12

  /// - Parameters:
  ///   - edges: each once.
  ///   - start: the node at which the story begins.
  package init(nodeCount: Int, edges: [Edge], start: Int = 0) {
    let forward = Self.forwardEdges(nodeCount, edges, start)
    let columns = Self.columns(nodeCount, forward.map { edges[$0] })
    var layers = Layers(columns)
    var chains: [Int: [Int]] = [:]
    let bends = forward.reduce(0) { $0 + columns[edges[$1].to] - columns[edges[$1].from] - 1 }
    for index in forward {
      let edge = edges[index]
      chains[index] =
        bends <= Self.bendCount
        ? layers.connect(edge.from, edge.to) : layers.connectStraight(edge.from, edge.to)
    }
    layers.order(sweeps: Self.sweepCount)
    let rows = layers.rows(sweeps: Self.sweepCount)
    let place = { (node: Int) in Place(column: layers.columns[node], row: rows[node]) }
    places = (0..<nodeCount).map(place)
    routes = edges.indices.map { index in
      (chains[index] ?? [edges[index].from, edges[index].to]).map(place)
    }
    columnCount = (columns.max() ?? -1) + 1
    rowCount = (rows.max() ?? -1) + 1
  }

  /// Positions of the edges that lead on when the graph is searched in depth from its start: without
  /// the others there is no circle.
  private static func forwardEdges(_ nodeCount: Int, _ edges: [Edge], _ start: Int) -> [Int] {
    var outgoing: [[Int]] = Array(repeating: [], count: nodeCount)
    for (index, edge) in edges.enumerated() { outgoing[edge.from].append(index) }
    var forward: [Int] = []
    var (isOpen, isDone) = (
      Array(repeating: false, count: nodeCount), Array(repeating: false, count: nodeCount)
    )
    let roots = (0..<nodeCount).contains(start) ? [start] + Array(0..<nodeCount) : []
    for root in roots where !isDone[root] {
      var stack: [(node: Int, next: Int)] = [(root, 0)]
      isOpen[root] = true
      while let top = stack.last {
        guard top.next < outgoing[top.node].count else {
          isOpen[top.node] = false
          isDone[top.node] = true
          stack.removeLast()
          continue
        }
        stack[stack.count - 1].next += 1
        let edge = outgoing[top.node][top.next]
        let target = edges[edge].to
        guard !isOpen[target] else { continue }
        forward.append(edge)
        if !isDone[target] {
          isOpen[target] = true
          stack.append((target, 0))
        }
      }
    }
    return forward.sorted()
  }

  /// `[node]`: length of the longest way there.
  private static func columns(_ nodeCount: Int, _ edges: [Edge]) -> [Int] {
    var outgoing: [[Int]] = Array(repeating: [], count: nodeCount)
    var missing = Array(repeating: 0, count: nodeCount)
    for edge in edges {
      outgoing[edge.from].append(edge.to)
      missing[edge.to] += 1
    }
    var columns = Array(repeating: 0, count: nodeCount)
    var ready = (0..<nodeCount).filter { missing[$0] == 0 }
    var next = 0
    while next < ready.count {
      let node = ready[next]
      next += 1
      for target in outgoing[node] {
        columns[target] = max(columns[target], columns[node] + 1)
        missing[target] -= 1
        if missing[target] == 0 { ready.append(target) }
      }
    }
    return columns
  }
}

/// Nodes and the bends of long edges, column by column.
private struct Layers {
  /// `[node or bend]`
  private(set) var columns: [Int]
  /// `[column][position]`
  private var order: [[Int]]
  private var before: [[Int]]
  private var after: [[Int]]
  /// What is numbered from here on is a bend.
  private let nodeCount: Int

  init(_ columns: [Int]) {
    self.columns = columns
    nodeCount = columns.count
    order = Array(repeating: [], count: (columns.max() ?? -1) + 1)
    for (node, column) in columns.enumerated() { order[column].append(node) }
    before = Array(repeating: [], count: columns.count)
    after = before
  }

  /// Adds a bend in each column between two nodes.
  /// - Returns: both and the bends.
  mutating func connect(_ from: Int, _ to: Int) -> [Int] {
    var chain = [from]
    for column in (columns[from] + 1)..<max(columns[from] + 1, columns[to]) {
      let bend = columns.count
      columns.append(column)
      order[column].append(bend)
      before.append([])
      after.append([])
      chain.append(bend)
    }
    chain.append(to)
    for (left, right) in zip(chain, chain.dropFirst()) {
      after[left].append(right)
      before[right].append(left)
    }
    return chain
  }

  mutating func connectStraight(_ from: Int, _ to: Int) -> [Int] {
    after[from].append(to)
    before[to].append(from)
    return [from, to]
  }

  /// Orders columns by the mean position of their neighbours, to the right and back, and keeps the
  /// order with the fewest crossings.
  mutating func order(sweeps: Int) {
    var best = (crossings: crossings(), order: order)
    for sweep in 0..<sweeps where best.crossings > 0 {
      let isForward = sweep % 2 == 0
      var positions = positions()
      for column in isForward ? Array(order.indices) : order.indices.reversed() {
        let centres = order[column].enumerated().map { position, node -> (Double, Int) in
          let neighbours = isForward ? before[node] : after[node]
          guard !neighbours.isEmpty else { return (Double(position), node) }
          let sum = neighbours.reduce(0) { $0 + positions[$1] }
          return (Double(sum) / Double(neighbours.count), node)
        }
        // Stable: what has the same centre stays as it was.
        order[column] = centres.enumerated().sorted {
          ($0.element.0, $0.offset) < ($1.element.0, $1.offset)
        }.map(\.element.1)
        for (position, node) in order[column].enumerated() { positions[node] = position }
      }
      let crossings = crossings()
      if crossings < best.crossings { best = (crossings, order) }
    }
    order = best.order
  }

  /// `[node]`: position in its column.
  private func positions() -> [Int] {
    var positions = Array(repeating: 0, count: columns.count)
    for column in order {
      for (position, node) in column.enumerated() { positions[node] = position }
    }
    return positions
  }

  /// Pairs of edges that cross, counted by a tree of sums (Barth et al., 2002).
  private func crossings() -> Int {
    let positions = positions()
    var crossings = 0
    for column in order {
      let ends = column.flatMap { node in after[node].map { positions[$0] }.sorted() }
      var tree = Array(repeating: 0, count: (ends.max() ?? 0) + 2)
      for (count, end) in ends.enumerated() {
        var notBeyond = 0
        var index = end + 1
        while index > 0 {
          notBeyond += tree[index]
          index -= index & -index
        }
        crossings += count - notBeyond
        index = end + 1
        while index < tree.count {
          tree[index] += 1
          index += index & -index
        }
      }
    }
    return crossings
  }

  private func weight(_ node: Int, _ other: Int) -> Double {
    node < nodeCount ? (other < nodeCount ? 1 : 2) : (other < nodeCount ? 2 : 8)
  }

  /// `[node]`: near the mean of its neighbours, 1 from the next in its column.
  func rows(sweeps: Int) -> [Double] {
    var rows = positions().map(Double.init)
    for sweep in 0..<sweeps {
      for column in sweep % 2 == 0 ? order : order.reversed() {
        let wanted = column.map { node -> Double in
          let neighbours = before[node] + after[node]
          guard !neighbours.isEmpty else { return rows[node] }
          // A way that passes many columns is drawn as straight as can be (Gansner et al., 1993).
          let weights = neighbours.map { weight(node, $0) }
          let sum = zip(neighbours, weights).reduce(0) { $0 + rows[$1.0] * $1.1 }
          return sum / weights.reduce(0, +)
        }
        // Between what pushes down from above and what pushes up from below.
        var (down, up) = (wanted, wanted)
        for index in down.indices.dropFirst() {
          down[index] = max(down[index], down[index - 1] + 1)
        }
        for index in up.indices.dropLast().reversed() {
          up[index] = min(up[index], up[index + 1] - 1)
        }
        for (index, node) in column.enumerated() { rows[node] = (down[index] + up[index]) / 2 }
      }
    }
    let top = rows.min() ?? 0
    return rows.map { (($0 - top) * 100).rounded() / 100 }
  }
}
