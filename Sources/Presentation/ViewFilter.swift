package import Library
import MediaCore

/// Which tracks of a title a document is to name: `?max-height=1080&codecs=avc1,mp4a&range=SDR`.
///
///     let filter = try ViewFilter(query: "max-height=1080&audio-language=de")
///     let names = try filter.trackNames(of: title) { $0.index.byteCount }
///
/// Every condition looks at one kind of track and leaves the others alone. What is left is a title as
/// any other: its documents are rendered anew, so that defaults, groups and rates are true of it.
package struct ViewFilter: Hashable, Sendable {
  /// Pixels of the presented picture.
  private var minHeight: Int?
  private var maxHeight: Int?
  private var maxFrameRate: Double?
  /// Bits in a second at the peak of a picture's playlist, or of a sound's where there is no picture.
  private var minBandwidth: Int?
  private var maxBandwidth: Int?
  private var maxChannels: Int?
  /// In lower case: `avc1`, `hvc1.2`, `mp4a.40.2`.
  private var codecs: [String] = []
  private var ranges: [String] = []
  /// Language ranges (RFC 4647 §2.1), in lower case.
  private var audioLanguages: [String] = []
  private var textLanguages: [String] = []
  /// Of the time, not of the tracks.
  package private(set) var clip = ViewClip()

  /// Names of the parameters.
  package enum Parameter: String, CaseIterable, Sendable {
    case minHeight = "min-height"
    case maxHeight = "max-height"
    case maxFrameRate = "max-frame-rate"
    case minBandwidth = "min-bandwidth"
    case maxBandwidth = "max-bandwidth"
    case maxChannels = "max-channels"
    case codecs, range
    case audioLanguage = "audio-language"
    case textLanguage = "text-language"
    case start, end

    /// What media playlists have too.
    fileprivate static let ofTime: Set<Parameter> = [.start, .end]
  }

  /// Values in one list, at most.
  package static let maximumValueCount = 32
  /// 30000/1001 is what people call 29.97.
  private static let rateTolerance = 0.005
  /// Digits of a number, at most.
  private static let maximumDigitCount = 12

  /// Lets everything through, at all times.
  package var isEmpty: Bool { self == ViewFilter() }

  package init() {}

  /// - Parameters:
  ///   - query: behind the `?`, as it was sent. Parameters that are no filter's are passed over, so that players
  ///     and edges may have their own (`_HLS_…`, CMCD, tokens); one that is nearly a filter's is refused, since
  ///     whoever sent it meant one.
  ///   - isOfTracks: the document names several tracks; else `start` and `end` alone are looked at.
  /// - Throws: `.malformed` with what was expected.
  package init(query: some StringProtocol, isOfTracks: Bool = true) throws(ViewError) {
    var seen: Set<Parameter> = []
    for member in query.split(separator: "&") {
      let parts = member.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      guard let parameter = Parameter(rawValue: name),
        isOfTracks || Parameter.ofTime.contains(parameter)
      else {
        if isOfTracks, let meant = Misspelling.parameter(nearestTo: name) {
          throw ViewError(
            .malformed, "There is no filter \(SafeText.quoted(name)); \(meant.rawValue) is one.")
        }
        continue
      }
      guard seen.insert(parameter).inserted else {
        throw ViewError(.malformed, "The filter \(parameter.rawValue) stands there twice.")
      }
      try take(parameter, Self.decoded(parts.count == 2 ? parts[1][...] : ""))
    }
  }

  private mutating func take(_ parameter: Parameter, _ value: String?) throws(ViewError) {
    switch parameter {
    case .minHeight: minHeight = try Self.number(parameter, value)
    case .maxHeight: maxHeight = try Self.number(parameter, value)
    case .minBandwidth: minBandwidth = try Self.number(parameter, value)
    case .maxBandwidth: maxBandwidth = try Self.number(parameter, value)
    case .maxChannels: maxChannels = try Self.number(parameter, value)
    case .maxFrameRate:
      guard let value, value.utf8.count <= Self.maximumDigitCount,
        value.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2e }),
        let rate = Double(value), rate > 0
      else { throw Self.malformed(parameter, "a number of frames in a second, as 30 or 29.97") }
      maxFrameRate = rate
    case .codecs:
      codecs = try Self.list(parameter, value, "sample entries, as avc1,mp4a or hvc1.2") {
        CodingFamily.kind(of: $0) != nil
      }
    case .range:
      ranges = try Self.list(parameter, value, "SDR, PQ or HLG, or several of them") {
        ["sdr", "pq", "hlg"].contains($0)
      }
    case .audioLanguage: audioLanguages = try Self.languages(parameter, value)
    case .textLanguage: textLanguages = try Self.languages(parameter, value)
    case .start: clip.start = try Self.moment(parameter, value)
    case .end: clip.end = try Self.moment(parameter, value)
    }
  }

  // MARK: Values

  private static func malformed(_ parameter: Parameter, _ expected: String) -> ViewError {
    ViewError(.malformed, "The filter \(parameter.rawValue) wants \(expected).")
  }

  private static func moment(
    _ parameter: Parameter, _ value: String?
  ) throws(ViewError) -> ViewClip.Moment {
    guard let moment = value.flatMap({ ViewClip.Moment($0) }) else {
      throw malformed(
        parameter, "seconds, as 90 or -90.5, or a time as 2026-11-29T20:15:00Z")
    }
    return moment
  }

  private static func number(_ parameter: Parameter, _ value: String?) throws(ViewError) -> Int {
    guard let value, !value.isEmpty, value.utf8.count <= maximumDigitCount,
      value.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(value)
    else {
      throw malformed(
        parameter, "a whole number of at most \(maximumDigitCount) digits")
    }
    return number
  }

  private static func list(
    _ parameter: Parameter, _ value: String?, _ expected: String, _ isValid: (String) -> Bool
  ) throws(ViewError) -> [String] {
    let values = value?.lowercased().split(separator: ",", omittingEmptySubsequences: false)
      .map { String($0) }
    guard let values, values.count <= maximumValueCount, values.allSatisfy(isValid) else {
      throw malformed(parameter, expected)
    }
    return Set(values).sorted()
  }

  private static func languages(
    _ parameter: Parameter, _ value: String?
  ) throws(ViewError) -> [String] {
    try list(parameter, value, "languages, as de or en,pt-BR") { range in
      let subtags = range.split(separator: "-", omittingEmptySubsequences: false)
      return subtags.allSatisfy { subtag in
        (1...8).contains(subtag.utf8.count)
          && subtag.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x61...0x7a).contains($0)
          }
      }
    }
  }

  /// Percent-encoding taken away once; `nil` if it is broken, or not of ASCII.
  private static func decoded(_ text: some StringProtocol) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard rest.count >= 2,
        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      else { return nil }
      rest = rest.dropFirst(2)
      bytes.append(value)
    }
    return bytes.allSatisfy { (0x20..<0x7f).contains($0) }
      ? String(decoding: bytes, as: UTF8.self) : nil
  }

  // MARK: Tracks

  /// Names of the tracks that are left, in the title's order.
  ///
  /// - Parameter peak: bits in a second at a track's peak.
  /// - Throws: `.empty` if the title has pictures, or sound, and none is left: subtitles may all go.
  package func trackNames(
    of title: Title, peak: (TitleTrack) -> Int64
  ) throws(ViewError) -> [String] {
    let hasPictures = !title.tracks(of: .video).isEmpty
    var kept: [TitleTrack] = []
    for track in title.tracks where takes(track) {
      if !track.isTrick, track.index.kind == (hasPictures ? .video : .audio),
        !Self.isIn(peak(track), minBandwidth, maxBandwidth)
      {
        continue
      }
      kept.append(track)
    }
    for (kind, name) in [(MediaKind.video, "pictures"), (.audio, "sounds")] {
      let there = title.tracks(of: kind)
      guard there.isEmpty || kept.contains(where: { $0.index.kind == kind && !$0.isTrick }) else {
        let names = there.prefix(8).map(\.index.name).joined(separator: ", ")
        throw ViewError(
          .empty,
          "The filter leaves none of the title's \(name): \(names)"
            + (there.count > 8 ? ", …" : "."))
      }
    }
    return kept.map(\.index.name)
  }

  private func takes(_ track: TitleTrack) -> Bool {
    let index = track.index
    guard takesCoding(index) else { return false }
    switch index.format {
    case .video(let video):
      // A track of single pictures is as small and slow as it is.
      return Self.isIn(Int64(video.displayHeight), track.isTrick ? nil : minHeight, maxHeight)
        && (ranges.isEmpty || ranges.contains(video.range.rawValue.lowercased()))
        && maxFrameRate.map { (video.frameRate?.value ?? 0) <= $0 + Self.rateTolerance } ?? true
    case .audio(let audio):
      return Self.isIn(Int64(audio.channelCount), nil, maxChannels)
        && Self.isIn(index.language, audioLanguages)
    case .text: return Self.isIn(index.language, textLanguages)
    case .other: return true
    }
  }

  /// A list that names no coding of a kind leaves all of that kind.
  private func takesCoding(_ index: TrackIndex) -> Bool {
    let kind = index.kind
    let wanted = codecs.filter { CodingFamily.kind(of: $0) == kind }
    return wanted.isEmpty || wanted.contains { CodingFamily.matches(index.codecs.lowercased(), $0) }
  }

  private static func isIn(_ value: Int64, _ low: Int?, _ high: Int?) -> Bool {
    value >= low.map { Int64($0) } ?? .min && value <= high.map { Int64($0) } ?? .max
  }

  /// Basic filtering (RFC 4647 §3.3.1): `en` takes `en-GB`.
  private static func isIn(_ language: String, _ ranges: [String]) -> Bool {
    let tag = language.lowercased()
    return ranges.isEmpty || ranges.contains { tag == $0 || tag.hasPrefix($0 + "-") }
  }
}

/// Sample entries that a filter may name.
private enum CodingFamily {
  private static let kinds: [(MediaKind, [String])] = [
    (
      .video,
      [
        "avc1", "avc3", "hvc1", "hev1", "dvh1", "dvhe", "dva1", "dvav", "dav1", "av01", "vp08",
        "vp09",
      ]
    ),
    (
      .audio,
      [
        "mp4a", "ac-3", "ec-3", "ac-4", "opus", "flac", "mhm1", "mha1", "mhm2", "mha2", "iamf",
      ]
    ),
    (.text, ["wvtt", "stpp"]),
  ]

  /// - Parameter codec: in lower case.
  static func kind(of codec: String) -> MediaKind? {
    let entry = codec.split(separator: ".", omittingEmptySubsequences: false).first.map {
      String($0)
    }
    return kinds.first { $0.1.contains(entry ?? "") }?.0
  }

  /// Whole parts of the codec string; of AVC, whose profile and level are one number, its first digits.
  static func matches(_ codec: String, _ wanted: String) -> Bool {
    if codec == wanted || codec.hasPrefix(wanted + ".") { return true }
    return wanted.hasPrefix("avc") && wanted.contains(".") && codec.hasPrefix(wanted)
  }
}

/// Names that are nearly those of filters.
private enum Misspelling {
  /// One slip of the pen in a short name, two in a long one; case, `-` and `_` do not count.
  static func parameter(nearestTo name: String) -> ViewFilter.Parameter? {
    let letters = plain(name)
    guard (3...24).contains(letters.count) else { return nil }
    // `end` is nearly too much.
    let long = ViewFilter.Parameter.allCases.filter { !ViewFilter.Parameter.ofTime.contains($0) }
    let near = long.compactMap { parameter in
      let wanted = plain(parameter.rawValue)
      let slips = distance(letters, wanted)
      return slips <= (wanted.count < 8 ? 1 : 2) ? (slips, parameter) : nil
    }
    return near.min { $0.0 < $1.0 }?.1
  }

  private static func plain(_ name: String) -> [UInt8] {
    name.lowercased().utf8.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "_") }
  }

  /// Letters to insert, leave out or replace.
  private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
    var row = Array(0...other.count)
    for (place, letter) in one.enumerated() {
      var diagonal = row[0]
      row[0] = place + 1
      for (column, wanted) in other.enumerated() {
        let replaced = diagonal + (letter == wanted ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(replaced, row[column] + 1, row[column + 1] + 1)
      }
    }
    return row[other.count]
  }
}

/// A view of a title that cannot be had.
package struct ViewError: Error, Hashable, CustomStringConvertible {
  package enum Code: Sendable {
    /// The filter cannot be read.
    case malformed
    /// It leaves nothing to play.
    case empty
  }

  package var code: Code
  /// Whole sentences.
  package var message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}
