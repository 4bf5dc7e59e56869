package import ISOBMFF
package import MediaCore
package import NIOCore

/// The CMAF header of one track: `ftyp` and `moov` without samples (ISO/IEC 23000-19 §7.3.1).
package struct CMAFHeader: Sendable {
  package enum Entry: Sendable {
    case video(VisualSampleEntry)
    case audio(AudioSampleEntry)
    case text(TextSampleEntry)
  }

  package var timescale: Timescale
  /// ISO 639-2/T.
  package var language: String
  package var entry: Entry
  /// Presented size in pixels, before the matrix; 0 for audio.
  package var displayWidth: Int
  package var displayHeight: Int
  package var matrix: TransformationMatrix
  /// Composition time that is presented at 0: AAC priming. 0 writes no edit list.
  package var mediaStart: Int64
  /// Some samples are not sync samples.
  package var hasNonSyncSamples: Bool
  /// Samples before one that must be decoded for it to be right (`roll`, ISO/IEC 14496-12 §10.1);
  /// 0 writes no sample group.
  package var rollDistance: Int16

  /// Further brands of `ftyp`, as those of Dolby Vision.
  package var brands: [FourCC] = []

  /// Every CMAF track file has one track.
  package static let trackID: UInt32 = 1

  package init(
    timescale: Timescale, language: String, entry: Entry, displayWidth: Int = 0,
    displayHeight: Int = 0, matrix: TransformationMatrix = .unity, mediaStart: Int64 = 0,
    hasNonSyncSamples: Bool, rollDistance: Int16 = 0
  ) {
    self.timescale = timescale
    self.language = language
    self.entry = entry
    self.displayWidth = displayWidth
    self.displayHeight = displayHeight
    self.matrix = matrix
    self.mediaStart = mediaStart
    self.hasNonSyncSamples = hasNonSyncSamples
    self.rollDistance = rollDistance
  }

  private var isVideo: Bool {
    if case .video = entry { return true }
    return false
  }

  package var bytes: ByteBuffer {
    var bytes = ByteBuffer()
    // `cmf2` (§7.7): composition offsets are signed and video has no edit list. An audio track
    // with priming has one, and is `cmfc` alone.
    FileTypeBox(
      majorBrand: "cmfc",
      compatibleBrands: ["iso6", "mp41", "cmfc"] + (mediaStart == 0 ? ["cmf2"] : []) + ["dash"]
        + textBrands + brands
    ).write(into: &bytes)
    bytes.writeBox("moov") { moov in
      MovieHeaderBox(timescale: timescale, duration: 0, nextTrackID: Self.trackID + 1)
        .write(into: &moov)
      moov.writeBox("trak") { writeTrack(into: &$0) }
      moov.writeBox("mvex") { TrackExtendsBox(trackID: Self.trackID).write(into: &$0) }
    }
    return bytes
  }

  private func writeTrack(into trak: inout ByteBuffer) {
    TrackHeaderBox(
      trackID: Self.trackID, isAudio: isAudio, matrix: matrix,
      width: UInt32(clamping: displayWidth) << 16, height: UInt32(clamping: displayHeight) << 16
    ).write(into: &trak)
    if mediaStart > 0 {
      trak.writeBox("edts") {
        EditListBox(entries: [.init(segmentDuration: 0, mediaTime: mediaStart)]).write(into: &$0)
      }
    }
    trak.writeBox("mdia") { mdia in
      MediaHeaderBox(timescale: timescale, language: language).write(into: &mdia)
      HandlerBox(
        handlerType: isVideo ? HandlerBox.video : textHandler ?? HandlerBox.audio,
        name: isVideo ? "Dougong video" : isAudio ? "Dougong audio" : "Dougong text"
      ).write(into: &mdia)
      mdia.writeBox("minf") { minf in
        if isVideo {
          minf.writeFullBox("vmhd", flags: 1) { $0.writeInteger(UInt64(0)) }
        } else if let type = textMediaHeader {
          minf.writeFullBox(type) { _ in }
        } else {
          minf.writeFullBox("smhd") { $0.writeInteger(UInt32(0)) }
        }
        minf.writeBox("dinf") {
          $0.writeFullBox("dref") {
            $0.writeInteger(UInt32(1))
            $0.writeFullBox("url ", flags: 1) { _ in }
          }
        }
        minf.writeBox("stbl") { writeSampleTable(into: &$0) }
      }
    }
  }

  private func writeSampleTable(into stbl: inout ByteBuffer) {
    stbl.writeFullBox("stsd") {
      $0.writeInteger(UInt32(1))
      switch entry {
      case .video(let entry): entry.write(into: &$0)
      case .audio(let entry): entry.write(into: &$0)
      case .text(let entry): entry.write(into: &$0)
      }
    }
    for type in ["stts", "stsc"] as [FourCC] {
      stbl.writeFullBox(type) { $0.writeInteger(UInt32(0)) }
    }
    stbl.writeFullBox("stsz") { $0.writeInteger(UInt64(0)) }
    stbl.writeFullBox("stco") { $0.writeInteger(UInt32(0)) }
    // Present and empty says "not every sample is a sync sample" (§7.5.17).
    if hasNonSyncSamples { stbl.writeFullBox("stss") { $0.writeInteger(UInt32(0)) } }
    if rollDistance != 0 {
      stbl.writeFullBox("sgpd", version: 1) {
        $0.writeCode("roll")
        $0.writeInteger(UInt32(2))
        $0.writeInteger(UInt32(1))
        $0.writeInteger(rollDistance)
      }
    }
  }
}
