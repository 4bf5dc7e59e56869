import DASH
package import Episodes
import HLS
package import Library
package import MediaCore

/// An episode with the tracks of all its scenes, checked to be alike: what the documents of every path
/// are made from.
///
///     let episode = try PresentedEpisode(name: "offer", version: version, graph, scenes: titles)
///     let walk = try Walk(episode.graph, path: EpisodePath("01"))
///     EpisodeDocuments(episode, walk, addressing: .origin).document(named: "video-1080p.m3u8")
package struct PresentedEpisode: Sendable {
  /// The folder's name, and the first part of its URLs.
  package let name: String
  /// Of the compiled episode: names what documents of paths are made from.
  package let version: String
  package let graph: EpisodeGraph
  /// The tracks of the entry with the segments of all scenes, one scene behind the other: what holds for
  /// the episode is measured on it.
  package private(set) var whole: Title
  /// By scene, and by `{scene}.{viewpoint}`. All have the tracks of `whole`, described alike.
  package private(set) var scenes: [String: Title]
  /// Versions of the CMAF headers, by the track's name.
  package let headers: [String: String]
  let rates: DeclaredRates

  /// - Parameters:
  ///   - scenes: the title of each scene and of each further viewpoint.
  /// - Throws: `.damaged` if the episode is not packaged, or a scene or one of its tracks is missing.
  package init(
    name: String, version: String, _ graph: EpisodeGraph, scenes: [String: Title]
  ) throws(LibraryError) {
    self.name = name
    self.version = version
    self.graph = graph
    guard let media = graph.episode.media else {
      throw LibraryError(
        .damaged, "the episode \(SafeText.quoted(name)) names no media: it was never packaged")
    }
    headers = Dictionary(media.tracks.map { ($0.name, $0.header) }) { first, _ in first }
    guard let entry = scenes[graph.episode.entry] else {
      throw Self.missing(graph.episode.entry)
    }
    let model = entry.tracks
    for track in model where headers[track.index.name] == nil {
      throw LibraryError(
        .damaged, "episode.json has no header version of the track \(track.index.name)")
    }
    var alike: [String: Title] = [:]
    for (id, title) in scenes { alike[id] = try Self.title(title, id, like: model) }
    var played: [Title] = []
    for scene in graph.episode.scenes {
      guard let title = alike[scene.id] else { throw Self.missing(scene.id) }
      played.append(title)
    }
    self.scenes = alike
    whole = Title(name: name, tracks: model.indices.map { Self.joined(model[$0], $0, played) })
    rates = EpisodeRates(graph: graph, whole: whole, scenes: played).declared
  }

  /// The same with some of its tracks alone. Rates stay as they are declared of the whole episode.
  package func keeping(_ tracks: [String]) -> PresentedEpisode {
    let names = Set(tracks)
    var made = self
    made.whole = whole.keeping(names)
    made.scenes = scenes.mapValues { $0.keeping(names) }
    return made
  }

  /// Names of the tracks that a filter leaves; `nil` if it leaves them all.
  package func trackNames(_ filter: ViewFilter) throws(ViewError) -> [String]? {
    let names = try filter.trackNames(of: whole) { rates.playlists[$0.index.name]?.peak ?? 0 }
    return names.count == whole.tracks.count ? nil : names
  }

  private static func missing(_ scene: String) -> LibraryError {
    LibraryError(.damaged, "the scene \(scene) is not packaged: its folder is missing")
  }

  /// The segments of one title under the descriptions of another.
  private static func title(
    _ title: Title, _ scene: String, like model: [TitleTrack]
  ) throws(LibraryError) -> Title {
    var tracks: [TitleTrack] = []
    for wanted in model {
      guard let found = title[track: wanted.index.name],
        found.index.kind == wanted.index.kind, found.index.timescale == wanted.index.timescale
      else {
        throw LibraryError(
          .damaged,
          "the scene \(scene) has no track \(wanted.index.name) like that of the entry; package the "
            + "episode again")
      }
      guard !found.index.segments.isEmpty,
        found.webVTT.map({ $0.segments.count == found.index.segments.count }) ?? true
      else {
        throw LibraryError(
          .damaged, "the track \(wanted.index.name) of the scene \(scene) has no segments to name")
      }
      var made = found
      made.label = wanted.label
      made.roles = wanted.roles
      made.isDefault = wanted.isDefault
      made.captions = wanted.captions
      made.index.format = wanted.index.format
      made.index.codecs = wanted.index.codecs
      made.index.language = wanted.index.language
      if wanted.webVTT == nil { made.webVTT = nil }
      if wanted.webVTT != nil, made.webVTT == nil {
        throw LibraryError(
          .damaged, "the scene \(scene) has no WebVTT file of \(wanted.index.name)")
      }
      tracks.append(made)
    }
    var made = Title(name: title.name, tracks: tracks)
    made.layout = title.layout
    return made
  }

  private static func joined(_ model: TitleTrack, _ number: Int, _ scenes: [Title]) -> TitleTrack {
    var made = model
    made.index.segments = []
    made.index.byteCount = 0
    made.webVTT?.segments = []
    var start: Int64 = 0
    for scene in scenes {
      let index = scene.tracks[number].index
      let first = index.segments.first?.start ?? 0
      for segment in index.segments {
        var segment = segment
        segment.start = start + segment.start - first
        made.index.segments.append(segment)
      }
      start += index.duration
      made.index.byteCount += index.byteCount
      made.webVTT?.segments += scene.tracks[number].webVTT?.segments ?? []
    }
    return made
  }

  /// The track whose durations are those of scenes: the first picture, else the first sound.
  private var clock: TitleTrack? {
    whole.tracks(of: .video).first ?? whole.tracks(of: .audio).first ?? whole.tracks.first
  }

  var clockName: String? { clock?.index.name }

  /// How long a scene lasts, in ticks that are the same for all scenes.
  package func duration(of scene: String) -> MediaTime {
    guard let clock, let title = scenes[scene], let track = title[track: clock.index.name] else {
      return MediaTime(0, Timescale(literal: 1))
    }
    return MediaTime(track.index.duration, track.index.timescale)
  }
}
