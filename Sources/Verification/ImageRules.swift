import FileIO
import Library
import MediaCore
import NIOCore

extension Rule {
  static let imageMissing = Rule("image-missing", "title.json")
  static let imageUnlisted = Rule("image-unlisted", "title.json", .warning)
  static let imageFormat = Rule("image-format", "ITU-T T.81 Annex B")
  static let imageSize = Rule("image-size", "DASH-IF IOP 4.3 §6.2.6")
  static let imageDigest = Rule("image-digest", "title.json")
  static let imageCount = Rule("image-count", "DASH-IF IOP 4.3 §6.2.6")
}

/// The pictures at rest: sheets of thumbnails, and the poster.
struct ImageRules {
  let folder: String
  let images: TitleImages
  /// Bytes of each sheet that is there.
  private(set) var byteCounts: [Int64] = []
  private(set) var byteCount: Int64 = 0
  private(set) var log: FindingLog

  init(folder: String, images: TitleImages) {
    self.folder = folder
    self.images = images
    log = FindingLog(file: TitleDescription.fileName)
  }

  /// - Parameter end: of the title, in seconds.
  mutating func check(end: Double) {
    if let thumbnails = images.thumbnails { checkSheets(thumbnails, end: end) }
    if let poster = images.poster, let bytes = read(TitleImages.posterName) {
      let header = JPEGHeader(bytes)
      log.require(
        header != nil, .imageFormat, TitleImages.posterName, "is no JPEG that ends as one")
      if let header {
        log.require(
          header.width == poster.width && header.height == poster.height, .imageSize,
          TitleImages.posterName,
          "is \(header.width)x\(header.height); \(poster.width)x\(poster.height) is described")
      }
      var digest = ContentDigest()
      digest.add(bytes)
      log.require(
        TrackDigest.text(digest.take()) == poster.digest, .imageDigest, TitleImages.posterName,
        "its content is not what the description's digest was taken of")
      log.require(
        Double(poster.time) / 1000 <= end + 0.001, .imageCount, TitleImages.posterName,
        "shows \(Double(poster.time) / 1000) s; the title ends at \(end) s")
    }
  }

  private mutating func checkSheets(_ thumbnails: TitleImages.Thumbnails, end: Double) {
    let place = thumbnails.name
    let expected = max(1, Int((end * 1000 / Double(thumbnails.interval) - 1e-6).rounded(.up)))
    log.require(
      thumbnails.count == expected, .imageCount, place,
      "\(thumbnails.count) pictures, one in \(thumbnails.interval) ms; a title of \(end) s has "
        + "\(expected)")
    var all = ContentDigest()
    var digests = ByteBuffer()
    for number in 1...thumbnails.sheetCount {
      let name = "\(thumbnails.name)/\(TitleImages.sheetName(number))"
      guard let bytes = read(name) else { continue }
      byteCounts.append(Int64(bytes.readableBytes))
      all.add(bytes)
      digests.writeInteger(all.take())
      guard let header = JPEGHeader(bytes) else {
        log.add(.imageFormat, name, "is no JPEG that ends as one")
        continue
      }
      log.require(
        header.width == thumbnails.width && header.height == thumbnails.height, .imageSize, name,
        "is \(header.width)x\(header.height); \(thumbnails.columns)x\(thumbnails.rows) tiles of "
          + "\(thumbnails.tileWidth)x\(thumbnails.tileHeight) are \(thumbnails.width)x"
          + "\(thumbnails.height)")
    }
    guard byteCounts.count == thumbnails.sheetCount else { return }
    all.add(digests)
    log.require(
      TrackDigest.text(all.take()) == thumbnails.digest, .imageDigest, place,
      "the sheets are not what the description's digest was taken of")
    let names = (try? Folder.names(in: "\(folder)/\(thumbnails.name)")) ?? []
    log.require(
      names.count == thumbnails.sheetCount, .imageUnlisted, place,
      "the folder holds \(names.count) files; \(thumbnails.sheetCount) sheets are described")
  }

  private mutating func read(_ name: String) -> ByteBuffer? {
    guard Folder.entry(at: "\(folder)/\(name)") == .file,
      let file = try? ReadableFile(path: "\(folder)/\(name)"),
      (1...TitleImages.maximumByteCount).contains(file.byteCount),
      let bytes = try? file.read(at: 0, count: Int(file.byteCount))
    else {
      log.add(.imageMissing, name, "is described, and no readable file here")
      return nil
    }
    byteCount += file.byteCount
    return bytes
  }
}
