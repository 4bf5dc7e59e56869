import MediaCore

/// Plans a video track: where it starts, what is left out, the exact time of every sample.
///
/// Decode times are the presentation times in order, so that a segment's decode time is its earliest
/// presentation time and composition offsets are signed (`cmf2`, ISO/IEC 23000-19 §7.7).
struct VideoTimeline {
  let track: SourceTrack
  /// For messages: the source and the track.
  let place: String

  /// - Parameters:
  ///   - origin: the source's time that becomes 0.
  ///   - hint: frame rate that the stream itself claims.
  func plan(origin: MediaTime, hint: Rational?) throws -> PlannedTrack {
    let kept = try keptSamples()
    let all = track.samples.presentationTimes
    let preroll = prerollLimit(all[kept.range])
    try checkOrder(kept)
    let times0 = kept.elements(of: all)
    let chosen = preroll == .min ? times0 : times0.filter { $0 >= preroll }
    guard !chosen.isEmpty else {
      throw PackagingError(
        .badTimestamps, "\(place): its edit list presents no picture; mend it or re-export the file"
      )
    }
    // What was encoded for the title lies on a grid already, in the one timescale of all rungs.
    let grid =
      track.rendition == nil
      ? FrameGrid.fitting(
        chosen[...], timescale: track.timescale, lastDuration: track.samples.lastDuration,
        hint: hint ?? track.frameRateHint)
      : nil
    let timescale = grid?.timescale ?? track.timescale
    var times = outputTimes(
      kept, preroll: preroll, grid: grid, timescale: timescale, origin: origin)
    var notes = kept.notes
    let last = times.max() ?? 0
    let lastDuration = lastDuration(grid, timescale, chosen)
    if let note = holdFirstPicture(&times, timescale) { notes.append(note) }
    return PlannedTrack(
      timescale: timescale, pieces: kept.pieces, times: times,
      sizes: kept.elements(of: track.samples.sizes),
      randomAccess: kept.elements(of: track.samples.randomAccess), end: last + lastDuration,
      mediaStart: 0, frameRate: rate(grid, times, last + lastDuration, timescale),
      notes: notes)
  }

  // MARK: What is kept

  private struct Kept {
    var range: Range<Int>
    /// Leading pictures of an open first GOP, which cannot be decoded.
    var dropped: Range<Int>
    var notes: [String]

    var pieces: [PlannedTrack.Piece] {
      if dropped.isEmpty { return [.source(range)] }
      let before = range.lowerBound..<dropped.lowerBound
      let after = dropped.upperBound..<range.upperBound
      return [before, after].filter { !$0.isEmpty }.map { .source($0) }
    }

    /// Indices of the kept samples; without storage, since there may be millions.
    var indices: KeptIndices { KeptIndices(range: range, dropped: dropped) }

    /// The kept elements of a column; shared with it if all are.
    func elements<Element>(of column: [Element]) -> [Element] {
      if dropped.isEmpty {
        return range == column.indices ? column : Array(column[range])
      }
      return indices.map { column[$0] }
    }
  }

  private func keptSamples() throws -> Kept {
    let times = track.samples.presentationTimes
    let access = track.samples.randomAccess
    var notes: [String] = []
    guard let firstKey = access.firstIndex(where: { $0 != 0 }) else {
      throw PackagingError(
        .noKeyFrame,
        "\(place) has no key frame in its \(times.count) samples, so nothing can "
          + "start; encode it with key frames")
    }
    var start = firstKey
    // An edit that begins inside a group of pictures: decoding starts at the key frame before.
    for index in firstKey..<times.count
    where access[index] == RandomAccess.closed.rawValue && times[index] <= track.presentationStart {
      start = index
    }
    if firstKey > 0 {
      notes.append("\(place): \(firstKey) pictures before the first key frame are left out")
    }
    var end = times.count
    if let limit = track.presentationEnd {
      while end > start + 1, times[end - 1] >= limit { end -= 1 }
    }
    var dropped = (start + 1)..<(start + 1)
    if access[start] == RandomAccess.open.rawValue {
      var index = start + 1
      while index < end, access[index] == 0, times[index] < times[start] { index += 1 }
      dropped = (start + 1)..<index
      if !dropped.isEmpty {
        notes.append(
          "\(place): \(dropped.count) leading pictures of the first, open group cannot be decoded "
            + "and are left out")
      }
    }
    return Kept(range: start..<end, dropped: dropped, notes: notes)
  }

  /// Pictures that end before the edit begins are decoded and not meant to be seen.
  private func prerollLimit(_ times: ArraySlice<Int64>) -> Int64 {
    guard let first = times.min(), let last = times.max(), first < track.presentationStart else {
      return .min
    }
    return track.presentationStart - (last - first) / Int64(max(times.count - 1, 1)) / 2
  }

  /// Pictures before a key frame in decode order are presented before all that follow it, and no two
  /// at one time.
  private func checkOrder(_ kept: Kept) throws {
    let times = track.samples.presentationTimes
    var limit = Int64.min
    var highest = Int64.min
    var group: [Int64] = []
    for index in kept.indices {
      if track.samples.randomAccess[index] != 0 {
        limit = highest
        try checkDistinct(&group)
      }
      guard times[index] > limit else {
        throw PackagingError(
          .badTimestamps,
          "\(place): timestamps run backwards at sample \(index), from \(seconds(highest)) s to "
            + "\(seconds(times[index])) s; mend them first, as with ffmpeg -fflags +genpts")
      }
      highest = max(highest, times[index])
      group.append(times[index])
    }
    try checkDistinct(&group)
  }

  private func checkDistinct(_ group: inout [Int64]) throws {
    group.sort()
    for (one, two) in zip(group, group.dropFirst()) where one == two {
      throw PackagingError(
        .badTimestamps,
        "\(place): two pictures share the presentation time \(seconds(one)) s; mend the timestamps")
    }
    group.removeAll(keepingCapacity: true)
  }

  private func seconds(_ time: Int64) -> String {
    let milliseconds = rescale(time, from: track.timescale, to: Timescale(literal: 1000))
    return "\(Double(milliseconds) / 1000)"
  }

  // MARK: Times

  private func outputTimes(
    _ kept: Kept, preroll: Int64, grid: FrameGrid?, timescale: Timescale, origin: MediaTime
  ) -> [Int64] {
    let all = track.samples.presentationTimes
    let zero = origin.rescaled(to: timescale).value
    let first = kept.indices.lazy.map { all[$0] }.filter { $0 >= preroll }.min() ?? 0
    let start = rescale(first, from: track.timescale, to: timescale) - zero
    let ticks = Int64(track.timescale.ticksPerSecond)
    var times = kept.indices.map { index -> Int64 in
      guard let grid else {
        return rescale(all[index], from: track.timescale, to: timescale) - zero
      }
      return start + grid.index(all[index], first: first, ticks: ticks) * grid.frameDuration
    }
    guard preroll > .min else {
      for index in times.indices where times[index] < 0 { times[index] = 0 }
      return times
    }
    // What is not meant to be seen flashes by: a tick for each picture.
    let order = times.indices.sorted { times[$0] < times[$1] }
    let indices = Array(kept.indices)
    var next: Int64 = 0
    for index in order {
      let isSeen = all[indices[index]] >= preroll
      times[index] = isSeen ? max(times[index], next) : next
      next = times[index] + 1
    }
    return times
  }

  private func lastDuration(
    _ grid: FrameGrid?, _ timescale: Timescale, _ presented: [Int64]
  ) -> Int64 {
    if let grid { return grid.frameDuration }
    if track.samples.lastDuration > 0 {
      return max(1, rescale(track.samples.lastDuration, from: track.timescale, to: timescale))
    }
    let sorted = presented.sorted().suffix(2)
    guard sorted.count == 2, let one = sorted.first, let two = sorted.last else { return 1 }
    return max(1, rescale(two - one, from: track.timescale, to: timescale))
  }

  /// Sound that starts before the picture: the first picture is shown from the start, so that no
  /// player meets a hole.
  private func holdFirstPicture(_ times: inout [Int64], _ timescale: Timescale) -> String? {
    guard let first = times.indices.min(by: { times[$0] < times[$1] }), times[first] > 0 else {
      return nil
    }
    let late = MediaTime(times[first], timescale)
    times[first] = 0
    guard late.seconds >= 0.1 else { return nil }
    return
      "\(place): the picture starts \(late.rescaled(to: Timescale(literal: 1000)).value) ms after "
      + "the sound; the first picture is held until then"
  }

  private func rate(
    _ grid: FrameGrid?, _ times: [Int64], _ end: Int64, _ timescale: Timescale
  ) -> Rational? {
    if track.rendition != nil, let rate = track.frameRateHint { return rate }
    if let grid, Int64(times.count) * grid.frameDuration == end { return grid.rate }
    let steps = times.sorted()
    if let grid,
      zip(steps.dropFirst(), steps.dropFirst(2)).allSatisfy({ $1 - $0 == grid.frameDuration })
    {
      return grid.rate
    }
    if let rate = PrevailingRate.measure(steps, timescale) { return rate }
    return Rational(Int64(times.count) * Int64(timescale.ticksPerSecond), max(end, 1))
  }
}

/// Indices of a range less those that are dropped.
struct KeptIndices: Sequence, IteratorProtocol {
  private let end: Int
  private let dropped: Range<Int>
  private var index: Int

  init(range: Range<Int>, dropped: Range<Int>) {
    self.dropped = dropped
    index = range.lowerBound
    end = range.upperBound
  }

  var underestimatedCount: Int { Swift.max(0, end - index - dropped.count) }

  mutating func next() -> Int? {
    if dropped.contains(index) { index = dropped.upperBound }
    guard index < end else { return nil }
    defer { index += 1 }
    return index
  }
}
