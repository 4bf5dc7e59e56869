/// What kind of thing a request asks for, in figures, logs and faults: few kinds, so that each can have its own series.
///
/// To add one: a case, its routes, and its row in docs/origin.md.
enum ObjectClass: Int, CaseIterable, Hashable, Sendable {
  case multivariant
  case mediaPlaylist
  case mpd
  /// JSON, chapters, maps of thumbnails.
  case document
  case header
  case segment
  case track
  case webVTT
  /// A question spoken.
  case prompt
  case image
  case page
  case report
  /// What publishers upload.
  case publication
  case statistics
  /// Health and readiness.
  case probe
  /// What no route has, preflights, and what is no request.
  case other

  var name: String {
    switch self {
    case .mediaPlaylist: "media_playlist"
    case .webVTT: "webvtt"
    default: "\(self)"
    }
  }

  init?(name: String) {
    guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = found
  }

  init(_ route: Route) {
    switch route {
    case .document(_, let name, _), .pathDocument(_, _, _, let name, _),
      .continuousDocument(_, _, let name, _):
      self = Self(documentName: name)
    case .spokenPrompt: self = .prompt
    case .compiledEpisode: self = .document
    case .header: self = .header
    case .segment, .timedSegment, .part, .scene(_, _, .segment): self = .segment
    case .track: self = .track
    case .webVTT, .scene(_, _, .webVTT): self = .webVTT
    case .image, .poster: self = .image
    case .titleList, .player, .playerLibrary, .playerFile: self = .page
    case .choices, .vote, .opening: self = .report
    case .screening(_, let document): self = Self(documentName: document.name)
    case .tally: self = .document
    case .publication: self = .publication
    case .statistics: self = .statistics
    case .health, .readiness, .time: self = .probe
    case .options, .reportOptions: self = .other
    }
  }

  private init(documentName name: String) {
    if name == "main.m3u8" {
      self = .multivariant
    } else if name.hasSuffix(".m3u8") {
      self = .mediaPlaylist
    } else {
      self = name.hasSuffix(".mpd") ? .mpd : .document
    }
  }
}

extension Route {
  /// The title that it leads to, if it leads to one.
  var title: String? {
    switch self {
    case .player(let title), .document(let title, _, _), .header(let title, _, _),
      .segment(let title, _, _, _), .timedSegment(let title, _, _, _),
      .part(let title, _, _, _, _), .track(let title, _),
      .webVTT(let title, _, _), .image(let title, _, _, _), .poster(let title),
      .choices(let title), .publication(let title, _), .statistics(let title),
      .compiledEpisode(let title),
      .pathDocument(let title, _, _, _, _), .continuousDocument(let title, _, _, _),
      .spokenPrompt(let title, _, _), .scene(let title, _, _), .opening(let title),
      .screening(let title, _), .vote(let title, _), .tally(let title, _):
      title
    case .titleList, .health, .readiness, .time, .options, .reportOptions, .playerLibrary,
      .playerFile:
      nil
    }
  }

  /// The version in its URL, if there is one.
  var version: String? {
    switch self {
    case .header(_, _, let version), .segment(_, _, let version, _),
      .part(_, _, let version, _, _), .timedSegment(_, _, let version, _),
      .pathDocument(_, let version, _, _, _),
      .spokenPrompt(_, let version, _), .scene(_, _, .segment(_, let version, _, _)):
      version
    case .webVTT(_, _, let segment): segment?.version
    case .scene(_, _, .webVTT(_, let segment, _)): segment.version
    case .image(_, _, let version, _): version
    case .continuousDocument(_, let path, _, _): path?.version
    default: nil
    }
  }

  /// The track whose media or playlist it asks for.
  var track: String? {
    switch self {
    case .header(_, let track, _), .segment(_, let track, _, _), .timedSegment(_, let track, _, _),
      .part(_, let track, _, _, _), .track(_, let track), .webVTT(_, let track, _),
      .scene(_, _, .segment(let track, _, _, _)),
      .scene(_, _, .webVTT(let track, _, _)):
      track
    case .document(_, let name, _), .pathDocument(_, _, _, let name, _):
      name.hasSuffix(".m3u8") && name != "main.m3u8" ? String(name.prefix { $0 != "." }) : nil
    case .image(_, let name, _, _): name
    default: nil
    }
  }
}
