import Testing

@testable import Episodes

@Suite struct GraphLayoutTests {
  private func edges(_ pairs: [(Int, Int)]) -> [GraphLayout.Edge] {
    pairs.map { GraphLayout.Edge(from: $0.0, to: $0.1) }
  }

  @Test func `columns are the longest way, and ways back do not count`() {
    let layout = GraphLayout(
      nodeCount: 5, edges: edges([(0, 1), (1, 2), (0, 2), (2, 3), (3, 1), (2, 2), (4, 4)]))
    #expect(layout.places.map(\.column) == [0, 1, 2, 3, 0])
    #expect(layout.columnCount == 4)
    #expect(layout.routes[2].map(\.column) == [0, 1, 2], "it bends where it passes a column")
    #expect(layout.routes[4].map(\.column) == [3, 1])
    #expect(layout.routes[5].count == 2)
  }

  @Test func `the start comes first wherever it stands`() {
    let layout = GraphLayout(nodeCount: 3, edges: edges([(0, 1), (1, 2), (2, 0)]), start: 1)
    #expect(layout.places.map(\.column) == [2, 0, 1])
  }

  @Test func `ways that need not cross do not`() {
    let layout = GraphLayout(
      nodeCount: 5, edges: edges([(0, 1), (0, 2), (1, 4), (2, 3)]))
    let (p, r) = (layout.places, layout.rowCount)
    #expect((p[1].row < p[2].row) == (p[4].row < p[3].row))
    #expect(p.allSatisfy { $0.row >= 0 && $0.row <= r - 1 })
  }

  @Test func `nodes of a column keep their distance`() {
    var pairs: [(Int, Int)] = []
    var state: UInt64 = 7
    for node in 1..<200 {
      for _ in 0..<2 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        pairs.append((Int(state >> 33) % node, node))
      }
    }
    let layout = GraphLayout(nodeCount: 200, edges: edges(pairs))
    for column in Dictionary(grouping: layout.places, by: \.column).values {
      let rows = column.map(\.row).sorted()
      #expect(zip(rows, rows.dropFirst()).allSatisfy { $1 - $0 > 0.98 })
    }
    #expect(layout.places == GraphLayout(nodeCount: 200, edges: edges(pairs)).places)
  }

  @Test func `there may be nothing to draw`() {
    #expect(GraphLayout(nodeCount: 0, edges: []).rowCount == 0)
    #expect(GraphLayout(nodeCount: 1, edges: []).rowCount == 1)
  }
}
