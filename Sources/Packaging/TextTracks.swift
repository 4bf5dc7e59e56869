import Library
import MediaCore
import NIOCore
import Text

/// The subtitles of a title: what becomes of sidecars, of tracks in the sources, and of captions in
/// the pictures.
///
/// Sidecars are there at once; the others are gathered while the payloads of their source pass, and
/// all are written behind them: subtitles are small.
struct TextTracks: Sendable {
  /// Where a track's cues come from.
  enum Origin: Sendable {
    case sidecar(CueList)
    /// Samples of a source's track; the source's time that becomes 0.
    case track(SelectedTrack, TextCoding, record: ByteBuffer, zero: MediaTime)
  }

  struct Output: Sendable {
    var name: String
    var origin: Origin
    var place: String
    var language: String
    var label: String
    var roles: [String]
    var isDefault: Bool
    /// An `stpp` track is written beside.
    var hasTTML: Bool
  }

  let options: TextOptions
  let timeline: TextTimeline
  /// The moment of the source's system clock that becomes 0; `nil` if no source has such a clock.
  private let clock: MediaTime?
  private(set) var outputs: [Output] = []
  /// Names that are left for captions.
  let names: TrackNames

  /// Tracks of subtitles in one title, at most: room is left for pictures, sound and captions.
  static let maximumCount = 160

  /// - Parameters:
  ///   - origins: for each source, its time that becomes 0.
  ///   - clock: that of the source whose times are those of a system clock.
  init(
    _ selected: [SelectedTrack], origins: [MediaTime], clock: MediaTime?, options: TextOptions,
    cuts: CutList, end: MediaTime, names: inout TrackNames
  ) throws {
    self.options = options
    self.clock = clock
    timeline = TextTimeline(cuts: cuts.times, end: end)
    var outputs: [Output] = []
    for sidecar in options.sidecars {
      outputs.append(
        Output(
          name: names.next("text-\(sidecar.language)"), origin: .sidecar(sidecar.cues),
          place: sidecar.name, language: sidecar.language,
          label: sidecar.label ?? Self.label(sidecar.language, sidecar.role),
          roles: [sidecar.role.rawValue], isDefault: sidecar.isDefault,
          hasTTML: sidecar.isTTML || options.writesTTML))
    }
    for track in selected {
      guard case .text(let coding, let record) = track.track.coding else { continue }
      let language = LanguageTag.bcp47(track.track.language)
      let role = Self.role(track.track)
      outputs.append(
        Output(
          name: names.next("text-\(language)"),
          origin: .track(track, coding, record: record, zero: origins[track.source]),
          place: track.place, language: language,
          label: track.track.label ?? Self.label(language, role), roles: [role.rawValue],
          isDefault: false, hasTTML: coding == .ttml || options.writesTTML))
    }
    let count = outputs.reduce(0) { $0 + ($1.hasTTML ? 2 : 1) }
    guard count <= Self.maximumCount else {
      throw PackagingError(
        .limit,
        "\(count) tracks of subtitles; a title has at most \(Self.maximumCount)")
    }
    self.outputs = outputs
    self.names = names
  }

  static func label(_ language: String, _ role: TextRole) -> String {
    let name = LanguageTag.ownName(language) ?? "Subtitles"
    switch role {
    case .subtitle: return name
    case .caption: return "\(name) (CC)"
    case .forced: return "\(name) (forced)"
    case .description: return "\(name) (description)"
    case .commentary: return "\(name) (commentary)"
    case .easyReader: return "\(name) (easy)"
    }
  }

  static func role(_ track: SourceTrack) -> TextRole {
    track.roles.lazy.compactMap { TextRole(rawValue: $0) }.first ?? .subtitle
  }

  /// Milliseconds that a sidecar's cues are moved by: what the user asked for, and what lies between
  /// the clock that the file names and that of the media.
  func offset(of list: CueList) -> Int64 {
    options.offset + (clock.map { list.offset(clock: $0) } ?? 0)
  }

  /// Numbers of a source's tracks whose payloads are wanted.
  func trackNumbers(of source: Int) -> Set<Int> {
    Set(
      outputs.compactMap { output -> Int? in
        guard case .track(let selected, _, _, _) = output.origin, selected.source == source else {
          return nil
        }
        return selected.track.number
      })
  }
}

/// What is asked of subtitles.
package struct TextOptions: Sendable {
  /// What becomes of captions in the pictures; they stay there in any case.
  package enum Captions: String, Sendable, CaseIterable {
    /// Text tracks are made of them.
    case convert
    /// Documents name them, nothing more.
    case keep
  }

  package var sidecars: [SidecarText] = []
  /// `stpp` tracks beside all others, not of TTML sources alone.
  package var writesTTML = false
  package var captions = Captions.convert
  /// Milliseconds that sidecars are moved by, later if positive.
  package var offset: Int64 = 0

  package init() {}
}
