/// Values by key in the order of their last use, each with a cost; the one that was not used the
/// longest is the first to go.
package struct RecentList<Key: Hashable, Value> {
  private struct Node {
    var key: Key
    var value: Value
    var cost: Int
    /// Towards the older and the newer.
    var older: Int
    var newer: Int
  }

  private var nodes: [Node?] = []
  private var free: [Int] = []
  private var places: [Key: Int] = [:]
  private var oldest = -1
  private var newest = -1
  package private(set) var cost = 0

  package init() {}

  package var count: Int { places.count }

  package func contains(_ key: Key) -> Bool { places[key] != nil }

  /// The value of a key, which counts as a use.
  package mutating func use(_ key: Key) -> Value? {
    guard let place = places[key] else { return nil }
    if place != newest {
      unlink(place)
      link(place)
    }
    return nodes[place]?.value
  }

  /// Adds or replaces a value as the one that was used last.
  package mutating func insert(_ value: Value, for key: Key, cost: Int) {
    remove(key)
    let node = Node(key: key, value: value, cost: cost, older: -1, newer: -1)
    let place: Int
    if let empty = free.popLast() {
      nodes[empty] = node
      place = empty
    } else {
      nodes.append(node)
      place = nodes.count - 1
    }
    places[key] = place
    self.cost += cost
    link(place)
  }

  /// Changes a value that is there without using it.
  package mutating func update(_ key: Key, _ change: (inout Value) -> Void) {
    guard let place = places[key], var node = nodes[place] else { return }
    change(&node.value)
    nodes[place] = node
  }

  @discardableResult
  package mutating func remove(_ key: Key) -> Value? {
    guard let place = places.removeValue(forKey: key), let node = nodes[place] else { return nil }
    unlink(place)
    nodes[place] = nil
    free.append(place)
    cost -= node.cost
    return node.value
  }

  /// Removes and returns what was not used the longest.
  @discardableResult
  package mutating func removeOldest() -> (key: Key, value: Value)? {
    guard oldest >= 0, let node = nodes[oldest] else { return nil }
    remove(node.key)
    return (node.key, node.value)
  }

  private mutating func link(_ place: Int) {
    nodes[place]?.older = newest
    nodes[place]?.newer = -1
    if newest >= 0 { nodes[newest]?.newer = place } else { oldest = place }
    newest = place
  }

  private mutating func unlink(_ place: Int) {
    guard let node = nodes[place] else { return }
    if node.older >= 0 { nodes[node.older]?.newer = node.newer } else { oldest = node.newer }
    if node.newer >= 0 { nodes[node.newer]?.older = node.older } else { newest = node.older }
  }
}
