import FileIO
import MP4
import MediaCore
import Packaging

/// One track of a publishing point: what has come of it, from whomever.
struct IngestedTrack: Sendable {
  /// Where its header was sent, and its index there.
  let path: StreamPath
  let index: Int
  /// As the segmenter knows it; its timescale stays, whatever a later publisher's header says.
  private(set) var source: SourceTrack
  /// Decode time behind the last sample that was taken, ticks of `source`; `nil` before the first.
  var end: Int64?
  /// Who sent that.
  var upload: Int?
  /// Its publisher has said that nothing follows.
  var hasEnded = false
  /// A manifest has said so, which may overtake the last segments.
  var isEnding = false
  /// Digests of the last fragments, in order.
  private var recent: [UInt64] = []
  private var bursts: [Int64] = []
  private var burst: Int64 = 0
  private var lastArrival: Int64?

  var number: Int { source.number }
  var timescale: Timescale { source.timescale }

  init(_ source: SourceTrack, path: StreamPath, index: Int) {
    self.source = source
    self.path = path
    self.index = index
  }

  /// A manifest says what its header does not.
  mutating func describe(_ said: ManifestDescription.Track) {
    if source.language == "und", let language = said.language { source.language = language }
    if source.roles.isEmpty { source.roles = said.roles }
    source.label = source.label ?? said.label
  }

  /// A publisher has come, perhaps another one.
  /// - Returns: what the track is from here on, if that is something else than before.
  mutating func replace(_ fresh: SourceTrack) -> SourceTrack? {
    guard fresh.kind == source.kind, fresh.coding != source.coding else { return nil }
    let (number, timescale) = (source.number, source.timescale)
    source = fresh
    source.number = number
    source.timescale = timescale
    return source
  }

  /// Whether these very bytes have come before.
  mutating func knows(_ fragment: StreamFragment) -> Bool {
    var digest = ContentDigest()
    for sample in fragment.samples { digest.add(sample.payload) }
    let value = digest.take() ^ UInt64(bitPattern: fragment.start)
    if recent.contains(value) { return true }
    if recent.count == IngestLimits.recentFragmentCount { recent.removeFirst() }
    recent.append(value)
    return false
  }

  /// What comes next is of another run of the source, whose bytes may be the same.
  mutating func forgetFragments() { recent = [] }

  /// Counts how much media comes at once, which is how long it is quiet afterwards.
  mutating func came(_ ticks: Int64, now: Int64) {
    let length = rescale(ticks, from: timescale, to: LiveTime.nanoseconds)
    if let last = lastArrival, now - last >= length / 2 {
      bursts.append(burst)
      if bursts.count > 3 { bursts.removeFirst() }
      burst = 0
    }
    burst = min(burst + length, IngestLimits.longestBurst)
    lastArrival = now
  }

  /// Nanoseconds of media that came at once lately.
  var longestBurst: Int64 { max(bursts.max() ?? 0, bursts.isEmpty ? burst : 0) }
}
