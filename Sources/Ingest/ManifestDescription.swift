import DASH
import HLS
import MediaCore

/// What a publisher's MPD and playlists say of the tracks that are sent beside them, as far as their headers do not.
struct ManifestDescription: Sendable {
  struct Track: Hashable, Sendable {
    var language: String?
    var roles: [String] = []
    var label: String?
  }

  /// Whether there are pictures; `nil` if nobody has said.
  private(set) var hasPictures: Bool?
  /// By the paths that headers, or media, are sent to.
  private var tracks: [String: Track] = [:]
  /// By the paths of media playlists.
  private var playlists: [String: Track] = [:]
  /// Of each media playlist, the paths of what it names.
  private var named: [String: Set<String>] = [:]

  /// - Parameter path: below the publishing point.
  mutating func take(_ text: String, at path: StreamPath) {
    if path.text.hasSuffix(".mpd") {
      if let mpd = try? MPD(parsing: text) { take(mpd, path) }
    } else if let main = try? MultivariantPlaylist(parsing: text), !main.variants.isEmpty {
      take(main, path)
    } else if let playlist = try? MediaPlaylist(parsing: text) {
      take(playlist, path)
    }
  }

  /// What is said of the track whose header, or first media, was sent to a path.
  func track(at path: StreamPath) -> Track? {
    if let known = tracks[path.text] { return known }
    return named.first { $0.value.contains(path.text) }.flatMap { playlists[$0.key] }
  }

  private mutating func take(_ mpd: MPD, _ path: StreamPath) {
    let sets = mpd.periods.flatMap(\.adaptationSets)
    guard !sets.isEmpty else { return }
    hasPictures = sets.contains { set in
      set.contentType == "video" || set.mimeType?.hasPrefix("video/") == true
        || set.representations.contains {
          $0.width != nil || $0.mimeType?.hasPrefix("video/") == true
        }
    }
    for set in sets {
      let track = Track(
        language: set.language, roles: Self.roles(set), label: set.labels.first?.text)
      for representation in set.representations {
        let template = representation.segmentTemplate ?? set.segmentTemplate
        guard let name = template?.initialization ?? representation.baseURL,
          tracks.count < IngestLimits.namedCount
        else { continue }
        let plain = name.replacing("$RepresentationID$", with: representation.id)
        tracks[path.sibling(plain)] = track
      }
    }
  }

  private static func roles(_ set: AdaptationSet) -> [String] {
    let scheme = "urn:mpeg:dash:role:2011"
    let roles = (set.roles + set.accessibilities).filter { $0.schemeIdUri == scheme }
    return roles.compactMap(\.value).filter { $0 != "main" }
  }

  private mutating func take(_ main: MultivariantPlaylist, _ path: StreamPath) {
    let video = ["avc", "hvc", "hev", "av01", "vp0", "dvh", "dva", "mp4v"]
    hasPictures = main.variants.contains { variant in
      variant.resolution != nil || variant.codecs.isEmpty
        || variant.codecs.contains { codec in video.contains { codec.hasPrefix($0) } }
    }
    for rendition in main.renditions where playlists.count < IngestLimits.namedCount {
      guard let uri = rendition.uri else { continue }
      let describes = rendition.characteristics.contains("public.accessibility.describes-video")
      playlists[path.sibling(uri)] = Track(
        language: rendition.language, roles: describes ? ["description"] : [],
        label: rendition.name)
    }
  }

  private mutating func take(_ playlist: MediaPlaylist, _ path: StreamPath) {
    var names = named[path.text] ?? []
    for segment in playlist.segments where names.count < IngestLimits.namedCount {
      names.insert(path.sibling(segment.initialization?.uri ?? segment.uri))
    }
    guard named[path.text] != nil || named.count < IngestLimits.namedCount else { return }
    named[path.text] = names
  }
}
