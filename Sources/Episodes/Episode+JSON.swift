import Foundation

/// `episode.json`.
extension Episode {
  /// - Throws: `.limit` for a document that is too long, `.damaged` for one that is no compiled
  ///   episode.
  package init(json: some Collection<UInt8>) throws(EpisodesError) {
    guard json.count <= EpisodeLimits.documentByteCount else {
      throw EpisodesError(
        .limit,
        "the compiled episode has \(json.count) bytes; at most \(EpisodeLimits.documentByteCount) are "
          + "read")
    }
    do {
      self = try JSONDecoder().decode(Self.self, from: Data(json))
    } catch let error as EpisodesError {
      throw error
    } catch {
      throw EpisodesError(.damaged, "this is no compiled episode: \(error)")
    }
  }

  /// Keys in a fixed order, so that the same episode gives the same bytes.
  package var json: [UInt8] {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return try Array(encoder.encode(self)) + [0x0a]
    }
  }
}
