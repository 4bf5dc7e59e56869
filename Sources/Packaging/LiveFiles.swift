package import MediaCore

/// Several files that are played at once, as one source: renditions of one picture, sound in several languages. What comes
/// first comes first, and where they begin again they do so together, when all have ended.
///
///     let files = LiveFiles([large, small])
///     while let event = try files.next() { … }
package final class LiveFiles: LiveSource {
  private struct Lane {
    var source: any LiveSource
    var timescales: [Int: Timescale] = [:]
    /// Of subtitles, whose first time tells nothing.
    var texts: Set<Int> = []
    /// What it has next, and when that is decoded, seconds.
    var next: (event: LiveEvent, time: Double)?
    /// Times of this round, from the first sample on.
    var start: Double?
    /// It has come to where it begins again, or to its end.
    var restarts = false
    var hasEnded = false
  }

  package let name: String
  private var lanes: [Lane]
  private var merged: LiveLanes

  package init(_ sources: [any LiveSource]) {
    name = sources.map(\.name).joined(separator: ", ")
    lanes = sources.map { Lane(source: $0) }
    merged = LiveLanes(count: sources.count)
  }

  package var expectsPictures: Bool { lanes.contains { $0.source.expectsPictures } }

  package func next() throws -> LiveEvent? {
    while true {
      for index in lanes.indices { try fill(index) }
      guard let first = earliest else {
        guard lanes.allSatisfy(\.restarts) else { return nil }
        for index in lanes.indices {
          lanes[index].restarts = false
          lanes[index].start = nil
          merged.restart(index)
        }
        return .restart(isSeamless: true)
      }
      guard let event = lanes[first].next?.event else { continue }
      lanes[first].next = nil
      if let told = merged.take(event, from: first) { return told }
    }
  }

  /// The lane whose next event is decoded first.
  private var earliest: Int? {
    lanes.indices.filter { lanes[$0].next != nil }.min {
      (lanes[$0].next?.time ?? 0) < (lanes[$1].next?.time ?? 0)
    }
  }

  private func fill(_ index: Int) throws {
    guard lanes[index].next == nil, !lanes[index].restarts, !lanes[index].hasEnded else { return }
    guard let event = try lanes[index].source.next() else {
      lanes[index].hasEnded = true
      return
    }
    switch event {
    case .restart: lanes[index].restarts = true
    case .track(let track):
      lanes[index].timescales[track.number] = track.timescale
      if track.kind == .text { lanes[index].texts.insert(track.number) }
      lanes[index].next = (event, -.infinity)
    case .splice(let splice):
      lanes[index].next = (event, splice.time.seconds - (lanes[index].start ?? splice.time.seconds))
    case .sample(let sample):
      let ticks = lanes[index].timescales[sample.track]?.ticksPerSecond ?? 1
      let start = lanes[index].start ?? Double(sample.presentationTime) / Double(ticks)
      if !lanes[index].texts.contains(sample.track) { lanes[index].start = start }
      lanes[index].next = (event, Double(sample.decodeTime) / Double(ticks) - start)
    }
  }
}
