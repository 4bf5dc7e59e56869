/// Values that are borrowed and given back, and are kept for a while when nobody has them.
///
/// Which value must go is decided here, what going means by the caller: every method that can
/// push values out returns them.
struct LeasedCache<Key: Hashable, Value> {
  private struct Entry {
    var value: Value
    var leases: Int
    /// When it was last given back, as the caller counts.
    var lastUse: UInt64
  }

  private var entries: [Key: Entry] = [:]
  /// How many values are kept while nobody has them.
  private let capacity: Int

  init(capacity: Int) { self.capacity = capacity }

  var count: Int { entries.count }

  /// Borrows the value of a key; every success needs one `giveBack`.
  mutating func lease(_ key: Key) -> Value? {
    guard let index = entries.index(forKey: key) else { return nil }
    entries.values[index].leases += 1
    return entries.values[index].value
  }

  /// Adds a value with one lease. Not for keys that are there.
  mutating func insertLeased(_ value: Value, for key: Key) {
    precondition(entries[key] == nil, "a second value for one key")
    entries[key] = Entry(value: value, leases: 1, lastUse: 0)
  }

  /// Ends a lease.
  mutating func giveBack(_ key: Key, at time: UInt64) -> [Value] {
    guard let index = entries.index(forKey: key) else { return [] }
    entries.values[index].leases -= 1
    entries.values[index].lastUse = time
    guard entries.count > capacity else { return [] }
    let idle = entries.filter { $0.value.leases == 0 }
    guard let oldest = idle.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return [] }
    entries[oldest.key] = nil
    return [oldest.value.value]
  }

  /// Drops what nobody has had since `time`.
  mutating func dropUnused(since time: UInt64) -> [Value] {
    let stale = entries.filter { $0.value.leases == 0 && $0.value.lastUse < time }
    for key in stale.keys { entries[key] = nil }
    return stale.values.map(\.value)
  }
}
