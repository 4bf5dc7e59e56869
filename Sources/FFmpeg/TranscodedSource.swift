import CFFmpeg
import Codecs
import FileIO
package import MediaCore
import NIOCore

/// A source some of whose sound is encoded anew, because its own coding has no place in CMAF: PCM,
/// Vorbis, ALAC, MPEG audio layers II and III, DTS, TrueHD, AMR.
///
///     let source = try TranscodedSource.completing(source, path: path, codec: .aac, folder: folder)
///
/// All else is handed on as the source has it.
package struct TranscodedSource: MediaSource {
  package let tracks: [SourceTrack]
  package let notes: [String]
  private let base: any MediaSource
  private let sounds: [Int: TranscodedSound]

  package var name: String { base.name }
  package var chapters: [Chapter] { base.chapters }
  package var splices: [Splice] { base.splices }
  package var hasSystemClock: Bool { base.hasSystemClock }

  /// Encodes what has to be, if anything has.
  ///
  /// - Parameters:
  ///   - path: where the source's bytes are.
  ///   - folder: on whose file system encoded frames are kept until they are written.
  ///   - keepsMP3: MP3 is left as it is: Safari and Firefox play it in MP4, Chromium does not.
  ///   - isCancelled: asked between packets.
  /// - Returns: the source itself where all its sound is packaged as it is.
  package static func completing(
    _ base: any MediaSource, path: String, codec: AudioCodecChoice, folder: String,
    keepsMP3: Bool = false, isCancelled: () -> Bool
  ) throws -> any MediaSource {
    let wanted = base.tracks.filter { track in
      switch track.coding {
      case .unsupported: return track.kind == .audio
      case .mp3: return !keepsMP3
      default: return false
      }
    }
    let sounds = try transcoded(
      wanted, of: base, path: path, codec: codec, folder: folder, .coding,
      isCancelled: isCancelled)
    return sounds.isEmpty ? base : TranscodedSource(base, sounds)
  }

  /// Adds tracks in AAC beside some of a source's, which stay.
  ///
  /// - Parameters:
  ///   - numbers: of the tracks that get a twin; its number comes behind those of the source.
  ///   - path: where the source's bytes are.
  ///   - folder: on whose file system encoded frames are kept until they are written.
  package static func adding(
    twinsOf numbers: Set<Int>, to base: any MediaSource, path: String, folder: String,
    isCancelled: () -> Bool
  ) throws -> any MediaSource {
    let wanted = base.tracks.filter { numbers.contains($0.number) }
    let sounds = try transcoded(
      wanted, of: base, path: path, codec: .aac, folder: folder, .twin,
      isCancelled: isCancelled)
    var next = (base.tracks.map(\.number).max() ?? 0) + 1
    var twins: [Int: TranscodedSound] = [:]
    for (_, sound) in sounds.sorted(by: { $0.key < $1.key }) {
      var twin = sound
      twin.track.number = next
      twin.track.isDefault = false
      twins[next] = twin
      next += 1
    }
    return twins.isEmpty ? base : TranscodedSource(base, twins)
  }

  /// Encodes one track to AAC, whatever its coding; what is in AAC stays as it is.
  ///
  /// - Parameters:
  ///   - number: of the track.
  ///   - path: where the source's bytes are.
  ///   - folder: on whose file system encoded frames are kept until they are written.
  ///   - longest: seconds that are encoded, at most.
  package static func inAAC(
    _ base: any MediaSource, track number: Int, path: String, folder: String, longest: Int64,
    isCancelled: () -> Bool
  ) throws -> any MediaSource {
    let wanted = base.tracks.filter { track in
      if case .aac = track.coding { return false }
      return track.number == number
    }
    let sounds = try transcoded(
      wanted, of: base, path: path, codec: .aac, folder: folder, .wanted, longest: longest,
      isCancelled: isCancelled)
    return sounds.isEmpty ? base : TranscodedSource(base, sounds)
  }

  /// One new coding of a track.
  struct Request {
    var track: SourceTrack
    var codec: AudioCodecChoice
    /// `nil` keeps to the sound's own channels.
    var form: SoundForm?
  }

  /// Sounds in their new coding, by the numbers of the tracks they come from.
  private static func transcoded(
    _ wanted: [SourceTrack], of base: any MediaSource, path: String, codec: AudioCodecChoice,
    folder: String, _ reason: SoundTranscoder.Reason, longest: Int64 = SoundTranscoder.longest,
    isCancelled: () -> Bool
  ) throws -> [Int: TranscodedSound] {
    let sounds = try transcoded(
      wanted.map { Request(track: $0, codec: codec) }, of: base, path: path, folder: folder, reason,
      longest: longest, isCancelled: isCancelled)
    return zip(wanted, sounds).reduce(into: [:]) { $0[$1.0.number] = $1.1 }
  }

  /// - Returns: for each request its sound; `nil` where FFmpeg cannot decode the track.
  static func transcoded(
    _ requests: [Request], of base: any MediaSource, path: String, folder: String,
    _ reason: SoundTranscoder.Reason, longest: Int64 = SoundTranscoder.longest,
    isCancelled: () -> Bool
  ) throws -> [TranscodedSound?] {
    guard !requests.isEmpty else { return [] }
    var demuxer = try Demuxer.open(path: path)
    var transcoders: [SoundTranscoder?] = requests.map { _ in nil }
    for number in 0..<demuxer.streamCount {
      let stream = demuxer.stream(number)
      let mine = requests.indices.filter { requests[$0].track.number == number }
      guard !mine.isEmpty, stream.kind == .audio, AudioDecoder.exists(stream.codecID) else {
        demuxer.discard(number)
        continue
      }
      do {
        for index in mine {
          transcoders[index] = try unsafe SoundTranscoder(
            demuxer.pointer(to: number), place: "\(base.name), audio track \(number)",
            choice: requests[index].codec, form: requests[index].form, folder: folder,
            longest: longest)
        }
      } catch let error as FFmpegError where error.code != .system {
        // A form that FFmpeg knows by name alone is refused by its name.
        demuxer.discard(number)
      }
    }
    guard transcoders.contains(where: { $0 != nil }) else { return transcoders.map { _ in nil } }
    let byStream = Dictionary(grouping: requests.indices) { requests[$0].track.number }
    while let packet = try demuxer.next() {
      if isCancelled() { throw CancellationError() }
      for index in byStream[packet.stream] ?? [] {
        try unsafe transcoders[index]?.take(demuxer.currentPacket)
      }
    }
    return try zip(requests, transcoders).map { request, transcoder in
      try transcoder?.finish(
        request.track, codecName: demuxer.stream(request.track.number).codecName, reason)
    }
  }

  private init(_ base: any MediaSource, _ sounds: [Int: TranscodedSound]) {
    let known = Set(base.tracks.map(\.number))
    let added = sounds.values.map(\.track).filter { !known.contains($0.number) }
    self.init(
      base, sounds,
      tracks: base.tracks.map { sounds[$0.number]?.track ?? $0 }
        + added.sorted { $0.number < $1.number })
  }

  /// - Parameters:
  ///   - sounds: by the numbers of their tracks.
  ///   - tracks: all that the source has, those of the sounds too.
  ///   - notes: what is to be said beside what the sounds say.
  init(
    _ base: any MediaSource, _ sounds: [Int: TranscodedSound], tracks: [SourceTrack],
    notes: [String] = []
  ) {
    self.base = base
    self.sounds = sounds
    self.tracks = tracks
    self.notes = base.notes + sounds.keys.sorted().compactMap { sounds[$0]?.note } + notes
  }

  package func makeReader(of wanted: Set<Int>) throws -> any PayloadReader {
    let rest = wanted.subtracting(sounds.keys)
    let made = sounds.values.filter { wanted.contains($0.track.number) }
    return StretchReader(
      after: rest.isEmpty ? nil : try base.makeReader(of: rest),
      made.sorted { $0.track.number < $1.track.number }.map { sound in
        PayloadStretch(track: sound.track.number, sizes: sound.track.samples.sizes) {
          { try sound.spool.read(at: $0, count: $1, into: &$2) }
        }
      })
  }
}
