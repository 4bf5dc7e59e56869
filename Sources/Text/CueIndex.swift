/// The cues of a list, found by time: a query costs what it finds, however long other cues are.
///
///     let index = CueIndex(list)
///     for number in index.numbers(from: 0, to: 6000) { use(index.list.cues[number]) }
package struct CueIndex: Sendable {
  package let list: CueList
  /// A binary tree of latest ends over `list.cues`, as a heap: the children of node `n` are `2n`
  /// and `2n + 1`, the leaves begin at `leafCount`.
  private let latestEnds: [Int64]
  private let leafCount: Int

  /// - Parameter list: in order of the cues' starts; sorted here if it is not.
  package init(_ list: CueList) {
    var list = list
    if !zip(list.cues, list.cues.dropFirst()).allSatisfy({ $0.start <= $1.start }) {
      list.cues = list.cues.enumerated().sorted {
        ($0.element.start, $0.offset) < ($1.element.start, $1.offset)
      }.map(\.element)
    }
    var leafCount = 1
    while leafCount < list.cues.count { leafCount *= 2 }
    var ends = [Int64](repeating: .min, count: 2 * leafCount)
    for (number, cue) in list.cues.enumerated() { ends[leafCount + number] = cue.end }
    for node in stride(from: leafCount - 1, to: 0, by: -1) {
      ends[node] = max(ends[2 * node], ends[2 * node + 1])
    }
    self.list = list
    self.leafCount = leafCount
    latestEnds = ends
  }

  /// Numbers of the cues that are shown at some time of `[from, to)`, in order.
  package func numbers(from: Int64, to: Int64) -> [Int] {
    guard from < to else { return [] }
    let bound = firstNumber(startingAtOrAfter: to)
    var found: [Int] = []
    // Nodes still to be looked at, the leftmost last.
    var nodes = [(number: 1, first: 0, count: leafCount)]
    while let node = nodes.popLast() {
      guard node.first < bound, latestEnds[node.number] > from else { continue }
      if node.count == 1 {
        found.append(node.first)
      } else {
        let half = node.count / 2
        nodes.append((2 * node.number + 1, node.first + half, half))
        nodes.append((2 * node.number, node.first, half))
      }
    }
    return found
  }

  private func firstNumber(startingAtOrAfter time: Int64) -> Int {
    var low = 0
    var high = list.cues.count
    while low < high {
      let middle = (low + high) / 2
      if list.cues[middle].start < time { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
