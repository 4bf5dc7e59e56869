import Foundation
import Testing

/// A change to a good title, and the code of the finding that it must bring.
struct Fault: Sendable, CustomTestStringConvertible {
  let code: String
  let name: String
  private let change: @Sendable (String) throws -> Void

  var testDescription: String { "\(code): \(name)" }

  func plant(in folder: String) throws { try change(folder) }

  /// A change to the boxes of a track file.
  static func track(
    _ code: String, _ name: String, _ track: String = SampleTitle.video,
    _ edit: @escaping @Sendable (inout BoxEditor) throws -> Void
  ) -> Fault {
    Fault(code: code, name: name) { folder in
      var editor = try BoxEditor("\(folder)/\(track).mp4")
      try edit(&editor)
      try editor.save()
    }
  }

  static func audio(
    _ code: String, _ name: String, _ edit: @escaping @Sendable (inout BoxEditor) throws -> Void
  ) -> Fault { .track(code, name, SampleTitle.audio, edit) }

  /// A replacement in a document; it fails if there is nothing to replace.
  static func text(
    _ code: String, _ file: String, _ old: String, _ new: String, all: Bool = false
  ) -> Fault {
    Fault(code: code, name: "\(file): \(old) → \(new)") { folder in
      let path = "\(folder)/\(file)"
      let text = try String(contentsOfFile: path, encoding: .utf8)
      guard let range = text.range(of: old, options: .regularExpression) else {
        throw BoxEditor.Missing(path: "\(file): \(old)")
      }
      let changed = text.replacingOccurrences(
        of: old, with: new, options: .regularExpression, range: all ? nil : range)
      try changed.write(toFile: path, atomically: false, encoding: .utf8)
    }
  }

  static func folder(
    _ code: String, _ name: String, _ change: @escaping @Sendable (String) throws -> Void
  ) -> Fault { Fault(code: code, name: name, change: change) }

  static let all: [Fault] =
    headerFaults + entryFaults + indexFaults + fragmentFaults + sampleFaults + playlistFaults
    + multivariantFaults + mpdFaults + descriptionFaults
}

extension Fault {
  private static let stbl = "moov/trak/mdia/minf/stbl"

  static let headerFaults: [Fault] = [
    .track("brand", "no cmfc") {
      let size = try $0.word("ftyp", -8)
      for offset in stride(from: 0, to: Int(size) - 8, by: 4) where offset != 4 {
        try $0.set("ftyp", offset, word: 0x6d70_3432)
      }
    },
    .track("box-missing", "no ftyp") { try $0.rename("ftyp", to: "free") },
    .track("box-missing", "no moov") { try $0.rename("moov", to: "free") },
    .track("box-missing", "no mvhd") { try $0.rename("moov/mvhd", to: "free") },
    .track("track-count", "no trak") { try $0.rename("moov/trak", to: "free") },
    .track("header-duration", "mvhd") { try $0.set("moov/mvhd", 16, word: 1) },
    .track("header-duration", "tkhd") { try $0.set("moov/trak/tkhd", 20, word: 1) },
    .track("header-duration", "mdhd") { try $0.set("moov/trak/mdia/mdhd", 16, word: 1) },
    .track("header-duration", "mehd") {
      try $0.insert("mehd", [0, 0, 0, 0, 0, 0, 0, 1], at: "moov/mvex", isInside: true)
    },
    .track("movie-timescale", "1000") { try $0.set("moov/mvhd", 12, word: 1000) },
    .track("trex", "another track") { try $0.set("moov/mvex/trex", 4, word: 9) },
    .track("handler", "meta") { try $0.set("moov/trak/mdia/hdlr", 8, word: 0x6d65_7461) },
    .track("data-reference", "elsewhere") {
      try $0.set("moov/trak/mdia/minf/dinf/dref", 16, word: 0)
    },
    .track("sample-table-not-empty", "stts") { try $0.set("\(stbl)/stts", 4, word: 1) },
    .track("sample-table-not-empty", "stsz") { try $0.set("\(stbl)/stsz", 8, word: 3) },
    .track("sync-table-missing", "no stss") { try $0.rename("\(stbl)/stss", to: "free") },
    .track("video-edit-list", "an edit") {
      let edit: [UInt8] = [0, 0, 0, 16 + 12, 0x65, 0x6c, 0x73, 0x74] + [0, 0, 0, 0, 0, 0, 0, 1]
      try $0.insert(
        "edts", edit + [0, 0, 0, 0, 0, 0, 4, 0, 0, 1, 0, 0], at: "moov/trak", isInside: true)
    },
    .audio("edit-list", "a duration") { try $0.set("moov/trak/edts/elst", 8, word: 5) },
    .audio("edit-list", "an empty edit") {
      try $0.set("moov/trak/edts/elst", 12, word: 0xffff_ffff)
    },
    .audio("edit-list", "no priming is that long") {
      try $0.set("moov/trak/edts/elst", 12, word: 48000)
    },
    .audio("roll-group", "distance 0") { try $0.set("\(stbl)/sgpd", 16, half: 0) },
    .audio("roll-group", "no sbgp") { try $0.rename("moof/traf/sbgp", to: "free") },
    .track("box-forbidden", "udta in moov") { try $0.insert("udta", at: "moov", isInside: true) },
    .track("box-forbidden", "mfra at the end") {
      $0.append([0, 0, 0, 8] + Array("mfra".utf8))
    },
    .track("box-order", "free before sidx") { try $0.insert("free", at: "moov", isInside: false) },
    .track("box-order", "two moov") { try $0.insert("moov", at: "moov", isInside: false) },
    .track("box-order", "no moof before mdat") { try $0.rename("moof[1]", to: "free") },
    .track("box-size", "moof") { try $0.set("moof[2]", -8, word: 7) },
    .track("box-size", "stray bytes at the end") { $0.append([1, 2, 3]) },
  ]

  static let entryFaults: [Fault] = [
    .track("sample-entry", "avc3") { try $0.rename("\(stbl)/stsd/avc1", to: "avc3") },
    .track("picture-size", "width") { try $0.set("\(stbl)/stsd/avc1", 24, half: 322) },
    .track("display-size", "width") { try $0.set("moov/trak/tkhd", 76, word: 400 << 16) },
    .track("record", "no SPS") { try $0.set("\(stbl)/stsd/avc1/avcC", 8, byte: 0x68) },
    .track("record-profile", "level") { try $0.set("\(stbl)/stsd/avc1/avcC", 3, byte: 51) },
    .audio("audio-format", "channels") { try $0.set("\(stbl)/stsd/mp4a", 16, half: 6) },
    .audio("audio-format", "rate") { try $0.set("\(stbl)/stsd/mp4a", 24, half: 44100) },
    .audio("audio-timescale", "mdhd") { try $0.set("moov/trak/mdia/mdhd", 12, word: 44100) },
    .audio("audio-configuration", "no ES_Descriptor") {
      try $0.set("\(stbl)/stsd/mp4a/esds", 4, byte: 9)
    },
    .audio("language", "fra") { try $0.set("moov/trak/mdia/mdhd", 20, half: 0x1a41) },
  ]

  static let indexFaults: [Fault] = [
    .track("box-missing", "no sidx") { try $0.rename("sidx", to: "free") },
    .track("sidx-track", "2") { try $0.set("sidx", 4, word: 2) },
    .track("sidx-timescale", "90000") { try $0.set("sidx", 8, word: 90000) },
    .track("sidx-start", "7") { try $0.set("sidx", 16, word: 7) },
    .track("sidx-size", "first_offset") { try $0.set("sidx", 24, word: 8) },
    .track("sidx-size", "a segment") { try $0.add("sidx", 32, -4) },
    .track("sidx-duration", "a tick") { try $0.add("sidx", 36, 1) },
    .track("sap-type", "2") { try $0.set("sidx", 40, word: 0xa000_0000) },
    .track("sap-delta", "1") { try $0.set("sidx", 40, word: 0x9000_0001) },
    .track("sap-unknown", "0") { try $0.set("sidx", 40, word: 0) },
  ]

  static let fragmentFaults: [Fault] = [
    .track("sequence-number", "5") { try $0.set("moof[1]/mfhd", 4, word: 5) },
    .track("fragment-track", "2") { try $0.set("moof/traf/tfhd", 4, word: 2) },
    .track("fragment-boxes", "no trun") { try $0.rename("moof/traf/trun", to: "free") },
    .track("fragment-boxes", "two traf") { try $0.rename("moof/mfhd", to: "traf") },
    .track("default-base-is-moof", "not set") { try $0.set("moof/traf/tfhd", 1, byte: 0) },
    .track("tfdt-missing", "no tfdt") { try $0.rename("moof/traf/tfdt", to: "free") },
    .track("tfdt", "a gap") { try $0.add("moof[1]/traf/tfdt", 8, 1000) },
    .track("tfdt", "an impossible time") { try $0.set("moof[1]/traf/tfdt", 4, word: 0xf000_0000) },
    .track("tfdt", "does not start at 0") { try $0.set("moof/traf/tfdt", 8, word: 9) },
    .track("trun-version", "0") { try $0.set("moof/traf/trun", 0, byte: 0) },
    .track("data-offset", "one less") { try $0.add("moof/traf/trun", 8, -1) },
    .track("payload-size", "one less") {
      try $0.add("moof/traf/trun", try $0.runField(sample: 3, field: 0), -1)
    },
    .track("limit", "more samples than bytes") {
      try $0.set("moof/traf/trun", 4, word: 0x7fff_ffff)
    },
    .track("zero-duration", "tfhd") { try $0.set("moof/traf/tfhd", 8, word: 0) },
    .track("presentation-time", "two at once") {
      let first = try $0.word("moof/traf/trun", try $0.runField(sample: 0, field: 2))
      let frame = try $0.word("moof/traf/tfhd", 8)
      try $0.set(
        "moof/traf/trun", try $0.runField(sample: 1, field: 2), word: first &- frame)
    },
    .track("segment-overlap", "a late picture") {
      let frame = Int32(try $0.word("moof/traf/tfhd", 8))
      try $0.add("moof/traf/trun", try $0.runField(sample: 49, field: 2), 2 * frame)
    },
    .track("tfdt-presentation", "an offset") {
      try $0.add("moof/traf/trun", try $0.runField(sample: 0, field: 2), 5)
    },
    .audio("audio-frame-duration", "half a frame") {
      try $0.set("moof/traf/tfhd", 8, word: 1536)
    },
    .audio("audio-flags", "no sync sample") { try $0.set("moof/traf/tfhd", 12, word: 0x101_0000) },
    .audio("audio-end", "the last segment is longer") {
      try $0.set("moof[2]/traf/tfhd", 8, word: 1100)
    },
    .audio("audio-cuts", "a late segment") { try $0.add("moof[1]/traf/tfdt", 8, 2048) },
    .track("renditions-not-aligned", "a late segment", SampleTitle.small) {
      try $0.add("moof[1]/traf/tfdt", 8, 1000)
    },
    .track("mpd-alignment", "a late segment", SampleTitle.small) {
      try $0.add("moof[1]/traf/tfdt", 8, 1000)
    },
  ]

  static let sampleFaults: [Fault] = [
    .track("sync-flag", "a P picture") {
      try $0.set("moof/traf/trun", try $0.runField(sample: 1, field: 1), word: 0x200_0000)
    },
    .track("sync-flag", "an IDR picture") {
      try $0.set("moof/traf/trun", try $0.runField(sample: 0, field: 1), word: 0x201_0000)
    },
    .track("depends-on", "unknown") {
      try $0.set("moof/traf/trun", try $0.runField(sample: 0, field: 1), word: 0)
    },
    .track("disposable", "a reference picture") {
      try $0.set("moof/traf/trun", try $0.runField(sample: 1, field: 1), word: 0x181_0000)
    },
    .track("nal-length", "past the end") { try $0.set("mdat", 0, word: 0x7fff_ffff) },
    .track("nal-length", "short of the end") { try $0.add("mdat", 0, -2) },
    .track("no-picture", "SEI instead") {
      let first = Int(try $0.word("moof/traf/trun", try $0.runField(sample: 0, field: 0)))
      try $0.set("mdat", first + 4, byte: 6)
    },
    .track("parameter-set-differs", "SEI to SPS") { try $0.set("mdat", 4, byte: 0x67) },
    .track("segment-start", "no IDR", SampleTitle.video, notIDR),
    .track("independent-segments", "no IDR", SampleTitle.video, notIDR),
    .track("mpd-starts-with-sap", "no IDR", SampleTitle.video, notIDR),
    .track("mpd-profile", "no IDR", SampleTitle.video, notIDR),
    .track("track-digest", "a byte of the last sample") {
      let size = Int(try $0.word("mdat[2]", -8)) - 8
      try $0.set("mdat[2]", size - 1, byte: try $0.byte("mdat[2]", size - 1) ^ 1)
    },
  ]

  /// Turns the IDR slices of the first sample into slices of another picture.
  private static let notIDR: @Sendable (inout BoxEditor) throws -> Void = { editor in
    let end = Int(try editor.word("moof/traf/trun", try editor.runField(sample: 0, field: 0)))
    var at = 0
    while at < end {
      let header = try editor.byte("mdat", at + 4)
      if header & 31 == 5 { try editor.set("mdat", at + 4, byte: header & 0xe0 | 1) }
      at += 4 + Int(try editor.word("mdat", at))
    }
  }
}
