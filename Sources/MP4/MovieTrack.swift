import Codecs
import FileIO
import ISOBMFF
import MediaCore
import NIOCore

/// A track of `moov` while the file is scanned.
struct MovieTrack {
  var id: UInt32
  /// The track as it is handed on; its samples grow with the fragments.
  var track: SourceTrack
  var chunks = ChunkTable()
  var defaults: TrackExtendsBox
  /// Added to a composition time to give the presentation time.
  var shift: Int64 = 0
  /// An edit list says when the presentation starts.
  var hasEdit = false
  /// Decode time of the next fragment that does not say its own.
  var decodeTime: Int64 = 0
  var framing = NALUnitFraming.lengthPrefixed(.four)
  var codec: VideoCodec?
  /// Ticks of sound before the first sample that is presented, by the record alone.
  var priming: Int64 = 0
  /// How long each sample lasts is kept: of subtitles, and of sound whose frames nobody looks at.
  var keepsDurations = false

  /// - Parameters:
  ///   - number: index of the track in the file, from 0.
  ///   - sampleLimit: samples, at most.
  init(
    _ trak: FileBox, number: Int, movie: MovieHeaderBox, defaults: [TrackExtendsBox],
    scrutiny: Scrutiny, sampleLimit: Int, in file: any StoredFile
  ) throws {
    let boxes = FileBoxes(file: file)
    let children = try boxes.children(of: trak)
    let inside = try Self.required("mdia", children, trak, file)
    let media = try boxes.children(of: inside)
    let header = try TrackHeaderBox(boxes.load(try Self.required("tkhd", children, trak, file)))
    let mdhd = try MediaHeaderBox(boxes.load(try Self.required("mdhd", media, inside, file)))
    let handler = try HandlerBox(boxes.load(try Self.required("hdlr", media, inside, file)))
    let minf = try Self.required("minf", media, inside, file)
    let stbl = try Self.required("stbl", try boxes.children(of: minf), minf, file)
    let tables = try SampleTableReader(stbl, in: file, sampleLimit: sampleLimit)
    let kind: MediaKind =
      switch handler.handlerType {
      case HandlerBox.video: .video
      case HandlerBox.audio: .audio
      case "text", "subt", "sbtl", "clcp": .text
      default: .data
      }
    id = header.trackID
    self.defaults =
      defaults.first { $0.trackID == header.trackID } ?? TrackExtendsBox(trackID: header.trackID)
    track = SourceTrack(
      number: number, kind: kind, coding: .unsupported("unknown"), timescale: mdhd.timescale)
    track.language = mdhd.language
    try takeDescription(children, media: media, in: boxes)
    track.isDefault = header.isEnabled
    if header.matrix != .unity { track.displayMatrix = header.matrix.elements }
    let entries = try tables.sampleEntries()
    if kind == .text { takeText(handler, entries) }
    guard kind != .data, !isUnreadText else {
      track.coding = .unsupported(
        entries.first.map { "\($0.type)" } ?? handler.handlerType.description)
      return
    }
    if kind == .audio, let label = Self.label(handler.name) { track.label = label }
    guard entries.count == 1, let entry = entries.first else {
      // An empty track has nothing that could be lost; several entries are a general demuxer's.
      if entries.isEmpty { return }
      throw MP4Error(.notDirect, "\(file.path): a track has \(entries.count) sample descriptions")
    }
    if kind != .text { try takeEntry(entry, scrutiny) }
    keepsDurations = kind == .text || scrutiny.believesTables && hasOwnFrameLengths
    guard case .unsupported = track.coding else {
      if let edts = children.first(where: { $0.type == "edts" }),
        let elst = try boxes.children(of: edts).first(where: { $0.type == "elst" })
      {
        try takeEdits(EditListBox(boxes.load(elst)), movie: movie, file)
      }
      decodeTime = try tables.read(
        into: &track.samples, chunks: &chunks, shift: shift, isReordered: kind != .audio,
        keepsDurations: keepsDurations)
      return
    }
  }

  /// Where the samples lie.
  var places: SamplePlaces { SamplePlaces(track.samples.sizes, chunks) }

  private static func required(
    _ type: FourCC, _ boxes: [FileBox], _ parent: FileBox, _ file: any StoredFile
  ) throws -> FileBox {
    guard let box = boxes.first(where: { $0.type == type }) else {
      throw MP4Error(
        .damaged, "\(file.path): \(parent.path) at byte \(parent.offset) has no '\(type)' box")
    }
    return box
  }

  /// Names that writers put into `hdlr` by default say nothing of the track.
  static func label(_ name: String) -> String? {
    let plain = name.trimmingPrefix { $0 < " " }
    if plain.isEmpty || plain.lowercased().contains("handler") || plain.contains("@") { return nil }
    return plain.lowercased().contains("media") ? nil : String(plain)
  }

  /// Frames of sound of which one may be longer than another.
  private var hasOwnFrameLengths: Bool {
    switch track.coding {
    case .opus, .flac: true
    default: false
    }
  }

  private mutating func takeEntry(_ box: Box, _ scrutiny: Scrutiny) throws {
    switch box.type {
    case "avc1", "hvc1", "dva1", "dvh1", "av01", "dav1", "vp09": try takePicture(box)
    case "avc3" where scrutiny.believesTables, "hev1" where scrutiny.believesTables:
      try takePicture(box)
    case "avc3", "hev1", "dvav", "dvhe":
      throw MP4Error(.notDirect, "parameter sets in the samples ('\(box.type)')")
    default:
      guard track.kind == .audio, try takeSound(box) else {
        track.coding = .unsupported(Self.commonName(box.type))
        return
      }
    }
  }

  private mutating func takePicture(_ box: Box) throws {
    let type: FourCC =
      switch box.type {
      case "avc1", "avc3", "dva1": "avcC"
      case "hvc1", "hev1", "dvh1": "hvcC"
      case "vp09": "vpcC"
      default: "av1C"
      }
    let entry = try VisualSampleEntry(box, configurationTypes: [type])
    // Writers that did not wait for a key frame leave it empty, or leave the sequence header out.
    if type == "av1C" {
      let isEmpty = entry.configuration.readableBytes == 0
      let record = isEmpty ? nil : try AV1CodecConfigurationRecord(parsing: entry.configuration)
      guard record?.sequenceHeader != nil else {
        throw MP4Error(.notDirect, "an 'av1C' without a sequence header")
      }
    }
    guard
      let coding = VideoRecord.coding(
        configurationType: "\(entry.configurationType)", entry.configuration),
      let record = try VideoRecord(coding)
    else { return }
    codec = record.codec
    framing = record.framing
    track.coding = coding
    if box.type == "hev1" {
      // `hvc1` says that the record has all of them (ISO/IEC 14496-15 §8.3.3.1.2).
      var sets = ParameterSets(codec: .hevc)
      try sets.take(record: record.bytes)
      track.coding = .hevc(try sets.record())
    }
    track.statedWidth = Int(entry.width)
    track.statedHeight = Int(entry.height)
    track.colour = entry.colour
    track.sampleAspectRatio = entry.pixelAspectRatio
    track.masteringDisplay = entry.masteringDisplay
    track.contentLight = entry.contentLight
    track.dolbyVision = entry.dolbyVision
    track.stereoscopic = entry.stereoscopic
    track.spherical = entry.spherical
  }

  private static func commonName(_ type: FourCC) -> String {
    let names: [FourCC: String] = [
      "vp08": "VP8", "ac-4": "AC-4", "alac": "ALAC",
      "mp4v": "MPEG-4 Visual",
      "sowt": "PCM", "twos": "PCM", "lpcm": "PCM", "in24": "PCM", "in32": "PCM",
      "fl32": "PCM", "fl64": "PCM", "raw ": "PCM", "ipcm": "PCM", "fpcm": "PCM", "ulaw": "µ-law",
      "alaw": "A-law", "dtsc": "DTS", "dtsh": "DTS-HD", "dtsl": "DTS-HD", "dtse": "DTS Express",
      "dtsx": "DTS:X", "mlpa": "TrueHD", "mha1": "MPEG-H audio", "mhm1": "MPEG-H audio",
      "sawb": "AMR-WB", "s263": "H.263",
      "samr": "AMR", "encv": "encrypted video", "enca": "encrypted audio", "vvc1": "VVC",
      "apcn": "ProRes", "apch": "ProRes", "apcs": "ProRes", "apco": "ProRes", "ap4h": "ProRes",
    ]
    return names[type] ?? "'\(type)'"
  }

  /// Empty edits, then one edit of the media at normal speed (§8.6.6): all that maps to one shift.
  private mutating func takeEdits(
    _ list: EditListBox, movie: MovieHeaderBox, _ file: any StoredFile
  ) throws {
    var empty: UInt64 = 0
    var edits = list.entries[...]
    while let first = edits.first, first.mediaTime == -1 {
      empty += min(first.segmentDuration, 1 << 48)
      edits.removeFirst()
    }
    guard let edit = edits.first else { return }
    guard edits.count == 1, edit.mediaRate == 0x1_0000, edit.mediaTime >= 0, empty < 1 << 50,
      edit.mediaTime < 1 << 60
    else { throw MP4Error(.notDirect, "\(file.path): an edit list of \(list.entries.count) edits") }
    let start = rescale(Int64(empty), from: movie.timescale, to: track.timescale)
    // Far from the ends of 64 bits, so that sums of times are never checked again.
    guard start < 1 << 60 else {
      throw MP4Error(.damaged, "\(file.path): an edit list starts at the impossible time \(start)")
    }
    shift = start - edit.mediaTime
    track.presentationStart = start
    hasEdit = true
    let isPresented = edit.segmentDuration > 0 && edit.segmentDuration < 1 << 50
    if isPresented, defaults.duration == 0 || track.samples.count > 0 {
      let length = rescale(
        Int64(edit.segmentDuration), from: movie.timescale, to: track.timescale)
      // Movie ticks may be coarser than the media's: the end is not earlier than meant.
      let slack = rescale(1, from: movie.timescale, to: track.timescale)
      if length < 1 << 60 { track.presentationEnd = start + length + slack / 2 }
    }
  }
}
