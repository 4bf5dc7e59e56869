import ISOBMFF
import MediaCore
import NIOCore
import Testing

/// Each box both ways: what is written is read, and what is read is written again.
@Suite struct RoundTripTests {
  @Test(arguments: [[], ["iso6"], ["iso6", "cmfc", "dash"]] as [[FourCC]])
  func `ftyp`(_ brands: [FourCC]) throws {
    let value = FileTypeBox(majorBrand: "cmfc", minorVersion: 512, compatibleBrands: brands)
    let bytes = ByteBuffer { value.write(into: &$0) }
    #expect(try FileTypeBox(onlyBox(bytes)) == value)
    try refusesCuts(bytes, from: 8) { _ = try FileTypeBox($0) }
  }

  @Test func `mvhd`() throws {
    let value = MovieHeaderBox(
      timescale: Timescale(literal: 90_000), duration: 0xffff_fffe, nextTrackID: 7)
    let bytes = ByteBuffer { value.write(into: &$0) }
    #expect(try MovieHeaderBox(onlyBox(bytes)) == value)
    try refusesCuts(bytes) { _ = try MovieHeaderBox($0) }
  }

  @Test func `tkhd`() throws {
    let turned = TransformationMatrix(elements: [0, 65536, 0, -65536, 0, 0, 0, 0, 0x4000_0000])
    let values = [
      TrackHeaderBox(trackID: 1, isAudio: true, width: 0, height: 0),
      TrackHeaderBox(
        trackID: .max, isEnabled: false, duration: 99, isAudio: false, matrix: turned,
        width: 1920 << 16 | 0x8000, height: .max),
    ]
    for value in values {
      let bytes = ByteBuffer { value.write(into: &$0) }
      #expect(try TrackHeaderBox(onlyBox(bytes)) == value)
      try refusesCuts(bytes) { _ = try TrackHeaderBox($0) }
    }
  }

  @Test(arguments: ["und", "eng", "zho", "aaa", "zzz"])
  func `mdhd`(_ language: String) throws {
    let value = MediaHeaderBox(
      timescale: Timescale(literal: .max), duration: 5, language: language)
    let bytes = ByteBuffer { value.write(into: &$0) }
    #expect(try MediaHeaderBox(onlyBox(bytes)) == value)
    try refusesCuts(bytes, from: 22) { _ = try MediaHeaderBox($0) }
  }

  @Test(arguments: ["", "Dougong video", "映像"])
  func `hdlr`(_ name: String) throws {
    let value = HandlerBox(handlerType: HandlerBox.video, name: name)
    let bytes = ByteBuffer { value.write(into: &$0) }
    #expect(try HandlerBox(onlyBox(bytes)) == value)
    try refusesCuts(bytes, from: 24) { _ = try HandlerBox($0) }
  }

  @Test(
    arguments: [
      [], [(0, 1024)], [(1000, -1), (5000, 2002)], [(.max, 0)], [(0, 1 << 40)], [(0, .min)],
      [(0, Int64(Int32.min))],
    ] as [[(UInt64, Int64)]])
  func `elst`(_ edits: [(UInt64, Int64)]) throws {
    let value = EditListBox(
      entries: edits.map { .init(segmentDuration: $0.0, mediaTime: $0.1, mediaRate: 0x8000) })
    let bytes = ByteBuffer { value.write(into: &$0) }
    #expect(try EditListBox(onlyBox(bytes)) == value)
    try refusesCuts(bytes) { _ = try EditListBox($0) }
  }

  @Test func `trex`() throws {
    let value = TrackExtendsBox(
      trackID: 2, descriptionIndex: 1, duration: 1001, size: .max, flags: 0x1_0000)
    let bytes = ByteBuffer { value.write(into: &$0) }
    #expect(try TrackExtendsBox(onlyBox(bytes)) == value)
    try refusesCuts(bytes) { _ = try TrackExtendsBox($0) }
  }

  @Test(arguments: 0..<8)
  func `tfhd with every choice of fields`(_ choice: Int) throws {
    let value = TrackFragmentHeaderBox(
      trackID: 1, duration: choice & 1 == 0 ? nil : 1001, size: choice & 2 == 0 ? nil : 7,
      flags: choice & 4 == 0 ? nil : 0x0200_0000)
    let bytes = ByteBuffer { value.write(into: &$0) }
    #expect(try TrackFragmentHeaderBox(onlyBox(bytes)) == value)
    try refusesCuts(bytes) { _ = try TrackFragmentHeaderBox($0) }
  }

  @Test(arguments: [0, 1, UInt64(UInt32.max), UInt64.max])
  func `tfdt`(_ time: UInt64) throws {
    let value = TrackFragmentDecodeTimeBox(baseMediaDecodeTime: time)
    let bytes = ByteBuffer { value.write(into: &$0) }
    #expect(try TrackFragmentDecodeTimeBox(onlyBox(bytes)) == value)
    try refusesCuts(bytes) { _ = try TrackFragmentDecodeTimeBox($0) }
  }

  @Test func `sidx`() throws {
    let value = SegmentIndexBox(
      referenceID: 1, timescale: Timescale(literal: 24000), earliestPresentationTime: 1 << 40,
      firstOffset: 1 << 33,
      references: [
        .init(byteCount: 0x7fff_ffff, duration: .max, startsWithSAP: true, sapType: 1),
        .init(byteCount: 0, duration: 0, startsWithSAP: false, sapType: 0),
        .init(
          byteCount: 5, duration: 6, startsWithSAP: true, sapType: 6, sapDeltaTime: 0xfff_ffff,
          isIndex: true),
      ])
    let bytes = ByteBuffer { value.write(into: &$0) }
    #expect(bytes.readableBytes == SegmentIndexBox.byteCount(references: 3))
    #expect(try SegmentIndexBox(onlyBox(bytes)) == value)
    try refusesCuts(bytes) { _ = try SegmentIndexBox($0) }
  }

  @Test(arguments: [nil, Rational(4, 3), Rational.one])
  func `a video sample entry`(_ ratio: Rational?) throws {
    var value = VisualSampleEntry(
      type: "hvc1", width: 3840, height: 2160, configurationType: "hvcC",
      configuration: ByteBuffer(bytes: [1, 2, 3]),
      colour: ColourInformation(primaries: 9, transfer: 16, matrix: 9, isFullRange: true),
      pixelAspectRatio: ratio)
    let bytes = ByteBuffer { value.write(into: &$0) }
    let read = try VisualSampleEntry(onlyBox(bytes), configurationTypes: ["avcC", "hvcC"])
    // Square samples are said by silence.
    if ratio == .one { value.pixelAspectRatio = nil }
    #expect(read == value)
    #expect(throws: ISOBMFFError.self) {
      try VisualSampleEntry(onlyBox(bytes), configurationTypes: ["avcC"])
    }
    // A cut between two boxes inside leaves a whole entry.
    let payload = try onlyBox(bytes).payload.array
    for count in 0..<89 {
      #expect(throws: ISOBMFFError.self) {
        try VisualSampleEntry(
          box("hvc1", Array(payload.prefix(count))), configurationTypes: ["hvcC"])
      }
    }
  }

  @Test func `a sound sample entry`() throws {
    let value = AudioSampleEntry(
      type: "mp4a", channelCount: 6, sampleRate: 48000, configurationType: "esds",
      configuration: ByteBuffer(bytes: [0, 0, 0, 0, 3]))
    let bytes = ByteBuffer { value.write(into: &$0) }
    #expect(try AudioSampleEntry(onlyBox(bytes), configurationTypes: ["esds"]) == value)
    try refusesCuts(bytes) { _ = try AudioSampleEntry($0, configurationTypes: ["esds"]) }
    var fast = value
    fast.sampleRate = 96000
    let other = try onlyBox(ByteBuffer { fast.write(into: &$0) })
    // 16 bits cannot say it, so nothing is said.
    #expect(try AudioSampleEntry(other, configurationTypes: ["esds"]).sampleRate == 0)
  }

  @Test func `longer QuickTime sound entries are read to their boxes`() throws {
    for (version, extra) in [(UInt16(1), 16), (2, 36)] {
      let bytes = ByteBuffer { bytes in
        bytes.writeBox("mp4a") {
          $0.writeRepeatingByte(0, count: 6)
          $0.writeInteger(UInt16(1))
          $0.writeInteger(version)
          $0.writeRepeatingByte(0, count: 6)
          $0.writeInteger(UInt16(2))
          $0.writeRepeatingByte(0, count: 6)
          $0.writeInteger(UInt32(44100) << 16)
          $0.writeRepeatingByte(0, count: extra)
          $0.writeBox("wave") { $0.writeBox("esds") { $0.writeInteger(UInt32(0)) } }
        }
      }
      let entry = try AudioSampleEntry(onlyBox(bytes), configurationTypes: ["esds"])
      #expect(entry.sampleRate == 44100)
      #expect(entry.configuration.readableBytes == 4)
    }
  }
}
