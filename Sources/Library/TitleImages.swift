package import FileIO
package import MediaCore

/// What `title.json` says of a title's pictures.
package struct TitleImages: Codable, Hashable, Sendable {
  /// Sheets of thumbnails: `NAME/1.jpg`, `NAME/2.jpg`, … Each holds `columns` × `rows` tiles, from
  /// left to right and from the top down; tiles behind the last picture are black.
  package struct Thumbnails: Codable, Hashable, Sendable {
    /// Also the name of the sheets' folder.
    package var name: String
    /// Content digest of all sheets: sixteen hexadecimal digits.
    package var digest: String
    /// Size of one tile in pixels.
    package var tileWidth: Int
    package var tileHeight: Int
    package var columns: Int
    package var rows: Int
    /// Milliseconds from one picture to the next.
    package var interval: Int64
    /// Pictures in all sheets.
    package var count: Int

    package init(
      name: String, digest: String, tileWidth: Int, tileHeight: Int, columns: Int, rows: Int,
      interval: Int64, count: Int
    ) {
      self.name = name
      self.digest = digest
      self.tileWidth = tileWidth
      self.tileHeight = tileHeight
      self.columns = columns
      self.rows = rows
      self.interval = interval
      self.count = count
    }

    package var tilesPerSheet: Int { columns * rows }
    package var sheetCount: Int { (count + tilesPerSheet - 1) / tilesPerSheet }
    /// Milliseconds that a whole sheet covers.
    package var sheetDuration: Int64 { interval * Int64(tilesPerSheet) }
    package var width: Int { columns * tileWidth }
    package var height: Int { rows * tileHeight }
    package var version: String { String(digest.prefix(TrackDigest.versionLength)) }

    var isValid: Bool {
      TrackName.isValid(name) && TitleImages.isDigest(digest)
        && (1...TitleImages.maximumTileSide).contains(tileWidth)
        && (1...TitleImages.maximumTileSide).contains(tileHeight)
        && (1...TitleImages.maximumGridSide).contains(columns)
        && (1...TitleImages.maximumGridSide).contains(rows)
        && (1...TitleImages.maximumInterval).contains(interval)
        && (1...TitleImages.maximumPictureCount).contains(count)
    }
  }

  /// `poster.jpg`: one picture that stands for the title.
  package struct Poster: Codable, Hashable, Sendable {
    package var digest: String
    package var width: Int
    package var height: Int
    /// Milliseconds: the moment that it shows.
    package var time: Int64

    package init(digest: String, width: Int, height: Int, time: Int64) {
      self.digest = digest
      self.width = width
      self.height = height
      self.time = time
    }

    package var version: String { String(digest.prefix(TrackDigest.versionLength)) }
  }

  package var thumbnails: Thumbnails?
  package var poster: Poster?

  package static let posterName = "poster.jpg"
  package static func sheetName(_ number: Int) -> String { "\(number).jpg" }
  /// Pixels of a tile's side, at most.
  package static let maximumTileSide = 1024
  /// Tiles in a row or column, at most.
  package static let maximumGridSide = 10
  /// Milliseconds: a day.
  package static let maximumInterval: Int64 = 86_400_000
  package static let maximumPictureCount = 100_000
  /// Bytes of one JPEG, at most.
  package static let maximumByteCount: Int64 = 32 << 20

  package init(thumbnails: Thumbnails? = nil, poster: Poster? = nil) {
    self.thumbnails = thumbnails
    self.poster = poster
  }

  package var isEmpty: Bool { thumbnails == nil && poster == nil }

  fileprivate static func isDigest(_ text: String) -> Bool {
    text.utf8.count == 16
      && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  /// - Parameters:
  ///   - tracks: names of the title's tracks, whose folders the sheets may not share.
  ///   - path: of the description, for messages.
  func check(tracks: [String], path: String) throws(LibraryError) {
    if let thumbnails {
      guard thumbnails.isValid, !tracks.contains(thumbnails.name) else {
        throw LibraryError(
          .damaged,
          "\(path) describes thumbnails that cannot be: \(thumbnails.count) pictures of "
            + "\(thumbnails.tileWidth)x\(thumbnails.tileHeight) in sheets of "
            + "\(thumbnails.columns)x\(thumbnails.rows), one in \(thumbnails.interval) ms")
      }
    }
    if let poster {
      guard Self.isDigest(poster.digest), (1...65_535).contains(poster.width),
        (1...65_535).contains(poster.height), (0...(1 << 50)).contains(poster.time)
      else { throw LibraryError(.damaged, "\(path) describes a poster that cannot be") }
    }
  }
}

/// A picture at rest.
package struct StoredImage: Hashable, Sendable {
  package var path: String
  package var stamp: FileStamp

  /// Links are not followed.
  /// - Throws: `LibraryError` if it is no regular file, is empty or too large.
  init(_ path: String, in tree: any FileTree) throws {
    guard try tree.entry(at: path) == .file, let stamp = try tree.stamp(of: path) else {
      throw LibraryError(.damaged, "\(path) is missing or no regular file")
    }
    guard (1...TitleImages.maximumByteCount).contains(stamp.byteCount) else {
      throw LibraryError(
        .limit,
        "\(path) has \(stamp.byteCount) bytes; 1 to \(TitleImages.maximumByteCount) are expected")
    }
    self.path = path
    self.stamp = stamp
  }
}

/// Thumbnails of a title, with the size of each sheet.
package struct ThumbnailIndex: Hashable, Sendable {
  package var description: TitleImages.Thumbnails
  /// Bytes of each sheet, in order.
  package var byteCounts: [Int64]

  package init(description: TitleImages.Thumbnails, byteCounts: [Int64]) {
    self.description = description
    self.byteCounts = byteCounts
  }
}

/// The files of a title's pictures.
package struct StoredImages: Hashable, Sendable {
  /// Sheets of thumbnails in order.
  package var sheets: [StoredImage] = []
  package var poster: StoredImage?

  init(_ images: TitleImages?, folder: String, in tree: any FileTree) throws {
    if let thumbnails = images?.thumbnails {
      sheets = try (1...thumbnails.sheetCount).map {
        try StoredImage("\(folder)/\(thumbnails.name)/\(TitleImages.sheetName($0))", in: tree)
      }
    }
    if images?.poster != nil {
      poster = try StoredImage("\(folder)/\(TitleImages.posterName)", in: tree)
    }
  }

  package init() {}
}

extension Title {
  /// When the last of its tracks ends.
  package var end: MediaTime {
    tracks.compactMap { track in
      track.index.segments.last.map {
        MediaTime($0.start &+ $0.duration, track.index.timescale)
      }
    }.max() ?? MediaTime(0, Timescale(literal: 1000))
  }
}
