import Library
import Live
import MediaCore
import NIOCore
import NIOHTTP1
import Presentation

/// Documents of a time of a live title (`ViewClip`): of what is over, and of what began then and goes on.
extension LiveTitle {
  /// A key of what a filter leaves of a document.
  ///
  /// - Throws: 400 for a clip that ends before it begins, and for a time that counts from now in a document that
  ///   players ask for again and again.
  func key(_ key: LiveKey, of clip: ViewClip) throws(Rejection) -> LiveKey {
    guard !clip.isEmpty else { return key }
    if !clip.isAbsolute, case .playlist = key {
      throw Rejection(
        .badRequest,
        "This playlist is asked for again and again, and what -90 means changes: "
          + "\(DocumentName.multivariantPlaylist)?start=-90 names playlists whose times stay.")
    }
    do {
      return .clip(key, try clip.resolved(end: edge))
    } catch {
      throw Rejection(.badRequest, error.message)
    }
  }

  func find(_ key: LiveKey, in range: ClipRange, _ state: inout State) -> LiveFound {
    switch key {
    case .multivariant(let tracks, let query):
      let text = documents.multivariantText(
        settled(state), tracks: tracks, query: query, clip: range)
      return .document(ServedDocument(uncoded: ByteBuffer(string: text)), lifetime(.document))
    case .mpd(let tracks), .timeline(let tracks):
      guard let edition = state.editions.last else { return .held }
      let isWhole = range.endTime.map { $0 <= edition.publishTime } ?? false || edition.end != nil
      guard
        let text = documents.clipText(
          isWhole ? range : ClipRange(start: range.start, end: nil), edition, tracks: tracks,
          listing: LiveEditions.listing(windows(state)))
      else { return .absent(.unknown(maxAge: description.targetDuration)) }
      return .document(
        ServedDocument(uncoded: ByteBuffer(string: text)), lifetime(isWhole ? .media : .update))
    case .playlist(let name, let form, let directives):
      return playlist(name, form, directives, range, state)
    case .patch, .header, .segment, .excerpt, .part, .growth, .clip:
      return .absent(.unknown(maxAge: description.targetDuration))
    }
  }

  private func playlist(
    _ name: String, _ form: LivePlaylist.Form, _ directives: ReloadDirectives,
    _ range: ClipRange, _ state: State
  ) -> LiveFound {
    let unknown = LiveFound.absent(.unknown(maxAge: description.targetDuration))
    guard let window = state.tracks[name]?.window, window.has(form) else { return unknown }
    let clip = window.clip(
      form, from: range.startTime, to: range.endTime,
      keeping: state.splices.ids(from: range.startTime, to: range.endTime),
      beside: windows(state), query: range.query)
    switch clip {
    case .whole(let text): return .document(ServedDocument(uncoded: text), lifetime(.media))
    case .growing(let text):
      switch window.reload(directives, form: form) {
      case .held: return .held
      case .refused(let reason): return .refused(reason, maxAge: 4 * description.targetDuration)
      case .whole, .delta:
        let life = lifetime(directives.position == nil ? .update : .held)
        return .document(ServedDocument(uncoded: text), life)
      }
    case .gone: return .absent(.gone)
    case .unknown: return unknown
    }
  }
}
