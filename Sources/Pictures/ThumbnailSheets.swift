import FFmpeg
import FileIO
import Library
import MediaCore
import NIOCore

/// Makes the sheets of thumbnails of a title in one pass over its pictures.
struct ThumbnailSheets: ~Copyable {
  let reader: PictureReader
  let plan: ThumbnailPlan
  private var sheet: SheetCanvas
  private var digest = ContentDigest()
  private var sheetDigests = ByteBuffer()
  /// Pictures that could not be decoded.
  private(set) var lostCount = 0

  /// Quantiser of the JPEGs: small pictures do not need more.
  private static let quantiser = 4

  init(_ reader: PictureReader, plan: ThumbnailPlan) {
    self.reader = reader
    self.plan = plan
    sheet = SheetCanvas(
      columns: plan.columns, rows: plan.rows, width: reader.geometry.width,
      height: reader.geometry.height)
  }

  /// The sheets' folder, also their name in documents.
  var name: String { "thumbnails-\(reader.geometry.width)x\(reader.geometry.height)" }

  /// Writes the sheets.
  /// - Returns: their description; `nil` if no picture could be decoded at all.
  mutating func write(into folder: String, progress: WorkProgress) throws -> TitleImages.Thumbnails?
  {
    try Folder.make("\(folder)/\(name)")
    var last: RGBPicture?
    let tiles = plan.columns * plan.rows
    var written = 0
    for number in 0..<plan.count {
      if progress.isCancelled() { throw CancellationError() }
      let found = try picture(number)
      if found == nil { lostCount += 1 }
      // What cannot be decoded looks like what was before it.
      if let shown = found ?? last { sheet.place(shown, at: number % tiles) }
      last = found ?? last
      progress.moved(1)
      if number % tiles == tiles - 1 || number == plan.count - 1 {
        let bytes = try JPEG.bytes(of: sheet.picture, quantiser: Self.quantiser)
        written += 1
        try JPEG.write(bytes, to: "\(folder)/\(name)/\(TitleImages.sheetName(written))")
        digest.add(bytes)
        sheetDigests.writeInteger(digest.take())
        sheet.clear()
      }
    }
    try Folder.synchronize("\(folder)/\(name)")
    guard last != nil else {
      try Folder.remove("\(folder)/\(name)")
      return nil
    }
    digest.add(sheetDigests)
    return TitleImages.Thumbnails(
      name: name, digest: TrackDigest.text(digest.take()), tileWidth: reader.geometry.width,
      tileHeight: reader.geometry.height, columns: plan.columns, rows: plan.rows,
      interval: plan.interval, count: plan.count)
  }

  /// A key picture of the thumbnail's time where there is one; else what is shown when it begins.
  private func picture(_ number: Int) throws -> RGBPicture? {
    let timescale = reader.video.index.timescale
    let start = plan.start(of: number, in: timescale)
    let end = max(start + 1, plan.start(of: number + 1, in: timescale))
    if let key = try reader.keyTime(in: start..<end) {
      if let picture = try reader.keyPicture(at: key) { return picture }
    }
    return try reader.picture(at: start)
  }
}

/// One sheet while it is being filled.
struct SheetCanvas {
  private let columns: Int
  private let tileWidth: Int
  private let tileHeight: Int
  private let width: Int
  private let height: Int
  private var bytes: [UInt8]

  init(columns: Int, rows: Int, width: Int, height: Int) {
    self.columns = columns
    tileWidth = width
    tileHeight = height
    self.width = columns * width
    self.height = rows * height
    bytes = [UInt8](repeating: 0, count: 3 * self.width * self.height)
  }

  mutating func clear() { bytes = [UInt8](repeating: 0, count: bytes.count) }

  /// - Precondition: a picture of eight bits and the tile's size.
  mutating func place(_ picture: RGBPicture, at tile: Int) {
    let left = tile % columns * tileWidth
    let top = tile / columns * tileHeight
    let row = 3 * tileWidth
    let view = picture.bytes.readableBytesView
    for line in 0..<tileHeight {
      let from = view.startIndex + line * row
      let to = 3 * ((top + line) * width + left)
      bytes.replaceSubrange(to..<to + row, with: view[from..<from + row])
    }
  }

  var picture: RGBPicture {
    RGBPicture(width: width, height: height, depth: .eight, bytes: ByteBuffer(bytes: bytes))
  }
}
