import Codecs
import MediaCore
import NIOCore

/// Plans an audio track: every frame lasts as long as it decodes to, gaps are filled with silence,
/// and the track ends with the picture.
struct AudioTimeline {
  let track: SourceTrack
  let audio: AudioDescription
  /// For messages: the source and the track.
  let place: String

  /// Frames of silence in a track, at most: a day of AAC at 48 kHz.
  private static let maximumSilence: Int64 = 4_050_000

  /// Samples of most frames: what silence is made of.
  var frame: Int64 {
    if let fixed = audio.record.samplesPerFrame { return Int64(fixed) }
    var counts: [UInt32: Int] = [:]
    for length in track.samples.frameLengths { counts[length, default: 0] += 1 }
    let most = counts.max { ($0.value, $0.key) < ($1.value, $1.key) }
    return Int64(most?.key ?? 1024)
  }

  /// Frames that fill gaps; `nil` where the coding has none.
  var silence: SilentFrames? {
    let frame = Int(frame)
    guard let leading = audio.record.leadingSilence(samplesPerFrame: frame),
      let inner = audio.record.silence(samplesPerFrame: frame)
    else { return nil }
    return SilentFrames(leading: leading, inner: inner)
  }

  /// Samples before the first presented one that are kept, so that it decodes right.
  private var margin: Int64 {
    switch audio.record.coding {
    // What the largest encoder delay in use (2112 samples) touches.
    case .aac: 3 * frame
    // The transform overlaps the block before.
    case .ac3, .eac3: 2 * frame
    case .opus, .mp3: Int64(audio.record.preRoll) + frame - 1
    case .flac: frame - 1
    }
  }

  /// Ticks of the source track as samples from the origin on; the first is exact where the source
  /// knows its priming.
  private func positions(_ origin: MediaTime) -> (positions: [Int64], presented: Int64, zero: Int64)
  {
    let timescale = audio.timescale
    let zero = origin.rescaled(to: timescale).value
    var positions = track.samples.presentationTimes.map {
      rescale($0, from: track.timescale, to: timescale) - zero
    }
    let presented = rescale(track.presentationStart, from: track.timescale, to: timescale) - zero
    if let priming = track.priming, !positions.isEmpty { positions[0] = presented - priming }
    return (positions, presented, zero)
  }

  private func length(_ index: Int) -> Int64? {
    index < track.samples.frameLengths.count ? Int64(track.samples.frameLengths[index]) : nil
  }

  /// When the source's own sound ends: what a title without pictures lasts.
  func naturalEnd(origin: MediaTime) -> MediaTime {
    let (positions, _, zero) = positions(origin)
    let last = positions.indices.last.map { positions[$0] + (length($0) ?? frame) } ?? 0
    let edit = track.presentationEnd.map {
      rescale($0, from: track.timescale, to: audio.timescale) - zero
    }
    return MediaTime(max(0, min(last, edit ?? last)), audio.timescale)
  }

  /// - Parameters:
  ///   - origin: the source's time that becomes 0.
  ///   - end: when the picture ends.
  func plan(origin: MediaTime, end videoEnd: MediaTime) throws -> PlannedTrack {
    let timescale = audio.timescale
    let frame = frame
    let (positions, presented, zero) = positions(origin)
    let limit = videoEnd.rescaled(to: timescale).value
    let kept = keptFrames(positions, presented: presented, end: limit, zero, timescale)
    var builder = Builder(
      frame: frame, silent: silence, place: place, timescale: timescale)
    // Times in a container are rounded to its ticks: within two of them a frame is on time.
    builder.tolerance = max(
      1, 2 * Int64(timescale.ticksPerSecond) / Int64(track.timescale.ticksPerSecond) + 1)
    builder.reserve(kept.count)
    builder.start(at: kept.first.map { positions[$0] } ?? limit, end: limit)
    for index in kept {
      try builder.append(
        index, size: track.samples.sizes[index], at: positions[index],
        lasting: length(index) ?? frame)
    }
    builder.finish(at: limit)
    let left = positions.count - kept.upperBound
    if Int64(left) * frame >= Int64(timescale.ticksPerSecond) / 10 {
      let length = MediaTime(Int64(left) * frame, timescale).rescaled(to: Timescale(literal: 1000))
      builder.notes.append(
        "\(place): \(length.value) ms of sound after the end of the picture are left out")
    }
    var plan = builder.planned(timescale)
    plan.isRolling = audio.record.preRoll > 0
    // Nothing left out, nothing filled in: the column is shared with the source's.
    if plan.pieces == [.source(positions.indices)] { plan.sizes = track.samples.sizes }
    return plan
  }

  private func keptFrames(
    _ positions: [Int64], presented: Int64, end: Int64, _ zero: Int64, _ timescale: Timescale
  ) -> Range<Int> {
    var low = 0
    var high = positions.count
    let early = presented - margin
    while low < high, positions[low] < early { low += 1 }
    var limit = end
    if let editEnd = track.presentationEnd {
      limit = min(limit, rescale(editEnd, from: track.timescale, to: timescale) - zero)
    }
    while high > low, positions[high - 1] >= limit { high -= 1 }
    return low..<high
  }

  /// Appends frames and fills what lies between them.
  private struct Builder {
    let frame: Int64
    let silent: SilentFrames?
    let place: String
    let timescale: Timescale
    var tolerance: Int64 = 1
    var notes: [String] = []
    private var pieces: [PlannedTrack.Piece] = []
    private var times: [Int64] = []
    private var sizes: [UInt32] = []
    /// Presentation time of the next frame.
    private var clock: Int64 = 0
    /// From presentation to composition time.
    private var mediaStart: Int64 = 0
    private var silentCount: Int64 = 0

    init(frame: Int64, silent: SilentFrames?, place: String, timescale: Timescale) {
      self.frame = frame
      self.silent = silent
      self.place = place
      self.timescale = timescale
    }

    /// Room for so many frames, so that the columns do not double as they grow.
    mutating func reserve(_ count: Int) {
      times.reserveCapacity(count + 64)
      sizes.reserveCapacity(count + 64)
    }

    /// - Parameter first: presentation time of the first frame: negative by the priming.
    mutating func start(at first: Int64, end: Int64) {
      clock = first
      if first < 0 { mediaStart = -first }
      guard first > 0 else { return }
      guard silent != nil else {
        // No silence to be had: the first frame is there from the start, and lasts until the next.
        clock = 0
        if first < end { note("starts", first) }
        return
      }
      // Sound that starts late: silence from the start, so that no player meets a hole.
      let count = (first + frame - 1) / frame
      clock = first - count * frame
      mediaStart = -clock
      silence(count)
      if first < end { note("starts", first) }
    }

    private mutating func note(_ what: String, _ length: Int64) {
      let milliseconds = rescale(length, from: timescale, to: Timescale(literal: 1000))
      guard milliseconds >= 100, notes.count < 8 else { return }
      notes.append(
        "\(place): the sound \(what) \(milliseconds) ms\(what == "starts" ? " late" : ""); "
          + (silent == nil
            ? "its coding has no silent frame, so the frame before lasts until then"
            : "silence fills it"))
    }

    private mutating func silence(_ count: Int64) {
      guard let silent, count > 0, count <= AudioTimeline.maximumSilence - silentCount else {
        return
      }
      silentCount += count
      let byteCount = UInt32(silent.frame(isLeading: pieces.isEmpty).readableBytes)
      pieces.append(.silence(Int(count)))
      for _ in 0..<count {
        times.append(clock + mediaStart)
        sizes.append(byteCount)
        clock += frame
      }
    }

    /// - Parameter length: samples that the frame decodes to.
    mutating func append(
      _ index: Int, size: UInt32, at position: Int64, lasting length: Int64
    ) throws {
      let late = position - clock
      if late.magnitude > UInt64(tolerance), !times.isEmpty {
        guard late > -frame else {
          throw PackagingError(
            .badTimestamps,
            "\(place): timestamps run backwards at sample \(index), from "
              + "\(MediaTime(clock, timescale).seconds) s to \(MediaTime(position, timescale).seconds) s; "
              + "mend them first")
        }
        if late >= frame { note("pauses for", late) }
        let gap = silent == nil ? 0 : late / frame
        // The rest is part of the frame before: its duration is the distance to the next.
        clock += late - gap * frame
        silence(gap)
      }
      if case .source(let range)? = pieces.last, range.upperBound == index {
        pieces[pieces.count - 1] = .source(range.lowerBound..<index + 1)
      } else {
        pieces.append(.source(index..<index + 1))
      }
      times.append(clock + mediaStart)
      sizes.append(size)
      clock += length
    }

    /// Fills up to the end of the picture, to less than a frame.
    mutating func finish(at end: Int64) {
      let count = (end - clock) / frame
      guard count > 0 else { return }
      let short = MediaTime(end - clock, timescale).rescaled(to: Timescale(literal: 1000)).value
      if short >= 100 {
        notes.append(
          "\(place): the sound ends \(short) ms before the picture; "
            + (silent == nil
              ? "its coding has no silent frame to fill that" : "silence fills it"))
      }
      silence(count)
    }

    func planned(_ timescale: Timescale) -> PlannedTrack {
      PlannedTrack(
        timescale: timescale, pieces: pieces, times: times, sizes: sizes, randomAccess: [],
        end: clock + mediaStart, mediaStart: mediaStart, frameRate: nil, notes: notes)
    }
  }
}
