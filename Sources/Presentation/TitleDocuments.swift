import HLS
package import Library
import MediaCore
import DASH

/// Names of the documents of a title.
package enum DocumentName {
  package static let multivariantPlaylist = "main.m3u8"
  package static let mpd = "manifest.mpd"
  /// At the origin: the same with segments named by their start (`$Time$`).
  package static let timedMPD = "timeline.mpd"
  /// Of a live title: what has changed in that since a version of it.
  package static let patch = "timeline.mpp"
  /// At the origin: the same with a file for each track (`SegmentBase`).
  package static let onDemandMPD = "ondemand.mpd"
  package static let chapters = "chapters.json"
  /// Which thumbnail is where, for players that read it.
  package static let spriteMap = "thumbnails.vtt"
  package static func imagePlaylist(of thumbnails: TitleImages.Thumbnails) -> String {
    "\(thumbnails.name).m3u8"
  }
  package static func playlist(of track: TitleTrack) -> String { "\(track.index.name).m3u8" }
  package static func iFramePlaylist(of track: TitleTrack) -> String {
    "\(track.index.name).iframes.m3u8"
  }
}

/// All documents of a title: what is written beside its tracks, or served.
///
///     let documents = TitleDocuments(title, addressing: .wholeTracks)
///     for name in documents.names { write(documents.document(named: name), to: name) }
package struct TitleDocuments: Sendable {
  private enum Source {
    case multivariantPlaylist(HLSPresentation)
    case mediaPlaylist(TitleTrack)
    case iFramePlaylist(TitleTrack)
    case mpd(DASHPresentation)
    case chapters(Title)
    case imagePlaylist
    case spriteMap(SpriteMap)
  }

  /// In a stable order, each once. A track whose name would make a second document of one name
  /// gets none.
  package let names: [String]
  private let sources: [String: Source]
  private let hls: HLSPresentation
  /// `nil`: references are relative to the document alone.
  package var steering: Steering?
  private let title: Title
  private let addressing: Addressing
  private let rates: DeclaredRates

  package init(_ title: Title, addressing: Addressing) {
    self.init(title, addressing: addressing, rates: DeclaredRates(measuring: title))
  }

  private init(_ title: Title, addressing: Addressing, rates: DeclaredRates) {
    self.title = title
    self.addressing = addressing
    self.rates = rates
    hls = HLSPresentation(title, addressing: addressing, rates: rates)
    var named = [(DocumentName.multivariantPlaylist, Source.multivariantPlaylist(hls))]
    for track in [.video, .audio, .text].flatMap(title.tracks(of:)) {
      named.append((DocumentName.playlist(of: track), .mediaPlaylist(track)))
      if track.index.hasIFrames {
        named.append((DocumentName.iFramePlaylist(of: track), .iFramePlaylist(track)))
      }
    }
    for track in title.trickTracks where track.index.hasIFrames {
      named.append((DocumentName.iFramePlaylist(of: track), .iFramePlaylist(track)))
    }
    if let thumbnails = title.thumbnails?.description {
      named.append((DocumentName.imagePlaylist(of: thumbnails), .imagePlaylist))
      let map = SpriteMap(thumbnails: thumbnails, end: title.end, addressing: addressing)
      named.append((DocumentName.spriteMap, .spriteMap(map)))
    }
    named.append(
      (DocumentName.mpd, .mpd(DASHPresentation(title, addressing: addressing, rates: rates))))
    if addressing == .segments {
      let timed = DASHPresentation(
        title, addressing: addressing, usesTimes: true, rates: rates)
      named.append((DocumentName.timedMPD, .mpd(timed)))
      let onDemand = DASHPresentation(title, addressing: .wholeTracks, rates: rates)
      named.append((DocumentName.onDemandMPD, .mpd(onDemand)))
    }
    if !title.chapters.isEmpty { named.append((DocumentName.chapters, .chapters(title))) }
    sources = Dictionary(named) { first, _ in first }
    var seen: Set<String> = []
    names = named.map(\.0).filter { seen.insert($0).inserted }
  }

  /// The document's text, rendered anew; the same bytes each time. `nil` if there is none.
  package func document(named name: String) -> String? {
    switch sources[name] {
    case nil: nil
    case .multivariantPlaylist(let hls): steered(hls.multivariantPlaylist()).render()
    case .mediaPlaylist(let track): hls.mediaPlaylist(of: track).render()
    case .iFramePlaylist(let track): hls.iFramePlaylist(of: track).render()
    case .imagePlaylist: hls.imagePlaylist()?.render()
    case .spriteMap(let map): map.render()
    case .mpd(let dash): steered(dash.mpd()).render()
    case .chapters(let title): TitleEventDocuments(title: title).chapterList.render()
    }
  }

  private func steered(_ playlist: MultivariantPlaylist) -> MultivariantPlaylist {
    steering?.steered(playlist) ?? playlist
  }

  private func steered(_ mpd: MPD) -> MPD { steering?.steered(mpd) ?? mpd }

  // MARK: Views

  /// The documents that a filter applies to: those that choose between tracks.
  package static let filteredNames: Set<String> = [
    DocumentName.multivariantPlaylist, DocumentName.mpd, DocumentName.timedMPD,
    DocumentName.onDemandMPD,
  ]

  /// Names of the tracks that a filter leaves; `nil` if it leaves them all.
  package func trackNames(_ filter: ViewFilter) throws(ViewError) -> [String]? {
    let names = try filter.trackNames(of: title) { rates.playlists[$0.index.name]?.peak ?? 0 }
    return names.count == title.tracks.count ? nil : names
  }

  /// A document that names these tracks alone. The media is the same, so rates are those that the
  /// whole title declares.
  package func document(named name: String, tracks: [String]) -> String? {
    guard Self.filteredNames.contains(name) else { return document(named: name) }
    var view = TitleDocuments(title.keeping(Set(tracks)), addressing: addressing, rates: rates)
    view.steering = steering
    return view.document(named: name)
  }
}

extension Title {
  /// The same with some of its tracks alone.
  func keeping(_ names: Set<String>) -> Title {
    var made = self
    made.tracks.removeAll { !names.contains($0.index.name) }
    return made
  }
}

extension TitlePublication {
  /// Writes the documents of a title whose tracks and `title.json` are written, beside them.
  /// - Returns: the title.
  @discardableResult
  package func writeDocuments() throws -> Title {
    let title = try TitleStore.open(folder: folder, name: name).title
    let documents = TitleDocuments(title, addressing: .atRest(title))
    for document in documents.names {
      try write(documents.document(named: document) ?? "", to: document)
    }
    return title
  }
}
