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
    case multivariantPlaylist
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

  package init(_ title: Title, addressing: Addressing) {
    hls = HLSPresentation(title, addressing: addressing)
    var named: [(String, Source)] = [(DocumentName.multivariantPlaylist, .multivariantPlaylist)]
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
    named.append((DocumentName.mpd, .mpd(DASHPresentation(title, addressing: addressing))))
    if addressing == .segments {
      let timed = DASHPresentation(title, addressing: addressing, usesTimes: true)
      named.append((DocumentName.timedMPD, .mpd(timed)))
      let onDemand = DASHPresentation(title, addressing: .wholeTracks)
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
    case .multivariantPlaylist: steered(hls.multivariantPlaylist()).render()
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
}
