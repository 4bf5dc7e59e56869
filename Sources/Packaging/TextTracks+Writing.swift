import FileIO
import Library
import MediaCore
import NIOCore
import Text

extension TextTracks {
  /// What was written.
  struct Written {
    var tracks: [TitleDescription.Track] = []
    /// Sentences, each with its place.
    var notes: [String] = []
  }

  /// Writes the files of all subtitles into a folder, once all payloads have passed.
  ///
  /// - Parameter captionLanguage: of what the captions' first channel is in, as far as they do not
  ///   say it themselves: that of the sound.
  func write(
    _ harvest: TextHarvest, captionLanguage: String, layout: TitleLayout, into folder: String
  ) throws -> Written {
    var written = Written()
    for output in outputs {
      switch output.origin {
      case .sidecar(let list):
        try write(
          output, timeline.fitted(list, offset: offset(of: list), place: output.place),
          layout, into: folder, &written)
      case .track(let selected, let coding, let record, let zero):
        guard let list = cues(of: selected, coding, record, zero, harvest, &written) else {
          continue
        }
        try write(output, list, layout, into: folder, &written)
      }
    }
    guard options.captions == .convert else { return written }
    var names = names
    for (channel, service) in services(harvest, language: captionLanguage)
    where !isTwin(channel.id, of: harvest.captions) && !channel.cues.cues.isEmpty {
      let output = Output(
        name: names.next("text-\(service.language)"), origin: .sidecar(channel.cues),
        place: "captions \(channel.id)", language: service.language,
        label: Self.label(service.language, .caption)
          + (channel.id == "CC1" || channel.id == "SERVICE1" ? "" : " \(channel.id)"),
        roles: [TextRole.caption.rawValue], isDefault: false, hasTTML: options.writesTTML)
      try write(
        output, timeline.fitted(channel.cues, offset: 0, place: output.place), layout, into: folder,
        &written)
    }
    return written
  }

  /// The caption channels of the pictures, with the language each is in.
  func services(
    _ harvest: TextHarvest, language: String
  ) -> [(CaptionDecoder.Channel, CaptionService)] {
    harvest.captions.map { channel in
      // The first channel of either standard is in the language of the sound (47 CFR §79.102).
      let isPrimary = channel.id == "CC1" || channel.id == "SERVICE1"
      let own = channel.language.map(LanguageTag.bcp47) ?? "und"
      return (
        channel,
        CaptionService(
          channel: channel.id, language: own != "und" ? own : isPrimary ? language : "und")
      )
    }
  }

  /// CEA-708 repeats in its services what CEA-608 has in its channels: one text of both is enough.
  private func isTwin(_ id: String, of all: [CaptionDecoder.Channel]) -> Bool {
    id.hasPrefix("SERVICE") && all.contains { $0.id.hasPrefix("CC") && !$0.cues.cues.isEmpty }
  }

  // MARK: Cues

  /// Cues of a track in a source; a track that cannot be read is left out and told of.
  private func cues(
    of selected: SelectedTrack, _ coding: TextCoding, _ record: ByteBuffer, _ zero: MediaTime,
    _ harvest: TextHarvest, _ written: inout Written
  ) -> CueList? {
    guard let payloads = harvest.samples(of: selected) else {
      written.notes.append(
        "\(selected.place) is left out: it has more than \(TextHarvest.maximumByteCount) bytes")
      return nil
    }
    let track = selected.track
    let origin = zero.rescaled(to: track.timescale).value
    var samples: [SubtitleSamples.Sample] = []
    for (index, payload) in payloads.enumerated() {
      let start = track.samples.presentationTimes[index] - origin
      let end = start + (index < track.samples.durations.count ? track.samples.durations[index] : 0)
      samples.append(
        SubtitleSamples.Sample(
          start: rescale(start, from: track.timescale, to: TextTimeline.perMillisecond),
          end: rescale(end, from: track.timescale, to: TextTimeline.perMillisecond),
          payload: payload))
    }
    do throws(TextError) {
      let list = try SubtitleSamples.read(samples, coding: coding, record: record)
      return timeline.fitted(list, offset: 0, place: selected.place)
    } catch {
      written.notes.append("\(selected.place) is left out: \(error)")
      return nil
    }
  }

  // MARK: Files

  private func write(
    _ output: Output, _ list: CueList, _ layout: TitleLayout, into folder: String,
    _ written: inout Written
  ) throws {
    written.notes += list.notes.map { "\(output.place): \($0)" }
    if list.cues.isEmpty { written.notes.append("\(output.place) has no cue within the title") }
    let rendering = TextRendering(
      list, timeline: timeline, language: output.language, place: output.place)
    let webVTT = try rendering.webVTT()
    try Self.write(webVTT, to: "\(folder)/\(WebVTTIndex.fileName(of: output.name))")
    var digest = ContentDigest()
    digest.add(webVTT)
    let wvtt = try rendering.wvttTrack()
    try SegmentFiles.write(wvtt.bytes, to: output.name, in: folder, layout: layout)
    if layout == .files { try SegmentFiles.write(webVTT: webVTT, of: output.name, in: folder) }
    var track = TitleDescription.Track(
      name: output.name, digest: TrackDigest.text(wvtt.digest), language: output.language,
      label: output.label, roles: output.roles, isDefault: output.isDefault, frameRate: nil)
    track.webVTT = TrackDigest.text(digest.take())
    written.tracks.append(track)
    guard output.hasTTML else { return }
    let stpp = try rendering.stppTrack()
    let name = "\(output.name).ttml"
    try SegmentFiles.write(stpp.bytes, to: name, in: folder, layout: layout)
    written.tracks.append(
      TitleDescription.Track(
        name: name, digest: TrackDigest.text(stpp.digest), language: output.language,
        label: output.label, roles: output.roles, isDefault: false, frameRate: nil))
  }

  private static func write(_ bytes: ByteBuffer, to path: String) throws {
    let file = try WritableFile(creating: path)
    try file.write(bytes, at: 0)
    try file.synchronize()
  }
}
