import FFmpeg
import FileIO
package import Library
package import MediaCore
import NIOCore

/// What pictures a title is asked for.
package struct PictureOptions: Sendable, Hashable {
  package enum Choice: Sendable, Hashable {
    case automatic
    /// Milliseconds: from one thumbnail to the next, or the poster's moment.
    case milliseconds(Int64)
  }

  /// `nil` makes none.
  package var thumbnails: Choice?
  package var poster: Choice?
  /// Milliseconds from one picture of the trick track to the next; `nil` makes none.
  package var trick: Int64?
  /// Of each decoder.
  package var threads = 1

  package init() {}

  package var isEmpty: Bool { thumbnails == nil && poster == nil && trick == nil }
}

/// Makes the pictures of a title from its own tracks, once these are written.
///
///     let job = PictureJob(stored, options: options)
///     let made = try job.run(into: publication.folder, progress: progress)
package struct PictureJob {
  package struct Result: Sendable {
    package var images = TitleImages()
    /// Samples for a trick track.
    package var trick: TrickSource?
    /// What could not be made, a sentence each.
    package var notes: [String] = []
  }

  private let stored: StoredTitle
  private let options: PictureOptions
  private let end: MediaTime

  /// Pictures of a trick track, at most: each is a segment of its own, and a `sidx` lists no more.
  package static let maximumTrickCount = 65_535

  package init(_ stored: StoredTitle, options: PictureOptions) {
    self.stored = stored
    self.options = options
    end = stored.title.end
  }

  package func run(into folder: String, progress: WorkProgress) throws -> Result {
    var result = Result()
    guard !options.isEmpty else { return result }
    guard !stored.title.tracks(of: .video).isEmpty else {
      result.notes.append("there are no pictures: the title has no video")
      return result
    }
    let small = try reader(ThumbnailPlan.boxWidth, ThumbnailPlan.boxHeight, &result)
    guard let small else { return result }
    let trick = try options.trick.flatMap { interval in
      try reader(TrickSource.boxWidth, TrickSource.boxHeight, &result).map { ($0, interval) }
    }
    let plan = ThumbnailPlan(
      end: end, wanted: wantedInterval, least: leastInterval(small.video),
      isUpright: small.geometry.height > small.geometry.width)
    let trickPlan = try trick.map { try self.trickPlan($0, interval: $1) }
    progress.total(
      Int64(options.thumbnails == nil ? 0 : plan.count) + Int64(trickPlan?.times.count ?? 0)
        + (options.poster == nil ? 0 : 1))
    if options.thumbnails != nil {
      if let note = plan.note { result.notes.append(note) }
      var sheets = ThumbnailSheets(small, plan: plan)
      let damaged = small.damagedCount
      result.images.thumbnails = try sheets.write(into: folder, progress: progress)
      note(
        sheets.lostCount, damaged: small.damagedCount - damaged, of: plan.count, "thumbnails",
        &result)
    }
    if options.poster != nil { try writePoster(small, into: folder, &result, progress) }
    if let (reader, _) = trick, let trickPlan {
      let made = try TrickSource.make(reader, plan: trickPlan, folder: folder, progress: progress)
      result.trick = made?.source
      let count = trickPlan.times.count
      note(
        made?.lostCount ?? count, damaged: reader.damagedCount, of: count, "trick pictures", &result
      )
    }
    return result
  }

  private var wantedInterval: Int64? {
    if case .milliseconds(let interval)? = options.thumbnails { interval } else { nil }
  }

  /// Samples of pictures that are decoded without a thought: a minute and a half of 1080p at 50.
  private static let easySampleCount = 1e10

  /// Of a long video with many samples key pictures have to do: no more thumbnails than segments.
  private func leastInterval(_ video: StoredVideo) -> Int64 {
    let seconds = end.seconds
    let rate = video.format.frameRate?.value ?? 25
    let samples = Double(video.format.width) * Double(video.format.height) * rate * seconds
    guard samples > Self.easySampleCount else { return 0 }
    return Int64(seconds * 1000 / Double(max(1, video.index.segments.count)))
  }

  private func note(
    _ lost: Int, damaged: Int, of count: Int, _ what: String, _ result: inout Result
  ) {
    if damaged > 0 {
      result.notes.append("\(damaged) of \(count) \(what) show damage: parts of the video are lost")
    }
    guard lost > 0 else { return }
    result.notes.append(
      lost == count
        ? "there are no \(what): no picture of the video can be decoded"
        : "\(lost) of \(count) \(what) could not be decoded and show the one before")
  }

  // MARK: Tracks

  /// A reader of the smallest track that fills a box, in standard dynamic range if there is one;
  /// tracks that cannot be decoded here are passed over.
  private func reader(
    _ boxWidth: Int, _ boxHeight: Int, _ result: inout Result
  ) throws -> PictureReader? {
    let tracks = stored.title.tracks(of: .video).sorted { area($0) < area($1) }
    let plain = tracks.filter { format($0)?.range == .sdr }
    let candidates = plain.isEmpty ? tracks : plain
    func fills(_ track: TitleTrack) -> Bool {
      guard let format = format(track) else { return false }
      let (long, short) = (
        max(format.displayWidth, format.displayHeight),
        min(format.displayWidth, format.displayHeight)
      )
      return long >= boxWidth && short >= boxHeight || long >= boxWidth * 2
    }
    let order = candidates.filter(fills) + candidates.filter { !fills($0) }.reversed()
    var failure: FFmpegError?
    for track in order {
      guard let storage = stored.files[track.index.name] else { continue }
      do {
        return try PictureReader(
          StoredVideo(track, in: storage), boxWidth: boxWidth, boxHeight: boxHeight,
          threads: options.threads)
      } catch let error as FFmpegError {
        failure = failure ?? error
      }
    }
    if let failure, result.notes.isEmpty {
      result.notes.append("there are no pictures: \(failure.message)")
    }
    return nil
  }

  private func format(_ track: TitleTrack) -> VideoFormat? {
    if case .video(let format) = track.index.format { format } else { nil }
  }

  private func area(_ track: TitleTrack) -> Int {
    format(track).map { $0.displayWidth * $0.displayHeight } ?? 0
  }

  // MARK: Poster

  private static let posterWidth = 1920
  private static let posterHeight = 1080
  private static let posterQuantiser = 3

  private func writePoster(
    _ small: PictureReader, into folder: String, _ result: inout Result, _ progress: WorkProgress
  ) throws {
    defer { progress.moved(1) }
    let moment: MediaTime?
    if case .milliseconds(let time)? = options.poster {
      let wanted = MediaTime(time, Timescale(literal: 1000))
      moment = min(wanted, end)
      if end < wanted {
        result.notes.append(
          "the poster's moment \(wanted.seconds) s lies behind the end: its last picture is shown")
      }
    } else {
      moment = try PosterChoice.time(small, isCancelled: progress.isCancelled).map {
        MediaTime($0, small.video.index.timescale)
      }
    }
    guard let moment,
      let large = try reader(Self.posterWidth, Self.posterHeight, &result),
      let picture = try large.picture(
        at: moment.rescaled(to: large.video.index.timescale).value)
    else {
      result.notes.append("there is no poster: no picture there can be decoded")
      return
    }
    let bytes = try JPEG.bytes(of: picture, quantiser: Self.posterQuantiser)
    try JPEG.write(bytes, to: "\(folder)/\(TitleImages.posterName)")
    var digest = ContentDigest()
    digest.add(bytes)
    result.images.poster = TitleImages.Poster(
      digest: TrackDigest.text(digest.take()), width: picture.width, height: picture.height,
      time: max(0, moment.milliseconds))
  }

  // MARK: Trick

  private func trickPlan(_ reader: PictureReader, interval: Int64) throws -> TrickPlan {
    let timescale = reader.video.index.timescale
    return try TrickPlan(
      segments: reader.video.index.segments,
      interval: max(1, rescale(interval, from: Timescale(literal: 1000), to: timescale)),
      maximumCount: Self.maximumTrickCount, frames: { try reader.times(ofSegment: $0) })
  }
}
