import CMAF
import Codecs
import FileIO
import Library
import MediaCore
import NIOCore

/// How the samples of one live track are coded and timed, until the source changes that.
struct LiveFormat: Sendable {
  let source: SourceTrack
  let timescale: Timescale
  /// How long most samples last, ticks.
  let frame: Int64
  /// On which pictures lie, where their rate is constant.
  let grid: FrameGrid?
  let frameRate: Rational?
  let video: VideoDescription?
  let header: LiveHeader
  let isRolling: Bool
  /// A frame of sound that fills a gap; `nil` where the coding has none.
  let silence: ByteBuffer?
  /// Between the first sync samples, where that is always the same; ticks.
  let syncPeriod: Int64?

  var isVideo: Bool { video != nil }

  var clock: LiveClock {
    LiveClock(source: source.timescale, timescale: timescale, frame: frame, grid: grid)
  }

  /// - Parameters:
  ///   - samples: the first ones of the track, in decode order.
  ///   - timescale: what the live track has already.
  init(
    _ source: SourceTrack, _ samples: [LiveSample], timescale: Timescale? = nil, place: String
  ) throws {
    do {
      if let video = try VideoDescription(source) {
        self = try Self.video(source, video, samples, timescale)
      } else {
        self = try Self.audio(source, AudioDescription(source.coding), samples, timescale)
      }
    } catch let error as CodecsError {
      throw PackagingError(.damaged, "\(place): \(error.message)")
    } catch let error as PackagingError {
      throw PackagingError(error.code, "\(place): \(error.message)")
    }
  }

  private init(
    _ source: SourceTrack, timescale: Timescale, frame: Int64, grid: FrameGrid? = nil,
    frameRate: Rational? = nil, video: VideoDescription? = nil, header: CMAFHeader,
    isRolling: Bool = false, silence: ByteBuffer? = nil, syncPeriod: Int64? = nil
  ) {
    self.source = source
    self.timescale = timescale
    self.frame = frame
    self.grid = grid
    self.frameRate = frameRate
    self.video = video
    self.isRolling = isRolling
    self.silence = silence
    self.syncPeriod = syncPeriod
    self.header = LiveHeader(header)
  }

  private static func video(
    _ source: SourceTrack, _ video: VideoDescription, _ samples: [LiveSample],
    _ kept: Timescale?
  ) throws -> LiveFormat {
    // What was encoded for the title lies on a grid already, in the one timescale of all rungs.
    let isEncoded = source.rendition != nil
    var grid = isEncoded ? nil : grid(samples, source, hint: video.frameRate)
    if let kept, grid?.timescale != kept { grid = nil }
    let timescale = kept ?? grid?.timescale ?? source.timescale
    let usual =
      (isEncoded ? source.frameRateHint.map { frameDuration($0, source.timescale) } : nil)
      ?? usualDuration(samples)
    let frame =
      grid?.frameDuration ?? usual.map { rescale($0, from: source.timescale, to: timescale) }
    guard let frame, frame > 0 else {
      throw PackagingError(
        .badTimestamps, "neither its samples nor their times tell how long a picture lasts")
    }
    let plan = description(samples, timescale: timescale, frame: frame, rate: grid?.rate)
    let header = try video.header(
      plan, matrix: source.displayMatrix,
      language: LanguageTag.iso639(LanguageTag.bcp47(source.language)))
    return LiveFormat(
      source, timescale: timescale, frame: frame, grid: grid,
      frameRate: grid?.rate ?? Rational(Int64(timescale.ticksPerSecond), frame), video: video,
      header: header, syncPeriod: syncPeriod(samples, grid: grid, source.timescale, timescale))
  }

  /// The rate is what most pictures have: half of them last no longer.
  private static func usualDuration(_ samples: [LiveSample]) -> Int64? {
    let times = samples.map(\.decodeTime)
    let steps = zip(times, times.dropFirst()).map { $1 - $0 }.filter { $0 > 0 }.sorted()
    return steps.isEmpty ? samples.first?.duration : steps[steps.count / 2]
  }

  /// Ticks of one picture.
  private static func frameDuration(_ rate: Rational, _ timescale: Timescale) -> Int64 {
    let ticks = Int64(timescale.ticksPerSecond) * rate.denominator
    return max(1, (ticks + rate.numerator / 2) / rate.numerator)
  }

  /// The grid of presentation times, which containers keep better than decode times; of the latest, some are to
  /// come. The stream's own word goes first, and the container's, which may be a guess, last.
  private static func grid(
    _ samples: [LiveSample], _ source: SourceTrack, hint: Rational?
  ) -> FrameGrid? {
    let sorted = samples.map(\.presentationTime).sorted()
    let times = sorted.dropLast(min(reorderingCount, sorted.count / 4))
    for rate in [hint, source.frameRateHint] {
      if let grid = FrameGrid.fitting(
        times, timescale: source.timescale, lastDuration: samples.last?.duration ?? 0, hint: rate)
      {
        return grid
      }
    }
    return nil
  }

  /// Pictures that one is presented after, at most, though they are decoded later.
  private static let reorderingCount = 16

  /// What the header is made from: a track that has these samples and never ends.
  private static func description(
    _ samples: [LiveSample], timescale: Timescale, frame: Int64, rate: Rational?
  ) -> PlannedTrack {
    PlannedTrack(
      timescale: timescale, pieces: [],
      times: samples.indices.map { Int64($0) * frame },
      sizes: samples.map { UInt32(clamping: $0.payload.readableBytes) },
      randomAccess: samples.map(\.randomAccess.rawValue), end: Int64(samples.count) * frame,
      mediaStart: 0, frameRate: rate, notes: [])
  }

  /// The distance of sync samples, if it is the same between all.
  private static func syncPeriod(
    _ samples: [LiveSample], grid: FrameGrid?, _ source: Timescale, _ timescale: Timescale
  ) -> Int64? {
    let times = samples.filter { $0.randomAccess != .none }.map(\.decodeTime)
    guard let first = times.first, times.count > 1 else { return nil }
    let ticks = Int64(source.ticksPerSecond)
    let places = times.map { time in
      grid.map { $0.index(time, first: first, ticks: ticks) * $0.frameDuration }
        ?? rescale(time - first, from: source, to: timescale)
    }
    let steps = zip(places, places.dropFirst()).map { $1 - $0 }
    // Where times jitter nothing is regular enough to be known before it comes.
    guard let step = steps.first, step > 0, steps.allSatisfy({ $0 == step }) else { return nil }
    return step
  }

  private static func audio(
    _ source: SourceTrack, _ audio: AudioDescription, _ samples: [LiveSample], _ kept: Timescale?
  ) throws -> LiveFormat {
    guard kept.map({ $0 == audio.timescale }) ?? true else {
      throw PackagingError(
        .unsupportedCodec,
        "its sample rate changes to \(audio.timescale): a live track keeps the one it has")
    }
    let length: Int
    if let fixed = audio.record.samplesPerFrame {
      length = fixed
    } else {
      guard let payload = samples.first?.payload,
        let first = try audio.record.sampleCount(
          ofFrameIn: payload, at: payload.readerIndex, count: payload.readableBytes)
      else { throw PackagingError(.damaged, "it has no frame that tells how long frames are") }
      length = first
    }
    let frame = Int64(max(1, length))
    var plan = description(samples, timescale: audio.timescale, frame: frame, rate: nil)
    plan.isRolling = audio.record.preRoll > 0
    plan.randomAccess = []
    return LiveFormat(
      source, timescale: audio.timescale, frame: frame,
      header: audio.header(
        plan, language: LanguageTag.iso639(LanguageTag.bcp47(source.language)), isShared: true),
      isRolling: plan.isRolling, silence: audio.record.silence(samplesPerFrame: length))
  }

  /// The whole number of samples nearest to a wanted length, ticks.
  func partDuration(_ wanted: MediaTime) -> Int64 {
    let ticks = wanted.rescaled(to: timescale).value
    return max(1, (ticks + frame / 2) / frame) * frame
  }
}

extension LiveHeader {
  /// Named by its content.
  init(_ header: CMAFHeader) {
    let bytes = header.bytes
    var digest = ContentDigest()
    digest.add(bytes)
    self.init(
      version: String(TrackDigest.text(digest.take()).prefix(TrackDigest.versionLength)),
      bytes: bytes)
  }
}
