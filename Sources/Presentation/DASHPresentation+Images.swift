import DASH
import Library
import MediaCore

extension DASHPresentation {
  private static let tileScheme = "http://dashif.org/guidelines/thumbnail_tile"
  private static let trickScheme = "http://dashif.org/guidelines/trickmode"

  /// Single pictures for winding (DASH-IF IOP 4.3 §3.2.9): a set for each trick track, which names
  /// the sets of video that it stands in for.
  func trickSets(after videos: [AdaptationSet], firstID: Int64) -> [AdaptationSet] {
    let names = videos.map { String($0.id) }.joined(separator: " ")
    guard !names.isEmpty else { return [] }
    let frameRate = videos.compactMap(\.maxFrameRate).map(\.value).max() ?? 25
    return SwitchingSet.sets(of: title.trickTracks).enumerated().map { number, set in
      var made = adaptationSet(set, id: firstID + Int64(number))
      made.roles = []
      made.inbandEventStreams = []
      made.essentialProperties.insert(
        Descriptor(schemeIdUri: Self.trickScheme, value: names), at: 0)
      made.codingDependency = false
      // At that speed pictures follow each other as those of the video do at speed 1.
      let rate = set.tracks.compactMap { $0.index.video?.frameRate?.value }.min() ?? 1
      made.maxPlayoutRate = Int64(max(1, min(1000, (frameRate / max(rate, 1e-3)).rounded(.down))))
      return made
    }
  }

  /// A sheet is a segment too.
  var sheetDuration: ISODuration? {
    title.thumbnails.map {
      ISODuration(
        MediaTime($0.description.sheetDuration, Timescale(literal: 1000)), rounding: .up)
    }
  }

  /// Sheets of thumbnails (DASH-IF IOP 4.3 §6.2.6).
  func imageSet(id: Int64) -> AdaptationSet? {
    guard let thumbnails = title.thumbnails else { return nil }
    let description = thumbnails.description
    var made = AdaptationSet(id: id, contentType: "image", mimeType: "image/jpeg")
    made.segmentTemplate = SegmentTemplate(
      timescale: Timescale(literal: 1000), startNumber: 1, duration: description.sheetDuration,
      media: "\(Reference.images(description, addressing))$Number$.jpg")
    var representation = Representation(
      id: Reference.encoded(description.name),
      bandwidth: thumbnails.sheetBandwidth,
      width: Int64(description.width), height: Int64(description.height))
    representation.essentialProperties = [
      Descriptor(
        schemeIdUri: Self.tileScheme, value: "\(description.columns)x\(description.rows)")
    ]
    made.representations = [representation]
    return made
  }
}
