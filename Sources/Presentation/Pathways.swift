package import DASH
package import HLS

/// Several edges in front of one origin, and which of them a title is to be fetched from first.
///
///     let pathways = try Pathways("cdn-a=https://a.example/,cdn-b=https://b.example/")
///     pathways.manifest(of: "film")  // {"VERSION":1,"TTL":300,"PATHWAY-PRIORITY":["cdn-a","cdn-b"]}
///
/// The order is that in which they are named. With weights (`cdn-a*3=…`) each title has an order of its own, drawn from its
/// name: three of four titles are fetched from the first. So every document is the same for all viewers and from all
/// origins, and can be cached.
package struct Pathways: Hashable, Sendable {
  package struct Pathway: Hashable, Sendable {
    /// `PATHWAY-ID` and `serviceLocation`.
    package var id: String
    /// With its slash: `https://a.example/`.
    package var base: String
    var weight: UInt64?
  }

  package let all: [Pathway]

  /// Pathways, at most.
  package static let maximumCount = 16
  /// Bytes of a base, at most.
  package static let maximumByteCount = 255
  private static let maximumWeight: UInt64 = 1000
  /// Seconds after which players ask again.
  private static let reloadSeconds = 300

  /// - Parameter text: `ID=URL` or `ID*WEIGHT=URL`, separated by commas.
  /// - Throws: what was expected.
  package init(_ text: String) throws(PathwaysError) {
    var all: [Pathway] = []
    for member in text.split(separator: ",", omittingEmptySubsequences: false) {
      all.append(try Self.pathway(member))
    }
    guard all.count <= Self.maximumCount else {
      throw PathwaysError("at most \(Self.maximumCount) pathways can be named, not \(all.count)")
    }
    guard Set(all.map(\.id)).count == all.count else {
      throw PathwaysError("two pathways have one name")
    }
    guard all.allSatisfy({ ($0.weight == nil) == (all[0].weight == nil) }) else {
      throw PathwaysError("all pathways have a weight, or none")
    }
    self.all = all
  }

  private static func pathway(_ member: Substring) throws(PathwaysError) -> Pathway {
    let parts = member.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else {
      throw PathwaysError("'\(member.prefix(80))' is not ID=URL, as cdn-a=https://a.example/")
    }
    let names = parts[0].split(separator: "*", omittingEmptySubsequences: false)
    guard names.count <= 2, PathwayID.isValid(String(names[0])), names[0].utf8.count <= 64 else {
      throw PathwaysError(
        "'\(parts[0].prefix(80))' names no pathway: letters, digits and .-_ are expected")
    }
    var weight: UInt64?
    if names.count == 2 {
      guard let number = UInt64(names[1]), (1...maximumWeight).contains(number) else {
        throw PathwaysError("the weight of \(names[0]) is 1 to \(maximumWeight)")
      }
      weight = number
    }
    return Pathway(id: String(names[0]), base: try base(parts[1]), weight: weight)
  }

  /// Documents have references from the root: an edge that adds a path in front would break them.
  private static func base(_ text: Substring) throws(PathwaysError) -> String {
    let base = text.hasSuffix("/") ? String(text) : text + "/"
    let host = ["https://", "http://"].first { base.hasPrefix($0) }.map { base.dropFirst($0.count) }
    guard let host = host?.dropLast(), !host.isEmpty, base.utf8.count <= maximumByteCount,
      host.utf8.allSatisfy({ byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x3A, 0x5B, 0x5D: true
        default: false
        }
      })
    else {
      throw PathwaysError(
        "'\(text.prefix(80))' is no host to fetch from; https://a.example/ is expected, without a path"
      )
    }
    return base
  }

  /// The pathways of a title, the first to be taken first.
  package func order(of title: String) -> [Pathway] {
    guard all[0].weight != nil else { return all }
    var (rest, order) = (all, [Pathway]())
    var random = Self.digest(title)
    while !rest.isEmpty {
      random = Self.mixed(random)
      var draw = random % rest.reduce(0) { $0 + ($1.weight ?? 0) }
      let index = rest.firstIndex { pathway in
        let weight = pathway.weight ?? 0
        if draw < weight { return true }
        draw -= weight
        return false
      }
      order.append(rest.remove(at: index ?? 0))
    }
    return order
  }

  /// FNV-1a of 64 bits.
  private static func digest(_ text: String) -> UInt64 {
    text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  /// The finishing step of SplitMix64: every bit hangs on every other.
  private static func mixed(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9e37_79b9_7f4a_7c15
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  // MARK: Documents

  package static let manifestName = "steering.json"

  /// The steering manifest of HLS (draft-pantos-hls-rfc8216bis §7.2) and DASH.
  package func manifest(of title: String) -> String {
    let ids = order(of: title).map { "\"\($0.id)\"" }.joined(separator: ",")
    return "{\"VERSION\":1,\"TTL\":\(Self.reloadSeconds),\"PATHWAY-PRIORITY\":[\(ids)]}\n"
  }
}

/// What makes the documents of a title steered ones.
package struct Steering: Hashable, Sendable {
  private let order: [Pathways.Pathway]
  /// Of the documents, from the root, with its slash: `film/`.
  private let folder: String
  /// Reference of the steering manifest.
  private let manifest: String

  /// - Parameter folders: names of the folders that the documents lie in, below that of the title.
  package init(_ pathways: Pathways, title: String, folders: [String] = []) {
    order = pathways.order(of: title)
    folder = (title.split(separator: "/").map(String.init) + folders)
      .map { Reference.encoded($0) + "/" }.joined()
    manifest = String(repeating: "../", count: folders.count) + Pathways.manifestName
  }

  /// The same playlist with every variant stream on each pathway. Players without content steering find the further ones as
  /// variants to fall back to.
  package func steered(_ playlist: MultivariantPlaylist) -> MultivariantPlaylist {
    var made = playlist
    made.contentSteering = HLS.ContentSteering(serverURI: manifest, pathwayID: order[0].id)
    // What is inside the pictures is on no pathway of its own.
    made.renditions = order.flatMap { pathway in
      playlist.renditions.filter { $0.kind != .closedCaptions }.map { rendition in
        var rendition = rendition
        rendition.groupID = pathway.group(rendition.groupID)
        rendition.uri = rendition.uri.map { pathway.base + folder + $0 }
        return rendition
      }
    }
    made.renditions += playlist.renditions.filter { $0.kind == .closedCaptions }
    made.variants = order.flatMap { pathway in
      playlist.variants.map { variant in
        var variant = variant
        variant.pathwayID = pathway.id
        variant.audio = variant.audio.map(pathway.group)
        variant.subtitles = variant.subtitles.map(pathway.group)
        variant.uri = pathway.base + folder + variant.uri
        return variant
      }
    }
    made.iFrameVariants = order.flatMap { pathway in
      playlist.iFrameVariants.map { variant in
        var variant = variant
        variant.pathwayID = pathway.id
        variant.uri = pathway.base + folder + variant.uri
        return variant
      }
    }
    return made
  }

  /// The same MPD with each pathway as a service location.
  package func steered(_ mpd: MPD) -> MPD {
    var made = mpd
    made.baseURLs = order.map { BaseURL($0.base + folder, serviceLocation: $0.id) }
    made.contentSteering = DASH.ContentSteering(manifest, defaultServiceLocation: order[0].id)
    return made
  }
}

extension Pathways.Pathway {
  fileprivate func group(_ id: String) -> String { "\(self.id)-\(id)" }
}

/// Pathways that are none.
package struct PathwaysError: Error, Hashable, Sendable, CustomStringConvertible {
  package let description: String

  init(_ description: String) { self.description = description }
}
