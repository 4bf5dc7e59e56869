import FileIO
package import Library

/// The pictures of a title, and the files that hold them.
package struct ServedImages: Sendable {
  /// Name and version of the thumbnails.
  package var name = ""
  package var version = ""
  package var sheets: [ServedFile] = []
  package var posterVersion = ""
  package var poster: ServedFile?

  package init() {}

  package init(_ title: Title, _ images: StoredImages) {
    func served(_ image: StoredImage) -> ServedFile {
      ServedFile(path: image.path, byteCount: image.stamp.byteCount, identity: image.stamp)
    }
    name = title.thumbnails?.description.name ?? ""
    version = title.thumbnails?.description.version ?? ""
    sheets = images.sheets.map(served)
    posterVersion = title.poster?.version ?? ""
    poster = images.poster.map(served)
  }
}

extension Responder {
  /// - Parameter version: `nil` in a URL that outlives its content.
  func image(
    _ number: Int, of name: String, version: String?, in images: ServedImages
  ) throws(Rejection) -> Representation {
    guard name == images.name, !images.sheets.isEmpty else {
      throw .notFound("The title has no pictures of this name.")
    }
    guard version == nil || version == images.version else {
      throw .notPresent(
        version ?? "",
        "This version of the pictures is not here; the playlist names the present one.")
    }
    guard number >= 1, number <= images.sheets.count else {
      throw .notFound("There are \(images.sheets.count) pictures, numbered from 1.")
    }
    return Representation(
      jpeg: images.sheets[number - 1], tag: "\(images.version)-\(number)",
      cacheControl: version == nil ? .document : .immutable)
  }

  func poster(in images: ServedImages) throws(Rejection) -> Representation {
    guard let poster = images.poster else { throw .notFound("The title has no poster.") }
    return Representation(
      jpeg: poster, tag: images.posterVersion, cacheControl: .document)
  }
}
