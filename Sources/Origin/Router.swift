import Episodes
import Library
import MediaCore
import NIOHTTP1
import OnTheFly
import Presentation

/// What a request is for. Says nothing about whether it is there.
enum Route: Hashable, Sendable {
  case titleList
  case health
  case readiness
  /// The origin's clock.
  case time
  /// An answer to a CORS preflight or `OPTIONS *`.
  case options
  case player(title: String)
  case playerLibrary
  /// A style sheet or script of the player pages, by its name.
  case playerFile(String)
  /// A playlist or MPD, by its name; `filter` is of those that choose between tracks.
  case document(title: String, name: String, filter: ViewFilter = ViewFilter())
  case header(title: String, track: String, version: String)
  /// `number` counts from 1.
  case segment(title: String, track: String, version: String, number: Int)
  /// The segment that starts at a time, in ticks of the track.
  case timedSegment(title: String, track: String, version: String, time: Int64)
  /// A part of a live segment; `part` counts from 0.
  case part(title: String, track: String, version: String, number: Int, part: Int)
  case track(title: String, track: String)
  /// A WebVTT segment; `number` counts from 1, `nil` is the whole file, which has no version.
  case webVTT(title: String, track: String, segment: WebVTTSegment?)

  /// A sheet of thumbnails; `number` counts from 1. Without a version the URL outlives its content.
  case image(title: String, name: String, version: String?, number: Int)
  case poster(title: String)
  /// A report of what a viewer chose: POST alone.
  case choices(title: String)
  case reportOptions
  /// What is uploaded to a publishing point, to a path below it.
  case publication(point: String, path: String)
  /// A screening is to be opened: POST alone.
  case opening(title: String)
  case screening(title: String, ScreeningDocument)
  /// POST; GET asks how the votes stand.
  case vote(title: String, screening: String)
  case tally(title: String, screening: String)
  case statistics(title: String)
  /// `episode.json`
  case compiledEpisode(title: String)
  /// A playlist or MPD of one path through an episode.
  case pathDocument(
    title: String, version: String, path: String, name: String, filter: ViewFilter = ViewFilter())
  /// The same on one timeline; without a path, of the default cut.
  case continuousDocument(
    title: String, path: VersionedPath?, name: String, filter: ViewFilter = ViewFilter())
  /// A spoken prompt of an episode, by its name.
  case spokenPrompt(title: String, version: String, name: String)
  /// Media of a scene, whatever path leads there.
  case scene(title: String, scene: String, SceneMedia)

  enum SceneMedia: Hashable, Sendable {
    case segment(track: String, version: String, number: Int, TimelineMove? = nil)
    case webVTT(track: String, WebVTTSegment, TimelineMove? = nil)
  }

  /// A playlist or MPD of a screening.
  struct ScreeningDocument: Hashable, Sendable {
    var screening: String
    var name: String
    /// On one timeline.
    var isContinuous = false
    var filter = ViewFilter()
  }

  struct VersionedPath: Hashable, Sendable {
    var version: String
    var path: String
  }

  struct WebVTTSegment: Hashable, Sendable {
    var version: String
    var number: Int
  }
}

/// Names below which an origin has something of its own.
package enum ReservedName {
  /// Why a title with this name could not be reached; `nil` if it can.
  package static func objection(to name: String) -> String? {
    guard Router.reservedNames.contains(name) else { return nil }
    return "'\(name)' is a name that the origin has for itself; a title needs another one"
  }
}

/// Request line → route, without a look at any title.
///
///     try Router.route(.GET, "/film/video-1080p/1f3a/2.m4s")
enum Router {
  /// First path segments that belong to the origin and cannot name a title.
  static let reservedNames: Set<String> = [
    "play", "healthz", "readyz", "metrics", "time", CarriedToken.pathName,
  ]

  /// - Throws: 400 for a target that is no clean path, 404 for one that no route has,
  ///   405 for methods other than GET, HEAD and OPTIONS, 414 for a long target.
  static func route(
    _ method: HTTPMethod, _ target: String, limits: Limits = Limits()
  ) throws(Rejection) -> Route {
    if method == .POST, let report = report(target, limits: limits) { return report }
    guard method == .GET || method == .HEAD || method == .OPTIONS else {
      throw report(target, limits: limits) == nil ? .methodNotAllowed : .reportsOnly
    }
    guard target.utf8.count <= limits.targetByteCount else {
      throw Rejection(.uriTooLong, "The request target is too long.")
    }
    if method == .OPTIONS, target == "*" { return .options }
    let segments = joiningFile(try RequestTarget(target).segments)
    let report = report(segments)
    if method == .OPTIONS { return report == nil ? .options : .reportOptions }
    switch report {
    case nil: break
    case .vote(let title, let screening): return .tally(title: title, screening: screening)
    default: throw .reportsOnly
    }
    switch segments.count {
    case 0: return .titleList
    case 1 where segments[0] == "healthz": return .health
    case 1 where segments[0] == "readyz": return .readiness
    case 1 where segments[0] == "time": return .time
    case 2 where segments[0] == "play": return .player(title: try titleName(segments[1]))
    case 3 where segments == ["play", "assets", "hls.mjs"]: return .playerLibrary
    case 3 where segments[0...1] == ["play", "assets"] && PlayerFiles.names.contains(segments[2]):
      return .playerFile(segments[2])
    case 2: return try document(title: try titleName(segments[0]), name: segments[1], target)
    case 3 where segments[1] == EpisodeDocuments.continuousName:
      return try continuous(segments[0], path: nil, name: segments[2], target)
    case 3: return try image(segments)
    case 4 where segments[1] == screeningsName: return try screening(segments, target)
    case 4: return try media(segments)
    case 5
    where segments[1] == screeningsName && segments[3] == EpisodeDocuments.continuousName:
      return try screening(segments, target)
    case 5: return try episode(segments, target)
    case 6 where segments[1] == pathsName && segments[4] == EpisodeDocuments.continuousName:
      let path = Route.VersionedPath(version: segments[2], path: segments[3])
      return try continuous(segments[0], path: path, name: segments[5], target)
    default: throw nothingHere
    }
  }

  /// Where an upload leads: the name of a publishing point, and whatever its publisher calls the stream below.
  static func publication(_ target: String, limits: Limits) throws(Rejection) -> Route {
    guard target.utf8.count <= limits.targetByteCount else {
      throw Rejection(.uriTooLong, "The request target is too long.")
    }
    let segments = try RequestTarget(target).segments
    guard let point = segments.first else {
      throw .notFound("An upload goes to /{publishing point}/{track}.")
    }
    return .publication(point: point, path: segments.dropFirst().joined(separator: "/"))
  }

  /// A file that is packaged on the fly is a title: its path below the library is one name.
  private static func joiningFile(_ segments: [String]) -> [String] {
    let first = segments.first == "play" ? 1 : 0
    // Without a document behind it, it is a track of the title before it.
    let candidates = first == 1 ? segments[1...] : segments.dropLast()
    guard let file = candidates.firstIndex(where: FileTitle.isFileName), file > first else {
      return segments
    }
    return segments[..<first] + [segments[first...file].joined(separator: "/")]
      + segments[(file + 1)...]
  }

  /// What is sent to a target; `nil` if nothing is.
  static func report(_ target: String, limits: Limits) -> Route? {
    guard target.utf8.count <= limits.targetByteCount,
      let segments = try? RequestTarget(target).segments
    else { return nil }
    return report(segments)
  }

  private static func report(_ segments: [String]) -> Route? {
    guard let title = segments.first, isTitleName(title), !reservedNames.contains(title) else {
      return nil
    }
    switch segments.count {
    case 2 where segments[1] == "choices": return .choices(title: title)
    case 2 where segments[1] == screeningsName: return .opening(title: title)
    case 4 where segments[1] == screeningsName && segments[3] == "votes" && isName(segments[2]):
      return .vote(title: title, screening: segments[2])
    default: return nil
    }
  }

  private static func screening(
    _ segments: [String], _ target: String
  ) throws(Rejection) -> Route {
    let title = try titleName(segments[0])
    let (id, name) = (segments[2], segments[segments.count - 1])
    guard !reservedNames.contains(title), isName(id), isPathDocument(name) else {
      throw nothingHere
    }
    return .screening(
      title: title,
      Route.ScreeningDocument(
        screening: id, name: name, isContinuous: segments.count == 5,
        filter: try filter(of: name, target)))
  }

  /// Documents that are no playlists.
  private static let documentNames: Set<String> = [
    DocumentName.mpd, DocumentName.timedMPD, DocumentName.patch, DocumentName.onDemandMPD,
    DocumentName.chapters, DocumentName.spriteMap, Pathways.manifestName,
  ]

  private static func document(
    title: String, name: String, _ target: String
  ) throws(Rejection) -> Route {
    guard !reservedNames.contains(title), isName(name) else { throw nothingHere }
    if documentNames.contains(name) || name.hasSuffix(".m3u8") {
      return .document(title: title, name: name, filter: try filter(of: name, target))
    }
    if name == "statistics" { return .statistics(title: title) }
    if name == EpisodeDocuments.compiledName { return .compiledEpisode(title: title) }
    if name == TitleImages.posterName { return .poster(title: title) }
    if name.hasSuffix(".mp4") { return .track(title: title, track: String(name.dropLast(4))) }
    if name.hasSuffix(".vtt") {
      return .webVTT(title: title, track: String(name.dropLast(4)), segment: nil)
    }
    throw nothingHere
  }

  /// What the query says of a document that chooses between tracks; other documents have none.
  private static func filter(of name: String, _ target: String) throws(Rejection) -> ViewFilter {
    let isOfTracks = TitleDocuments.filteredNames.contains(name)
    guard let mark = target.firstIndex(of: "?"), isOfTracks || name.hasSuffix(".m3u8") else {
      return ViewFilter()
    }
    do {
      return try ViewFilter(query: target[target.index(after: mark)...], isOfTracks: isOfTracks)
    } catch {
      throw Rejection(.badRequest, error.message)
    }
  }

  private static func image(_ segments: [String]) throws(Rejection) -> Route {
    let title = try titleName(segments[0])
    guard !reservedNames.contains(title), isName(segments[1]), segments[2].hasSuffix(".jpg"),
      let number = segmentNumber(segments[2].dropLast(4))
    else { throw nothingHere }
    return .image(title: title, name: segments[1], version: nil, number: number)
  }

  private static func media(_ segments: [String]) throws(Rejection) -> Route {
    let (track, version, file) = (segments[1], segments[2], segments[3])
    let title = try titleName(segments[0])
    guard !reservedNames.contains(title), isName(track), isName(version) else { throw nothingHere }
    if track == SpokenPrompt.folderName, file.hasSuffix(SpokenPrompt.fileExtension), isName(file) {
      let name = String(file.dropLast(SpokenPrompt.fileExtension.count))
      return .spokenPrompt(title: title, version: version, name: name)
    }
    if file == "init.mp4" { return .header(title: title, track: track, version: version) }
    if file.hasSuffix(".vtt"), let number = segmentNumber(file.dropLast(4)) {
      return .webVTT(
        title: title, track: track,
        segment: Route.WebVTTSegment(version: version, number: number))
    }
    if file.hasSuffix(".jpg"), let number = segmentNumber(file.dropLast(4)) {
      return .image(title: title, name: track, version: version, number: number)
    }
    if file.hasPrefix("t"), file.hasSuffix(".m4s"), let time = time(file.dropFirst().dropLast(4)) {
      return .timedSegment(title: title, track: track, version: version, time: time)
    }
    if file.hasSuffix(".m4s") || file.hasSuffix(".vtt"), let (number, part) = part(file.dropLast(4))
    {
      return .part(title: title, track: track, version: version, number: number, part: part)
    }
    guard file.hasSuffix(".m4s"), let number = segmentNumber(file.dropLast(4)) else {
      throw nothingHere
    }
    return .segment(title: title, track: track, version: version, number: number)
  }

  /// Between `paths` and the document stand the version and the path; between a scene and the file the
  /// track and its version.
  private static func episode(
    _ segments: [String], _ target: String
  ) throws(Rejection) -> Route {
    let title = try titleName(segments[0])
    let (first, second, third, file) = (segments[1], segments[2], segments[3], segments[4])
    guard !reservedNames.contains(title), isName(second) else { throw nothingHere }
    if first == pathsName {
      guard isPathDocument(file) else { throw nothingHere }
      return .pathDocument(
        title: title, version: second, path: third, name: file, filter: try filter(of: file, target)
      )
    }
    guard isName(first), isName(third) else { throw nothingHere }
    let (number, move) = try movedSegment(file.dropLast(4))
    if file.hasSuffix(".vtt") {
      let segment = Route.WebVTTSegment(version: third, number: number)
      return .scene(title: title, scene: first, .webVTT(track: second, segment, move))
    }
    guard file.hasSuffix(".m4s") else { throw nothingHere }
    return .scene(
      title: title, scene: first, .segment(track: second, version: third, number: number, move))
  }

  private static func continuous(
    _ title: String, path: Route.VersionedPath?, name: String, _ target: String
  ) throws(Rejection) -> Route {
    let title = try titleName(title)
    guard !reservedNames.contains(title), isPathDocument(name),
      path.map({ isName($0.version) }) ?? true
    else { throw nothingHere }
    return .continuousDocument(
      title: title, path: path, name: name, filter: try filter(of: name, target))
  }

  private static func isPathDocument(_ name: String) -> Bool {
    isName(name) && (name == DocumentName.mpd || name.hasSuffix(".m3u8"))
  }

  /// `3`, `3;o=512000`, `1;o=512000;s=1024`: the number, and where the segment is moved to. One spelling
  /// for each: a move by nothing has none.
  private static func movedSegment(_ name: Substring) throws(Rejection) -> (Int, TimelineMove?) {
    let parts = name.split(separator: ";", omittingEmptySubsequences: false)
    guard parts.count <= 3, let number = segmentNumber(parts[0]) else { throw nothingHere }
    guard parts.count > 1 else { return (number, nil) }
    func value(_ part: Int, _ name: String) -> Int64? {
      parts[part].hasPrefix(name) ? time(parts[part].dropFirst(name.utf8.count)) : nil
    }
    guard let offset = value(1, "o="), let start = parts.count > 2 ? value(2, "s=") : 0,
      parts.count == 2 ? offset > 0 : start > 0
    else { throw nothingHere }
    guard offset <= TimelineMove.maximumOffset, start <= TimelineMove.maximumOffset else {
      throw .notFound("The place of the segment is later than any timeline of the origin.")
    }
    return (number, TimelineMove(offset: offset, start: start))
  }

  /// What stands in the place of a scene where documents of paths begin.
  private static let pathsName = "paths"
  private static let screeningsName = "screenings"

  private static func titleName(_ name: String) throws(Rejection) -> String {
    guard isTitleName(name) else { throw .notFound("No title has such a name.") }
    return name
  }

  /// Whether a title of this name can be served: not hidden, not too long.
  static func isTitleName(_ name: String) -> Bool {
    let names = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    return name.utf8.count <= Limits.filePathByteCount && names.count <= Limits.filePathDepth
      && names.allSatisfy { name in
        !name.isEmpty && name.first != UInt8(ascii: ".")
          && name.count <= Limits.titleNameByteCount
      }
  }

  /// Letters, digits, `-`, `_`, `.`; not hidden, not too long.
  private static func isName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= Limits.trackNameByteCount
      && name.utf8.first != UInt8(ascii: ".")
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
          UInt8(ascii: "."):
          true
        default: false
        }
      }
  }

  /// One spelling for each time: no sign, no leading zero, from 0.
  private static func time(_ digits: Substring) -> Int64? {
    guard digits == "0" || digits.first != "0", digits.utf8.count <= Limits.timeDigitCount,
      digits.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    return Int64(digits)
  }

  /// `890000001.3`
  private static func part(_ name: Substring) -> (number: Int, part: Int)? {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, let number = segmentNumber(parts[0]), let part = time(parts[1]) else {
      return nil
    }
    return (number, Int(part))
  }

  /// One spelling for each number: no sign, no leading zero, from 1.
  private static func segmentNumber(_ digits: Substring) -> Int? {
    guard digits.utf8.count <= Limits.segmentDigitCount, digits.first != "0",
      digits.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    return Int(digits)
  }

  private static let nothingHere = Rejection.notFound(
    "Nothing is served at this path; titles begin at /{title}/main.m3u8.")
}
