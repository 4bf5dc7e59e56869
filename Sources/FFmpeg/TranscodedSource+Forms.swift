import Codecs
package import MediaCore

/// What is wanted of encoded sound.
package struct SoundForm: Hashable, Sendable {
  package var codec: AudioCodecChoice
  package var channelCount: Int
  package var bitsPerSecond: Int64

  package init(_ codec: AudioCodecChoice, channelCount: Int, bitsPerSecond: Int64) {
    self.codec = codec
    self.channelCount = channelCount
    self.bitsPerSecond = bitsPerSecond
  }
}

extension TranscodedSource {
  /// Gives the sound of a source some codings: what it has already in one of them stays, what it has beside them goes.
  ///
  ///     let source = try TranscodedSource.inForms(forms, source, path: path, folder: folder, …)
  ///
  /// Tracks of one language, role and label are one sound. A coding is made of that with the most channels, and never of
  /// fewer channels than it has; mono becomes stereo. Sound that gets none of them stays, or is encoded to AAC where its
  /// own coding has no place in CMAF.
  ///
  /// - Parameters:
  ///   - forms: in the order in which the tracks of a sound shall stand.
  ///   - path: where the source's bytes are.
  ///   - folder: on whose file system encoded frames are kept until they are written.
  package static func inForms(
    _ forms: [SoundForm], _ base: any MediaSource, path: String, folder: String,
    isCancelled: () -> Bool
  ) throws -> any MediaSource {
    let audio = base.tracks.filter { $0.kind == .audio }
    guard !audio.isEmpty else { return base }
    var selection = FormSelection(channelCounts: try channelCounts(audio, path: path))
    for sound in FormSelection.sounds(audio) { selection.choose(forms, for: sound, of: base.name) }
    let made = try transcoded(
      selection.requests, of: base, path: path, folder: folder, .wanted, isCancelled: isCancelled)
    var sounds: [Int: TranscodedSound] = [:]
    var next = (base.tracks.map(\.number).max() ?? 0) + 1
    let tracks = selection.choices.map { choice -> SourceTrack in
      // What FFmpeg cannot decode stays as it is, for packaging to judge.
      guard case .request(let index) = choice.coding, var sound = made[index] else {
        return choice.track
      }
      sound.track.number = next
      sounds[next] = sound
      next += 1
      return sound.track
    }
    var unique: Set<Int> = []
    return TranscodedSource(
      base, sounds,
      tracks: base.tracks.filter { $0.kind == .video }
        + tracks.filter { unique.insert($0.number).inserted }
        + base.tracks.filter { $0.kind != .video && $0.kind != .audio },
      notes: selection.notes)
  }

  /// Channels of each track, by its number.
  private static func channelCounts(
    _ audio: [SourceTrack], path: String
  ) throws -> [Int: Int] {
    let demuxer = try Demuxer.open(path: path)
    return audio.reduce(into: [:]) { counts, track in
      let stated =
        (0..<demuxer.streamCount).contains(track.number)
        ? demuxer.stream(track.number).channelCount : 0
      counts[track.number] = (try? SoundRecord(track.coding))?.channelCount ?? stated
    }
  }
}

/// Which tracks of a source stay, and which are encoded to what.
private struct FormSelection {
  enum Coding {
    case own
    /// Index of a request.
    case request(Int)
  }

  /// By the numbers of the tracks.
  let channelCounts: [Int: Int]
  private(set) var choices: [(track: SourceTrack, coding: Coding)] = []
  private(set) var requests: [TranscodedSource.Request] = []
  private(set) var notes: [String] = []

  init(channelCounts: [Int: Int]) { self.channelCounts = channelCounts }

  private struct Sound: Hashable {
    var language: String
    var roles: [String]
    var label: String?
  }

  /// Tracks that are one sound, in the order of the first of each.
  static func sounds(_ audio: [SourceTrack]) -> [[SourceTrack]] {
    var order: [Sound] = []
    var tracks: [Sound: [SourceTrack]] = [:]
    for track in audio {
      let sound = Sound(language: track.language, roles: track.roles, label: track.label)
      if tracks[sound] == nil { order.append(sound) }
      tracks[sound, default: []].append(track)
    }
    return order.compactMap { tracks[$0] }
  }

  private func channels(_ track: SourceTrack) -> Int { channelCounts[track.number] ?? 0 }

  mutating func choose(_ forms: [SoundForm], for sound: [SourceTrack], of source: String) {
    guard let largest = sound.max(by: { channels($0) < channels($1) }) else { return }
    let before = choices.count
    var tooLarge: Set<Int> = []
    for form in forms {
      if let own = sound.first(where: { has($0, form) }) {
        choices.append((own, .own))
      } else if form.channelCount <= max(2, channels(largest)) {
        request(largest, form.codec, form)
      } else {
        tooLarge.insert(form.channelCount)
      }
    }
    if choices.count == before {
      for track in sound {
        if case .unsupported = track.coding {
          request(track, .aac, nil)
        } else {
          choices.append((track, .own))
        }
      }
    }
    guard !tooLarge.isEmpty else { return }
    let counts = tooLarge.sorted().map(String.init).joined(separator: " or ")
    let own = channels(largest) == 1 ? "1 channel" : "\(channels(largest)) channels"
    notes.append(
      "\(source), audio track \(largest.number): it has \(own); the ladder's sound of \(counts) is "
        + "not made of it")
  }

  private func has(_ track: SourceTrack, _ form: SoundForm) -> Bool {
    guard let record = try? SoundRecord(track.coding) else { return false }
    return record.family == form.codec.rawValue && record.channelCount == form.channelCount
  }

  private mutating func request(
    _ track: SourceTrack, _ codec: AudioCodecChoice, _ form: SoundForm?
  ) {
    choices.append((track, .request(requests.count)))
    requests.append(TranscodedSource.Request(track: track, codec: codec, form: form))
  }
}
