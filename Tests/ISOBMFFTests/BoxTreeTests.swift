import ISOBMFF
import MediaCore
import NIOCore
import TestSupport
import Testing

@Suite struct BoxTreeTests {
  /// A file with each kind of box that the tree understands.
  static let file = ByteBuffer { file in
    FileTypeBox(majorBrand: "isom", minorVersion: 512, compatibleBrands: ["iso2", "mp41"])
      .write(into: &file)
    file.writeBox("moov") { moov in
      MovieHeaderBox(timescale: Timescale(literal: 1000), duration: 12_345, nextTrackID: 2)
        .write(into: &moov)
      moov.writeBox("trak") { trak in
        TrackHeaderBox(
          trackID: 1, duration: 12_345, isAudio: false, width: 4 << 16, height: 2 << 16
        )
        .write(into: &trak)
        trak.writeBox("edts") {
          EditListBox(entries: [
            .init(segmentDuration: 10, mediaTime: -1), .init(segmentDuration: 99, mediaTime: 1024),
          ]).write(into: &$0)
        }
        trak.writeBox("mdia") { mdia in
          MediaHeaderBox(timescale: Timescale(literal: 24000), language: "eng").write(into: &mdia)
          HandlerBox(handlerType: HandlerBox.video, name: "a\u{1b}b").write(into: &mdia)
          mdia.writeBox("minf") { $0.writeBox("stbl") { writeTable(into: &$0) } }
        }
      }
      moov.writeBox("mvex") { TrackExtendsBox(trackID: 1, flags: 0x1_0000).write(into: &$0) }
    }
    SegmentIndexBox(
      referenceID: 1, timescale: Timescale(literal: 24000), earliestPresentationTime: 0,
      references: [.init(byteCount: 100, duration: 48048, startsWithSAP: true, sapType: 1)]
    ).write(into: &file)
    file.writeBox("mdat") { $0.writeRepeatingByte(0xee, count: 32) }
    file.writeBox("zzzz") { $0.writeRepeatingByte(0, count: 5) }
  }

  private static func writeTable(into stbl: inout ByteBuffer) {
    stbl.writeFullBox("stsd") {
      $0.writeInteger(UInt32(1))
      VisualSampleEntry(
        type: "avc1", width: 4, height: 2, configurationType: "avcC",
        configuration: ByteBuffer(bytes: [1, 100, 0, 40, 0xff, 0xe1, 0, 0]),
        colour: ColourInformation(primaries: 1, transfer: 1, matrix: 1, isFullRange: false),
        pixelAspectRatio: Rational(4, 3)
      ).write(into: &$0)
    }
    stbl.writeFullBox("stts") { for word in [1, 7, 1001] { $0.writeInteger(UInt32(word)) } }
    stbl.writeFullBox("stsz") { for word in [0, 1, 32] { $0.writeInteger(UInt32(word)) } }
  }

  @Test func `a tree reads like the file`() throws {
    #expect(
      try BoxTree(Self.file).text == """
        ftyp  @0 24  major isom, minor 512, brands iso2 mp41
        moov  @24 597
          mvhd  @32 108  timescale 1000, duration 12345 (12.345 s), next track 2
          trak  @140 441
            tkhd  @148 92  track 1, enabled yes, duration 12345, size 4x2
            edts  @240 48
              elst  @248 40  edit nothing for 10, edit from 1024 for 99
            mdia  @288 293
              mdhd  @296 32  timescale 24000, duration 0 (0.000 s), language eng
              hdlr  @328 36  handler vide, name "a?b"
              minf  @364 217
                stbl  @372 209
                  stsd  @380 153
                    avc1  @396 137  size 4x2
                      avcC  @482 16  profile 100, compatibility 0x00, level 40, length size 4, \
        sequence parameter sets 1
                      colr  @498 19  form nclx, primaries 1, transfer 1, matrix 1, range limited
                      pasp  @517 16  ratio 4:3
                  stts  @533 24  entries 1
                  stsz  @557 24  samples 1
          mvex  @581 40
            trex  @589 32  track 1, description 1, duration 0, size 0, flags 0x00010000
        sidx  @621 52  reference 1, timescale 24000, earliest 0, first offset 0, segments 1, \
        duration 48048 (2.002 s), bytes 100, SAP types 1
        mdat  @673 40
        zzzz  @713 13

        """)
  }

  @Test func `the payload of media data is never read`() throws {
    let file = Self.file
    var reads: [Range<Int64>] = []
    _ = try BoxTree(byteCount: Int64(file.readableBytes)) { offset, count in
      reads.append(offset..<offset + Int64(count))
      return try #require(file.getSlice(at: Int(offset), length: count))
    }
    let mdat = try #require(try BoxTree(file).nodes.first { $0.type == "mdat" })
    // Reading the header may look at 16 bytes.
    let payload = mdat.offset + 16..<mdat.offset + mdat.byteCount
    #expect(!reads.contains { $0.overlaps(payload) })
    #expect(reads.allSatisfy { $0.count <= 64 << 10 })
  }

  @Test func `depth is bounded`() throws {
    #expect(
      try BoxTree(byteCount: 24, depth: 1) {
        Self.file.getSlice(at: Int($0), length: $1) ?? ByteBuffer()
      }
      .nodes.count == 1)
    var bytes = ByteBuffer()
    for _ in 0..<100 {
      let inner = bytes
      bytes = ByteBuffer { $0.writeBox("moov") { $0.writeImmutableBuffer(inner) } }
    }
    let tree = try BoxTree(bytes)
    #expect(tree.text.split(separator: "\n").count == BoxTree.maximumDepth + 1)
    #expect(tree.text.contains("deeper boxes are left out"))
  }

  @Test func `children and boxes in a row are bounded`() throws {
    let many = ByteBuffer {
      $0.writeBox("moov") { for _ in 0..<5000 { $0.writeBox("free") { _ in } } }
    }
    let moov = try #require(try BoxTree(many).nodes.first)
    #expect(moov.children.count == Box.maximumChildCount)
    #expect(moov.note?.contains("more boxes follow at byte 32776") == true)
    let top = ByteBuffer { for _ in 0..<70_000 { $0.writeBox("free") { _ in } } }
    let tree = try BoxTree(top)
    #expect(tree.nodes.count == BoxTree.maximumTopCount)
    #expect(tree.note != nil)
  }

  @Test func `every cut of a file is shown as far as it goes`() throws {
    let whole = Self.file
    let ends = [0] + (try BoxTree(whole).nodes.map { Int($0.offset + $0.byteCount) })
    for count in 0...whole.readableBytes {
      let tree = try BoxTree(try #require(whole.getSlice(at: 0, length: count)))
      let isDamaged = tree.text.contains("! ")
      let isWhole = ends.contains(count)
      #expect(isDamaged != isWhole, "cut to \(count)\n\(tree.text)")
    }
  }

  @Test(arguments: [2, 7, 1 << 31, UInt32.max])
  func `a hostile size ends the level it stands on with a note`(_ size: UInt32) throws {
    var bytes = Self.file
    bytes.setInteger(size, at: 140)
    let tree = try BoxTree(bytes)
    #expect(tree.nodes.map(\.type) == ["ftyp", "moov", "sidx", "mdat", "zzzz"])
    #expect(tree.text.contains("! "))
  }

  @Test func `any damage is shown without a trap`() throws {
    let whole = Self.file.array
    for seed in UInt64(0)..<800 {
      var random = SplitMix(seed)
      var bytes = whole
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let index = Int.random(in: bytes.indices, using: &random)
        bytes[index] =
          [0, 1, 7, 0x7f, 0x80, 0xff, UInt8(truncatingIfNeeded: random.next())]
          .randomElement(using: &random) ?? 0
      }
      let tree = try BoxTree(ByteBuffer(bytes: bytes))
      #expect(!tree.text.isEmpty, "seed \(seed)")
    }
  }

  @Test func `a failing read throws`() {
    struct Failure: Error {}
    #expect(throws: Failure.self) { try BoxTree(byteCount: 100) { _, _ in throw Failure() } }
  }
}

@Suite struct FragmentSummaryTests {
  private func moof(_ traf: @escaping (inout ByteBuffer) -> Void) throws -> Box {
    try onlyBox(
      ByteBuffer {
        $0.writeBox("moof") { moof in
          moof.writeFullBox("mfhd") { $0.writeInteger(UInt32(5)) }
          moof.writeBox("traf", traf)
        }
      })
  }

  @Test func `defaults of the fragment count for each sample`() throws {
    let summary = try FragmentSummary(
      try moof {
        TrackFragmentHeaderBox(trackID: 3, duration: 10, size: 100).write(into: &$0)
        TrackFragmentDecodeTimeBox(baseMediaDecodeTime: 1 << 40).write(into: &$0)
        $0.writeFullBox("trun", flags: 0) { $0.writeInteger(UInt32(4)) }
      })
    #expect(summary.sequenceNumber == 5)
    #expect(
      summary.tracks == [
        .init(
          trackID: 3, baseMediaDecodeTime: 1 << 40, sampleCount: 4, duration: 40, byteCount: 400)
      ])
  }

  @Test func `what only the header of the track knows is left open`() throws {
    let summary = try FragmentSummary(
      try moof {
        TrackFragmentHeaderBox(trackID: 3).write(into: &$0)
        $0.writeFullBox("trun", flags: 0) { $0.writeInteger(UInt32(4)) }
      })
    #expect(
      summary.tracks == [
        .init(trackID: 3, baseMediaDecodeTime: nil, sampleCount: 4, duration: nil, byteCount: nil)
      ])
    #expect(throws: ISOBMFFError.self) { try FragmentSummary(try moof { _ in }) }
  }
}
