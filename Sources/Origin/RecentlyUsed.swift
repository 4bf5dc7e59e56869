import MediaCore

/// Values up to a total cost; those that nobody asked for the longest go first.
struct RecentlyUsed<Key: Hashable, Value> {
  private var list = RecentList<Key, Value>()
  private let capacity: Int
  private(set) var hitCount: UInt64 = 0
  private(set) var missCount: UInt64 = 0

  init(capacity: Int) { self.capacity = capacity }

  var count: Int { list.count }
  var cost: Int { list.cost }

  mutating func value(of key: Key) -> Value? {
    guard let value = list.use(key) else {
      missCount += 1
      return nil
    }
    hitCount += 1
    return value
  }

  /// A value that costs more than a quarter of all is not kept.
  mutating func insert(_ value: Value, for key: Key, cost: Int) {
    guard cost <= capacity / 4 else { return }
    list.insert(value, for: key, cost: cost)
    while list.cost > capacity { list.removeOldest() }
  }

  mutating func remove(_ key: Key) { list.remove(key) }
}
