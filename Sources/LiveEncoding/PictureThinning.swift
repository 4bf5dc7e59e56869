/// Which pictures are encoded while a machine does not keep up with all of them: every second, or fewer, down to one in each
/// part, or none of a segment.
///
///     var thinning = PictureThinning(keyDistance: 50, partLength: 10, step: 1, calm: 500)
///     switch thinning.take(number, late: 1.2) { case .shown(let length): … }
///
/// Names, cuts and the number of parts stay what they were promised to be: a picture that stands for those behind it lasts
/// as long as they would, and never beyond its part. Only a segment that would come far too late is left out whole. The later
/// it is the fewer pictures, so that it comes to rest where the machine keeps up.
package struct PictureThinning: Sendable {
  package enum Decision: Hashable, Sendable {
    /// It is encoded, and stands for so many places of the grid from its own on.
    case shown(length: Int64)
    case left
  }

  package enum Pace: Hashable, Sendable {
    case all
    /// One of so many.
    case every(Int64)
    /// None up to the next key frame.
    case none
  }

  package private(set) var pace = Pace.all
  /// Pictures have been left out, and have not been for no more than a while.
  package private(set) var isBehind = false
  /// Pictures that were left out since `isBehind`.
  package private(set) var leftCount = 0
  private let keyDistance: Int64
  private let partLength: Int64
  /// Distances of pictures that are encoded, and seconds behind from which on they are.
  private let levels: [(distance: Int64, late: Double)]
  private let calm: Int64
  private var level = 0
  /// Those before have somebody who stands for them.
  private var covered = Int64.min
  /// Since when all are encoded again.
  private var calmSince: Int64?

  /// Seconds behind at which one picture of each part is encoded; fewer than all are from half of it on.
  package static let lateness = 1.0
  /// Seconds less at which more are again.
  private static let hysteresis = 0.15
  /// At which whole segments are left out: what they have to offer would come when players have given up.
  package static let longLateness = 3.0

  /// - Parameters:
  ///   - keyDistance: pictures of a segment, which begins with each multiple of it.
  ///   - partLength: pictures of a part.
  ///   - step: of the pictures the slowest rung has every so many.
  ///   - span: places that a picture has by itself: two, of two fields.
  ///   - calm: pictures that are encoded one behind the other until it counts as having caught up.
  /// - Precondition: all are positive.
  package init(
    keyDistance: Int64, partLength: Int64, step: Int64, span: Int64 = 1, calm: Int64
  ) {
    precondition(
      keyDistance > 0 && partLength > 0 && step > 0 && span > 0,
      "parts of \(partLength) in \(keyDistance)")
    self.keyDistance = keyDistance
    self.partLength = partLength
    self.calm = calm
    let distances = (1...partLength).filter {
      $0 > span && $0 % step == 0 && partLength % $0 == 0
    }
    let half = Self.lateness / 2
    levels =
      [(span, 0)]
      + distances.enumerated().map { index, distance in
        (distance, half + half * Double(index + 1) / Double(distances.count))
      }
  }

  /// - Parameters:
  ///   - number: of the picture on the grid; they rise.
  ///   - late: seconds that encoding is behind.
  package mutating func take(_ number: Int64, late: Double) -> Decision {
    guard number >= covered else { return left() }
    let place = number - number / keyDistance * keyDistance
    if place % partLength == 0 { decide(late, number, isKey: place == 0) }
    if pace == .none { return left() }
    let distance = levels[level].distance
    guard level > 0 else { return .shown(length: distance) }
    let end = min(place / distance * distance + distance, keyDistance)
    covered = number + max(end - place, levels[0].distance)
    return .shown(length: covered - number)
  }

  private mutating func decide(_ late: Double, _ number: Int64, isKey: Bool) {
    if late > Self.longLateness {
      pace = .none
    } else if pace != .none || isKey {
      let thinner = count(late)
      let fuller = count(late + Self.hysteresis)
      level = thinner > level ? thinner : min(level, fuller)
      pace = level == 0 ? .all : .every(levels[level].distance)
    }
    guard pace == .all else {
      if !isBehind { leftCount = 0 }
      isBehind = true
      calmSince = nil
      return
    }
    calmSince = calmSince ?? number
    if number - (calmSince ?? number) >= calm { isBehind = false }
  }

  /// The level of so many seconds.
  private func count(_ late: Double) -> Int {
    levels.count { $0.late > 0 && late > $0.late }
  }

  private mutating func left() -> Decision {
    leftCount += 1
    return .left
  }
}
