import MediaCore

/// The name that is spelt most like another.
package enum NearestName {
  /// Letters that are looked at of each.
  private static let maximumLength = 64
  /// Names that are looked at.
  private static let maximumCount = 512

  /// `; did you mean "goto"?`, or nothing if none is near.
  package static func hint(_ name: String, _ known: some Sequence<String>) -> String {
    let letters = Array(name.lowercased().utf8.prefix(maximumLength))
    let limit = max(1, letters.count / 3)
    var near: (distance: Int, name: String)?
    for candidate in known.prefix(maximumCount)
    where abs(candidate.utf8.count - letters.count) <= limit {
      let distance = distance(letters, Array(candidate.lowercased().utf8.prefix(maximumLength)))
      guard distance <= limit else { continue }
      if near.map({ (distance, candidate) < ($0.distance, $0.name) }) ?? true {
        near = (distance, candidate)
      }
    }
    return near.map { "; did you mean \(SafeText.quoted($0.name))?" } ?? ""
  }

  /// Letters to change, to add or to take away; two neighbours that change places count as one.
  private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var older: [Int] = []
    var row = Array(0...b.count)
    for i in a.indices {
      var next = [i + 1]
      for j in b.indices {
        var best = min(row[j] + (a[i] == b[j] ? 0 : 1), row[j + 1] + 1, next[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, older[j - 1] + 1) }
        next.append(best)
      }
      older = row
      row = next
    }
    return row[b.count]
  }
}
