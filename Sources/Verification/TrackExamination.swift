import FileIO
import ISOBMFF
import Library
import MediaCore
import NIOCore

extension Rule {
  static let boxSize = Rule("box-size", "ISO/IEC 14496-12 §4.2.2")
  static let boxUnreadable = Rule("box-unreadable", "ISO/IEC 14496-12 §4.2")
  static let boxMissing = Rule("box-missing", "ISO/IEC 23000-19 §7.3.1")
  static let boxForbidden = Rule("box-forbidden", "ISO/IEC 23000-19 §7.5.2")
  static let boxOrder = Rule("box-order", "ISO/IEC 23000-19 §7.3.3")
  static let limit = Rule("limit", "ISO/IEC 23000-19 §7.3.3")
  static let noSegment = Rule("no-segment", "ISO/IEC 23000-19 §7.3.2.2")
  static let trackDigest = Rule("track-digest", "title.json")
}

/// One track file, read from its first byte to its last.
struct TrackExamination: ~Copyable {
  private struct TopBox {
    var type: FourCC
    var headerByteCount: Int
    var range: ByteRange
    var payloadOffset: Int64 { range.offset + Int64(headerByteCount) }
    var payloadByteCount: Int64 { range.count - Int64(headerByteCount) }
    var place: String { "\(type) at byte \(range.offset)" }
  }

  private let file: TrackStorage
  private let name: String
  private let description: TitleDescription.Track?
  private let declared: DeclaredRate?
  private let progress: WorkProgress
  private(set) var log: FindingLog
  private(set) var bytesRead: Int64 = 0

  private var at: Int64 = 0
  private var boxCount = 0
  private var header: HeaderFacts?
  private var headerRange = ByteRange(offset: 0, count: 0)
  private var sidx: (box: SegmentIndexBox, range: ByteRange)?
  private var fragments: FragmentRules?
  /// Of `ftyp` and `moov`, then of each segment's parts: the digest's input.
  private var headerBytes = ByteBuffer()
  private var sidxBytes = ByteBuffer()
  private var segmentDigests = ByteBuffer()
  /// `emsg` boxes since the last `mdat`, as they are.
  private var front = ByteBuffer()
  private var frontStart: Int64?
  private var events: [MeasuredEvent] = []

  init(
    _ file: TrackStorage, name: String, description: TitleDescription.Track?,
    buffer: DeclaredRate?, progress: WorkProgress
  ) {
    self.file = file
    self.name = name
    self.description = description
    declared = buffer
    self.progress = progress
    log = FindingLog(file: file.segmentFileCount > 0 ? name : "\(name).mp4")
  }

  /// - Returns: `nil` if the file has no header or no segment that could be understood.
  mutating func run() throws -> MeasuredTrack? {
    file.adviseSequential()
    var isComplete = true
    do {
      try readHead()
      try readFragments()
    } catch let stop as Stop {
      log.add(stop.rule, stop.place, stop.message)
      isComplete = false
    }
    guard let header else { return nil }
    guard let fragments, !fragments.segments.isEmpty else {
      log.add(.noSegment, "", "no segment could be read")
      return nil
    }
    var finished = fragments
    finished.finish()
    if let sidx {
      finished.check(sidx.box, at: sidx.range, fileByteCount: file.byteCount, &log)
    } else {
      log.add(.boxMissing, "", "there is no 'sidx' between 'moov' and the first segment")
    }
    checkDigest(isComplete: isComplete)
    finished.checkDescription(description, &log)
    var track = MeasuredTrack(
      name: name, description: description, header: header, headerRange: headerRange,
      sidxRange: sidx?.range, byteCount: file.byteCount, segments: finished.segments,
      frames: finished.frames, events: events, isOneFile: file.segmentFileCount == 0,
      longestSample: finished.longestSample, buffer: finished.buffer)
    track.shown = finished.shown
    track.hasCaptions = finished.hasCaptions
    return track
  }

  /// Ends the reading of a file whose next byte cannot be understood.
  struct Stop: Error {
    var rule: Rule
    var place: String
    var message: String
  }

  // MARK: Boxes

  private mutating func read(_ offset: Int64, _ count: Int64, _ into: inout ByteBuffer) throws {
    if progress.isCancelled() { throw CancellationError() }
    try file.read(at: offset, count: Int(count), into: &into)
    bytesRead += count
    progress.moved(count)
  }

  /// The header of the box at `at`; `nil` at the end of the file.
  private mutating func nextBox() throws -> TopBox? {
    guard at < file.byteCount else { return nil }
    boxCount += 1
    guard boxCount <= VerificationLimits.topBoxCount else {
      throw Stop(
        rule: .limit, place: "at byte \(at)",
        message: "more than \(VerificationLimits.topBoxCount) boxes stand in the file")
    }
    let left = file.byteCount - at
    let bytes = try file.read(at: at, count: Int(min(Int64(BoxHeader.maximumByteCount), left)))
    let found: BoxHeader?
    do { found = try BoxHeader(parsing: bytes, where: "byte \(at)") } catch {
      throw Stop(rule: .boxSize, place: "at byte \(at)", message: error.message)
    }
    guard let found else {
      throw Stop(
        rule: .boxSize, place: "at byte \(at)", message: "\(left) bytes at the end are no box")
    }
    guard let count = found.byteCount, count <= left, count >= Int64(found.headerByteCount) else {
      throw Stop(
        rule: .boxSize, place: "\(found.type) at byte \(at)",
        message:
          "its size is \(found.byteCount.map { "\($0)" } ?? "open"), \(left) bytes are left: "
          + "the file is cut short or damaged")
    }
    return TopBox(
      type: found.type, headerByteCount: found.headerByteCount,
      range: ByteRange(offset: at, count: count))
  }

  private mutating func load(_ box: TopBox, limit: Int64) throws -> (Box, ByteBuffer) {
    guard box.range.count <= limit else {
      throw Stop(
        rule: .limit, place: box.place,
        message: "has \(box.range.count) bytes; at most \(limit) are read")
    }
    var bytes = ByteBuffer()
    try read(box.range.offset, box.range.count, &bytes)
    let payload = bytes.getSlice(
      at: bytes.readerIndex + box.headerByteCount, length: Int(box.payloadByteCount))
    return (
      Box(
        type: box.type, path: "\(box.type)", offset: box.range.offset,
        headerByteCount: box.headerByteCount, payload: payload ?? ByteBuffer()), bytes
    )
  }

  // MARK: Head

  private mutating func readHead() throws {
    var hasType = false
    var brands: FileTypeBox?
    while let box = try nextBox(), box.type != "moof", box.type != "mdat", box.type != "emsg" {
      switch box.type {
      case "ftyp", "moov", "sidx":
        guard box.range.end <= VerificationLimits.headByteCount else {
          throw Stop(
            rule: .limit, place: box.place,
            message: "ends behind byte \(VerificationLimits.headByteCount), where a header must end"
          )
        }
        let (loaded, bytes) = try load(box, limit: VerificationLimits.headByteCount)
        if box.type == "ftyp" {
          log.require(box.range.offset == 0, .boxOrder, box.place, "'ftyp' is expected first")
          log.require(!hasType, .boxOrder, box.place, "a second 'ftyp'")
          hasType = true
          brands = FileTypeRules.read(loaded, &log)
        } else if box.type == "moov" {
          if header != nil {
            log.add(.boxOrder, box.place, "a second 'moov'")
          } else {
            header = HeaderRules.read(loaded, brands: brands, &log)
            headerRange = ByteRange(offset: 0, count: box.range.end)
          }
        } else {
          takeIndex(loaded, box)
          sidxBytes = bytes
          at = box.range.end
          continue
        }
        if sidx == nil { headerBytes.writeImmutableBuffer(bytes) }
      default: refuse(box)
      }
      at = box.range.end
    }
    log.require(hasType, .boxMissing, "", "there is no 'ftyp'")
    guard let header else {
      throw Stop(
        rule: .boxMissing, place: "", message: "there is no 'moov' before the first segment")
    }
    fragments = FragmentRules(header, declared: declared)
  }

  private mutating func takeIndex(_ loaded: Box, _ box: TopBox) {
    log.require(
      sidx == nil, .boxOrder, box.place, "a second 'sidx'; one that lists every segment is expected"
    )
    log.require(
      header != nil && box.range.offset == headerRange.end, .boxOrder, box.place,
      "'sidx' is expected right behind 'moov', at byte \(headerRange.end)")
    guard sidx == nil else { return }
    do {
      sidx = (try SegmentIndexBox(loaded), box.range)
    } catch {
      log.add(.boxUnreadable, box.place, error.message)
    }
  }

  private mutating func refuse(_ box: TopBox) {
    switch box.type {
    case "meta", "udta", "mfra", "pdin":
      log.add(.boxForbidden, box.place, "'\(box.type)' must not stand at file level")
    default:
      log.add(
        .boxOrder, box.place,
        "'\(box.type)' stands where 'ftyp', 'moov', 'sidx', 'moof', 'mdat' are expected")
    }
  }

  // MARK: Fragments

  private mutating func readFragments() throws {
    var pending: (box: Box, bytes: ByteBuffer, top: TopBox)?
    while let box = try nextBox() {
      switch box.type {
      case "moof":
        if let pending {
          log.add(.boxOrder, pending.top.place, "no 'mdat' follows this 'moof'")
        }
        guard (fragments?.segments.count ?? 0) < VerificationLimits.fragmentCount else {
          throw Stop(
            rule: .limit, place: box.place,
            message: "more than \(VerificationLimits.fragmentCount) fragments")
        }
        let (loaded, bytes) = try load(box, limit: VerificationLimits.fragmentHeaderByteCount)
        pending = (loaded, bytes, box)
      case "emsg":
        log.require(
          pending == nil, .boxOrder, box.place, "'emsg' stands between a 'moof' and its 'mdat'")
        try takeEvent(box)
      case "mdat":
        guard let moof = pending else {
          log.add(.boxOrder, box.place, "no 'moof' stands right before this 'mdat'")
          try pass(box)
          break
        }
        pending = nil
        try takeFragment(moof.box, moof.bytes, moof.top, box)
      default:
        refuse(box)
        if let moof = pending {
          log.add(.boxOrder, moof.top.place, "'mdat' must follow 'moof' directly")
          pending = nil
        }
      }
      at = box.range.end
    }
    if let pending { log.add(.boxOrder, pending.top.place, "no 'mdat' follows this 'moof'") }
  }

  /// Reads an event in front of a fragment.
  private mutating func takeEvent(_ box: TopBox) throws {
    let (loaded, bytes) = try load(box, limit: Int64(EventMessageBox.maximumByteCount))
    frontStart = frontStart ?? box.range.offset
    front.writeImmutableBuffer(bytes)
    guard events.count < VerificationLimits.eventCount else { return }
    if let event = log.attempt(.boxUnreadable, box.place, { try EventMessageBox(loaded) }) {
      events.append(
        MeasuredEvent(box: event, segment: fragments?.segments.count ?? 0, place: box.place))
    }
  }

  /// Reads a payload that no fragment explains, so that all bytes are seen to be there.
  private mutating func pass(_ box: TopBox) throws {
    var buffer = ByteBuffer()
    var offset = box.payloadOffset
    while offset < box.range.end {
      let count = min(VerificationLimits.batchByteCount.int64, box.range.end - offset)
      try read(offset, count, &buffer)
      offset += count
    }
  }

  private mutating func takeFragment(
    _ moof: Box, _ bytes: ByteBuffer, _ top: TopBox, _ mdat: TopBox
  ) throws {
    let start = frontStart ?? top.range.offset
    let whole = ByteRange(offset: start, count: mdat.range.end - start)
    let payload = ByteRange(offset: mdat.payloadOffset, count: mdat.payloadByteCount)
    let fragment = fragments?.begin(moof, whole: whole, payload: payload, &log)
    var digest = ContentDigest()
    var buffer = ByteBuffer()
    var offset = payload.offset
    var samples = fragment?.samples[...] ?? []
    var number = 0
    while offset < payload.end {
      // Whole samples, as many as fit; behind the last one whatever is left.
      var count: Int64 = 0
      var taken = 0
      for sample in samples {
        let next = count + Int64(sample.size)
        guard next <= VerificationLimits.batchByteCount.int64 || taken == 0,
          next <= payload.end - offset
        else { break }
        count = next
        taken += 1
      }
      if taken == 0 || count == 0 {
        samples = []
        count = min(VerificationLimits.batchByteCount.int64, payload.end - offset)
      }
      try read(offset, count, &buffer)
      digest.add(buffer)
      var at = buffer.readerIndex
      for sample in samples.prefix(taken) {
        fragments?.take(sample, number: number, in: buffer, at: at, fileOffset: offset, &log)
        at += sample.size
        number += 1
      }
      samples = samples.dropFirst(taken)
      offset += count
    }
    segmentDigests.writeInteger(digest.take())
    digest.add(front)
    front.clear()
    frontStart = nil
    digest.add(bytes)
    var head = ByteBuffer()
    try read(mdat.range.offset, Int64(mdat.headerByteCount), &head)
    digest.add(head)
    segmentDigests.writeInteger(digest.take())
    if fragment != nil { fragments?.end(&log) }
  }

  // MARK: Digest

  /// The digest of `ftyp`, `moov`, of `sidx`, and of two digests for each segment: of its payload
  /// and of what stands before it.
  private mutating func checkDigest(isComplete: Bool) {
    guard let expected = description?.digest else { return }
    var digest = ContentDigest()
    digest.add(headerBytes)
    digest.add(sidxBytes)
    digest.add(segmentDigests)
    let digits = String(digest.take(), radix: 16)
    let text = String(repeating: "0", count: 16 - digits.count) + digits
    log.require(
      isComplete && text == expected, .trackDigest, "",
      "its digest is \(text), the description says \(expected): bytes of the file were changed")
  }
}

extension Int {
  var int64: Int64 { Int64(self) }
}
