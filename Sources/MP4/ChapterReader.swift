import FileIO
import ISOBMFF
import MediaCore
import NIOCore

/// Chapters of an MP4 file: of `chpl`, or of the text track that `tref` `chap` names.
struct ChapterReader {
  let file: any StoredFile
  /// Samples of a track, at most.
  let sampleLimit: Int

  /// Chapters of one file, at most.
  static let maximumCount = 10_000
  /// Bytes of a chapter's title, at most.
  private static let maximumTitleByteCount: UInt32 = 4096
  /// 100 ns, the ticks of `chpl`.
  private static let chapterClock = Timescale(literal: 10_000_000)

  /// What was found: the chapters, and the tracks that hold nothing else, by their place in `moov`.
  struct Found {
    var chapters: [Chapter] = []
    var tracks: Set<Int> = []
  }

  /// Reads what is there; chapters that are damaged are no reason to refuse the media.
  func read() -> Found {
    var found = Found()
    guard let moov = try? movie() else { return found }
    let boxes = FileBoxes(file: file)
    guard let children = try? boxes.children(of: moov) else { return found }
    let traks = children.filter { $0.type == "trak" }
    let wanted = Set(traks.compactMap { try? references(of: $0) }.flatMap { $0 })
    for (number, trak) in traks.enumerated() where !wanted.isEmpty {
      guard let id = try? trackID(of: trak), wanted.contains(id) else { continue }
      found.tracks.insert(number)
      if found.chapters.isEmpty { found.chapters = (try? chapters(of: trak)) ?? [] }
    }
    if found.chapters.isEmpty, let udta = children.first(where: { $0.type == "udta" }) {
      found.chapters = (try? list(in: udta)) ?? []
    }
    found.chapters.sort { $0.start < $1.start }
    return found
  }

  private func movie() throws -> FileBox? {
    var moov: FileBox?
    let whole = ByteRange(offset: 0, count: file.byteCount)
    try FileBoxes(file: file).visit(whole, isLenient: true) { box in
      if box.type == "moov" { moov = box }
      return moov == nil
    }
    return moov
  }

  private func child(_ path: [FourCC], of box: FileBox) throws -> FileBox? {
    var current: FileBox? = box
    for type in path {
      guard let parent = current else { return nil }
      current = try FileBoxes(file: file).children(of: parent).first { $0.type == type }
    }
    return current
  }

  private func trackID(of trak: FileBox) throws -> UInt32? {
    try child(["tkhd"], of: trak).map {
      try TrackHeaderBox(FileBoxes(file: file).load($0)).trackID
    }
  }

  /// Tracks that hold a track's chapters (QuickTime File Format, “Chapter Lists”).
  private func references(of trak: FileBox) throws -> [UInt32] {
    guard let box = try child(["tref", "chap"], of: trak) else { return [] }
    var bytes = try FileBoxes(file: file).load(box).payload
    var ids: [UInt32] = []
    while ids.count < 16, let id = bytes.readInteger(as: UInt32.self) { ids.append(id) }
    return ids
  }

  // MARK: Nero's list

  /// `chpl`: a count, then for each chapter 64 bits of time and a title of one byte's length.
  private func list(in udta: FileBox) throws -> [Chapter] {
    guard let box = try child(["chpl"], of: udta) else { return [] }
    var bytes = try FileBoxes(file: file).load(box).payload
    guard let version = bytes.readInteger(as: UInt8.self), bytes.readBytes(length: 3) != nil,
      version == 0 || bytes.readBytes(length: 4) != nil,
      let count = bytes.readInteger(as: UInt8.self)
    else { return [] }
    var chapters: [Chapter] = []
    for _ in 0..<count {
      guard let start = bytes.readInteger(as: UInt64.self), start < 1 << 60,
        let length = bytes.readInteger(as: UInt8.self),
        let title = bytes.readBytes(length: Int(length))
      else { break }
      chapters.append(
        Chapter(
          start: MediaTime(Int64(start), Self.chapterClock),
          title: String(decoding: title, as: UTF8.self)))
    }
    return chapters
  }

  // MARK: A text track

  private func chapters(of trak: FileBox) throws -> [Chapter] {
    guard let stbl = try child(["mdia", "minf", "stbl"], of: trak),
      let box = try child(["mdia", "mdhd"], of: trak)
    else { return [] }
    let timescale = try MediaHeaderBox(FileBoxes(file: file).load(box)).timescale
    var table = SampleTable()
    var chunks = ChunkTable()
    _ = try SampleTableReader(stbl, in: file, sampleLimit: sampleLimit).read(
      into: &table, chunks: &chunks, shift: 0, keepsDurations: true)
    guard table.count <= Self.maximumCount else { return [] }
    var chapters: [Chapter] = []
    for (run, offset) in chunks.offsets.enumerated() {
      var at = offset
      let next = run + 1 < chunks.offsets.count ? Int(chunks.firstSamples[run + 1]) : table.count
      for sample in Int(chunks.firstSamples[run])..<next {
        let size = table.sizes[sample]
        defer { at += Int64(size) }
        guard (2...Self.maximumTitleByteCount).contains(size) else { continue }
        let start = table.presentationTimes[sample]
        chapters.append(
          Chapter(
            start: MediaTime(start, timescale),
            end: MediaTime(start + max(0, table.durations[sample]), timescale),
            title: Self.title(try file.read(at: at, count: Int(size)))))
      }
    }
    return chapters
  }

  /// Two bytes of length, then UTF-8, or UTF-16 behind a byte order mark; boxes may follow.
  private static func title(_ sample: ByteBuffer) -> String {
    var bytes = sample
    guard let length = bytes.readInteger(as: UInt16.self),
      let text = bytes.readBytes(length: min(Int(length), bytes.readableBytes))
    else { return "" }
    guard text.count >= 2, text[0] == 0xFE, text[1] == 0xFF else {
      return String(decoding: text, as: UTF8.self)
    }
    let units = stride(from: 2, to: text.count - 1, by: 2).map {
      UInt16(text[$0]) << 8 | UInt16(text[$0 + 1])
    }
    return String(decoding: units, as: UTF16.self)
  }
}
