import Codecs
import Dispatch
import FileIO
package import Library
package import MediaCore
package import NIOCore
import Synchronization

/// What a packaging run is asked for.
package struct PackagingOptions: Sendable {
  /// Wanted length of a segment.
  package var segment = MediaTime(2, Timescale(literal: 1))
  /// Wanted lengths of the first segments, where a quick start matters.
  package var ramp: [MediaTime] = []
  /// Headers say nothing that is only true of this title, so that others can have the same.
  package var sharesHeaders = false
  /// Leave out audio and video of unsupported codings instead of refusing the source.
  package var skipsUnsupported = false
  /// Sources that are worked on at once.
  package var threads = 2
  package var text = TextOptions()
  package var layout = TitleLayout.tracks
  /// On the title's timeline; they stand in for those of the sources.
  package var chapters: [Chapter]?

  package init() {}
}

/// Sources in, track files and `title.json` out.
///
///     var job = try PackagingJob(sources, options: options)
///     let notes = job.notes
///     try job.run(into: publication.folder, progress: progress)
///
/// All decisions fall in `init`, from the sources' sample tables alone; `run` moves payloads to
/// places that are known.
package struct PackagingJob: Sendable {
  struct Output: Sendable {
    var name: String
    var selected: SelectedTrack
    var layout: TrackLayout
    var video: VideoDescription?
    var silence: SilentFrames
    var language: String
    var label: String
    var roles: [String]
    var isDefault: Bool
  }

  private let sources: [any MediaSource]
  let outputs: [Output]
  private let texts: TextTracks
  private let threads: Int
  private let layout: TitleLayout
  let events: EventTimeline
  /// Presented length of the first segment.
  package let headDuration: MediaTime
  /// What was left out, filled in or could not be, a sentence each.
  package let notes: [String]
  /// Payload bytes that `run` moves.
  package let payloadByteCount: Int64

  package init(_ sources: [any MediaSource], options: PackagingOptions) throws {
    self.sources = sources
    threads = max(1, options.threads)
    layout = options.layout
    let selection = try TrackSelection(sources, skipsUnsupported: options.skipsUnsupported)
    var notes = sources.flatMap(\.notes) + selection.notes
    let origins = sources.indices.map { Self.origin(selection, source: $0) }
    var videos = try selection.video.map { selected in
      try Self.planVideo(selected, origin: origins[selected.source])
    }
    videos.sort { ($0.description.height, $0.byteCount) > ($1.description.height, $1.byteCount) }
    notes += videos.flatMap { video in
      video.description.notes.map { "\(video.selected.place): \($0)" } + video.plan.notes
    }
    let audios = try selection.audio.map { try PlannedAudio($0, origin: origins[$0.source]) }
    let soundEnd = audios.map(\.naturalEnd).max() ?? MediaTime(0, Timescale(literal: 1))
    let end = videos.map(\.plan.presentationEnd).max() ?? soundEnd
    var events = EventTimeline(sources, chapters: options.chapters, origins: origins, end: end)
    let cuts =
      videos.isEmpty
      ? CutList(soundUntil: soundEnd, target: options.segment, ramp: options.ramp)
      : try CutList(
        videos.map(\.plan), target: options.segment, ramp: options.ramp,
        forced: events.splices.map(\.time),
        names: videos.map(\.selected.place))
    notes += cuts.notes
    if let video = videos.first {
      events.snap(to: cuts.times, frame: video.plan.frameLength)
    }
    notes += events.notes
    self.events = events
    headDuration = cuts.times.count > 1 ? cuts.times[1] : end
    var names = TrackNames()
    var outputs: [Output] = []
    for (index, video) in videos.enumerated() {
      outputs.append(
        try Self.output(video, starts: cuts.starts[index], events: events, names: &names))
    }
    var hasDefault = false
    let isMarked = selection.audio.contains { $0.track.isDefault }
    for planned in audios {
      let isDefault = !hasDefault && (planned.selected.track.isDefault || !isMarked)
      if isDefault { hasDefault = true }
      let (output, more) = try Self.output(
        planned, end: end, cuts: cuts, names: &names, isDefault: isDefault,
        sharesHeader: options.sharesHeaders)
      outputs.append(output)
      notes += more
    }
    let clocked = (selection.video + selection.audio).first { sources[$0.source].hasSystemClock }
    texts = try TextTracks(
      selection.text, origins: origins, clock: clocked.map { origins[$0.source] },
      options: options.text, cuts: cuts, end: end, names: &names)
    self.outputs = outputs
    self.notes = notes
    payloadByteCount = outputs.reduce(0) { sum, output in
      sum + output.layout.plan.sizes.reduce(0) { $0 + Int64($1) }
    }
  }

  // MARK: Planning

  /// The earliest presented moment of a source's chosen tracks becomes 0.
  private static func origin(_ selection: TrackSelection, source: Int) -> MediaTime {
    let starts = (selection.video + selection.audio).filter { $0.source == source }.map {
      MediaTime($0.track.presentationStart, $0.track.timescale)
    }
    return starts.min() ?? MediaTime(0, Timescale(literal: 1))
  }

  private struct PlannedVideo {
    var selected: SelectedTrack
    var description: VideoDescription
    var plan: PlannedTrack
    var byteCount: Int64
  }

  private static func planVideo(
    _ selected: SelectedTrack, origin: MediaTime
  ) throws -> PlannedVideo {
    guard let description = try located(selected.place, { try VideoDescription(selected.track) })
    else { throw PackagingError(.damaged, "\(selected.place) is no video") }
    let plan = try VideoTimeline(track: selected.track, place: selected.place)
      .plan(origin: origin, hint: description.frameRate)
    return PlannedVideo(
      selected: selected, description: description, plan: plan,
      byteCount: plan.sizes.reduce(0) { $0 + Int64($1) })
  }

  /// Names the place in errors that only know the bytes.
  private static func located<T>(_ place: String, _ body: () throws -> T) throws -> T {
    do {
      return try body()
    } catch let error as CodecsError {
      throw PackagingError(.damaged, "\(place): \(error.message)")
    } catch let error as PackagingError {
      throw PackagingError(error.code, "\(place): \(error.message)")
    }
  }

  private static func output(
    _ video: PlannedVideo, starts: [Int], events: EventTimeline, names: inout TrackNames
  ) throws -> Output {
    let tag = LanguageTag.bcp47(video.selected.track.language)
    let name = names.next(
      "video-\(video.selected.track.rendition ?? "\(video.description.height)p")")
    let header = try video.description.header(
      video.plan, matrix: video.selected.track.displayMatrix, language: LanguageTag.iso639(tag))
    return Output(
      name: name, selected: video.selected,
      layout: try TrackLayout(
        video.plan, header: header, starts: starts, isVideo: true,
        events: events.messages(timescale: video.plan.timescale), name: name),
      video: video.description, silence: SilentFrames(), language: tag,
      label: "\(video.description.height)p", roles: ["main"], isDefault: true)
  }

  private static func output(
    _ planned: PlannedAudio, end: MediaTime, cuts: CutList, names: inout TrackNames,
    isDefault: Bool, sharesHeader: Bool
  ) throws -> (Output, [String]) {
    let track = planned.selected.track
    let plan = try planned.plan(end: end)
    let tag = LanguageTag.bcp47(track.language)
    let name = names.next("audio-\(tag)")
    let output = Output(
      name: name, selected: planned.selected,
      layout: try TrackLayout(
        plan,
        header: planned.audio.header(
          plan, language: LanguageTag.iso639(tag), isShared: sharesHeader),
        starts: PlannedAudio.starts(plan, cuts.times), isVideo: false, name: name),
      video: nil, silence: planned.silence, language: tag,
      label: track.label ?? LanguageTag.ownName(tag) ?? "Audio",
      roles: track.roles.isEmpty ? ["main"] : track.roles, isDefault: isDefault)
    return (output, plan.notes)
  }

  /// CMAF headers of pictures and sound, by the names of their tracks, in the order of documents.
  package var headers: [(name: String, bytes: ByteBuffer)] {
    outputs.map { ($0.name, $0.layout.header) }
  }

  /// Presented length: of the longest picture, or of the sound without one.
  package var duration: MediaTime {
    let pictures = outputs.filter { $0.video != nil }
    return (pictures.isEmpty ? outputs : pictures).map(\.layout.plan.presentationEnd).max()
      ?? MediaTime(0, Timescale(literal: 1))
  }

  // MARK: Moving

  /// Writes the track files and `title.json` into a folder.
  /// - Parameter origin: what `title.json` keeps of where the title comes from.
  /// - Returns: what is to be said of subtitles, a sentence each.
  @discardableResult
  package func run(
    into folder: String, origin: String? = nil, progress: WorkProgress
  ) throws -> [String] {
    progress.total(payloadByteCount)
    let busy = sources.indices.filter { source in
      outputs.contains { $0.selected.source == source } || !texts.trackNumbers(of: source).isEmpty
    }
    let harvest = TextHarvest()
    let results = Mutex<(digests: [String: UInt64], error: (any Error)?)>(([:], nil))
    let next = Mutex(0)
    DispatchQueue.concurrentPerform(iterations: min(threads, busy.count)) { _ in
      while true {
        let index = next.withLock { value -> Int in
          defer { value += 1 }
          return value
        }
        guard index < busy.count, results.withLock({ $0.error == nil }) else { return }
        do {
          let digests = try move(source: busy[index], into: folder, harvest, progress)
          results.withLock { $0.digests.merge(digests) { first, _ in first } }
        } catch {
          results.withLock { if $0.error == nil { $0.error = error } }
        }
      }
    }
    let (digests, error) = results.withLock { $0 }
    if let error { throw error }
    return try writeDescription(digests, harvest, origin, into: folder)
  }

  private func move(
    source: Int, into folder: String, _ harvest: TextHarvest, _ progress: WorkProgress
  ) throws -> [String: UInt64] {
    let mine = outputs.filter { $0.selected.source == source }
    let writes = WriteBehind(isConcurrent: threads > sources.count)
    defer { writes.drain() }
    var writers: [Int: TrackWriter] = [:]
    for output in mine {
      writers[output.selected.track.number] = try TrackWriter(
        output.layout, path: "\(folder)/\(output.name)", files: layout, video: output.video,
        silence: output.silence, place: output.selected.place, writes: writes)
      writers[output.selected.track.number]?.captions = captionTap(output)
    }
    let sizes = Dictionary(
      sources[source].tracks.map { ($0.number, $0.samples.sizes) }
    ) { first, _ in first }
    let textNumbers = texts.trackNumbers(of: source)
    let reader = try sources[source].makeReader(of: textNumbers.union(writers.keys))
    while let batch = try reader.next() {
      if progress.isCancelled() { throw PackagingError(.cancelled, "interrupted") }
      for run in batch.runs {
        guard let sizes = sizes[run.track] else { continue }
        guard run.first + run.count <= sizes.count else {
          throw PackagingError(
            .damaged, "\(sources[source].name) changed while it was read; package it again")
        }
        try writers[run.track]?.take(run, in: batch.bytes, sizes: sizes)
        if textNumbers.contains(run.track) {
          harvest.take(run, of: source, in: batch.bytes, sizes: sizes)
        }
      }
      try writes.submit()
      progress.moved(Int64(batch.bytes.readableBytes))
    }
    var digests: [String: UInt64] = [:]
    for output in mine {
      digests[output.name] = try writers[output.selected.track.number]?.finish()
      writers[output.selected.track.number]?.captions?.deliver(output.name, to: harvest)
    }
    try writes.finish()
    for writer in writers.values { try writer.synchronize() }
    return digests
  }

  /// Captions are decoded of the first picture; of the others it is enough to know of them.
  private func captionTap(_ output: Output) -> CaptionTap? {
    guard output.video != nil else { return nil }
    return CaptionTap(
      timescale: output.layout.plan.timescale, end: output.layout.plan.end,
      isPresenceEnough: output.name != outputs.first?.name)
  }

  private func writeDescription(
    _ digests: [String: UInt64], _ harvest: TextHarvest, _ origin: String?, into folder: String
  ) throws -> [String] {
    let sound = outputs.first { $0.video == nil && $0.isDefault }?.language ?? "und"
    let services = texts.services(harvest, language: sound).map(\.1)
    var tracks = outputs.map { output in
      var track = TitleDescription.Track(
        name: output.name, digest: TrackDigest.text(digests[output.name] ?? 0),
        language: output.language, label: output.label, roles: output.roles,
        isDefault: output.isDefault, frameRate: output.layout.plan.frameRate?.description)
      if !services.isEmpty, harvest.captionedTracks.contains(output.name) {
        track.captions = services
      }
      return track
    }
    let written = try texts.write(harvest, captionLanguage: sound, layout: layout, into: folder)
    tracks += written.tracks
    var description = TitleDescription(tracks: tracks)
    events.describe(&description)
    description.origin = origin
    if layout != .tracks { description.segments = layout }
    let file = try WritableFile(creating: "\(folder)/\(TitleDescription.fileName)")
    try file.write(ByteBuffer(bytes: try description.json), at: 0)
    try file.synchronize()
    return written.notes
  }
}

/// Gives each track a name of its own: `audio-en`, then `audio-en-2`.
struct TrackNames: Sendable {
  private var counts: [String: Int] = [:]

  mutating func next(_ wanted: String) -> String {
    let plain = TrackName.isValid(wanted) ? wanted : "track"
    let count = counts[plain, default: 0] + 1
    counts[plain] = count
    return count == 1 ? plain : "\(plain)-\(count)"
  }
}
