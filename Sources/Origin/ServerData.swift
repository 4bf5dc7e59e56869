import MediaCore

/// What the origin says about an object to edges and players: Common Media Server Data (CTA-5006), the static part,
/// which is cached with the object.
///
///     ServerData(objectType: .video, milliseconds: 2000, bitrate: 8000).field
///
/// The streaming format stands with playlists alone: media belongs to HLS and DASH alike.
struct ServerData: Hashable, Sendable {
  enum ObjectType: String, Hashable, Sendable {
    case manifest = "m"
    case audio = "a"
    case video = "v"
    case header = "i"
    /// Captions as text.
    case captions = "c"
    /// Timed text in ISO BMFF.
    case timedText = "tt"
    case other = "o"
  }

  var objectType: ObjectType
  /// `h` or `d`.
  var format: Character?
  /// Play time of the object.
  var milliseconds: Int?
  /// Kilobits per second of this object.
  var bitrate: Int?
  /// The object that will probably be wanted next, relative to this one.
  var next: String?
  /// Of a live title.
  var isLive = false

  /// Keys in the order of the alphabet.
  var field: String {
    var members: [String] = []
    if let bitrate { members.append("br=\(bitrate)") }
    if let milliseconds { members.append("d=\(milliseconds)") }
    if let next { members.append("nor=\"\(next)\"") }
    members.append("ot=\(objectType.rawValue)")
    if let format { members.append("sf=\(format)") }
    members.append(isLive ? "st=l" : "st=v")
    return members.joined(separator: ",")
  }
}

/// The name of this origin among others, told in `CMSD-Dynamic` (CTA-5006). Nothing else is said there: what an origin does not
/// measure it does not claim.
package struct OriginID: Hashable, Sendable {
  /// A string of structured fields (RFC 9651 §3.3.3).
  let field: String

  /// - Returns: `nil` if it is no name: 1 to 64 letters, digits, `-`, `_` and `.`.
  package init?(_ name: String) {
    let isName = name.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
      default: false
      }
    }
    guard isName, (1...64).contains(name.utf8.count) else { return nil }
    field = "\"\(name)\""
  }
}

extension ServerData {
  /// A playlist, MPD or patch; `nil` for other documents.
  init?(documentName name: String) {
    if name.hasSuffix(".m3u8") {
      self.init(objectType: .manifest, format: "h")
    } else if name.hasSuffix(".mpd") || name.hasSuffix(".mpp") {
      self.init(objectType: .manifest, format: "d")
    } else {
      return nil
    }
  }

  /// A media segment.
  ///
  /// - Parameters:
  ///   - ticks: its duration.
  ///   - next: the file name of the segment after it.
  init(_ kind: MediaKind, byteCount: Int64, ticks: Int64, _ timescale: Timescale, next: String?) {
    self.init(objectType: ObjectType(kind), next: next)
    let milliseconds = rescale(ticks, from: timescale, to: Timescale(literal: 1000))
    let bits = byteCount.multipliedReportingOverflow(by: 8)
    guard milliseconds > 0, !bits.overflow else { return }
    self.milliseconds = Int(milliseconds)
    bitrate = Int(bits.partialValue / milliseconds)
  }
}

extension ServerData.ObjectType {
  init(_ kind: MediaKind) {
    switch kind {
    case .video: self = .video
    case .audio: self = .audio
    case .text: self = .timedText
    case .data: self = .other
    }
  }
}

extension ServerData.ObjectType {
  /// Of media in CMAF.
  var mediaType: String {
    switch self {
    case .video, .header: Representation.contentType(of: .video)
    case .audio: Representation.contentType(of: .audio)
    case .captions: Representation.webVTTType
    case .manifest, .timedText, .other: Representation.contentType(of: .data)
    }
  }
}
