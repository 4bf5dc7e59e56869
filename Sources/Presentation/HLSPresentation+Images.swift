import HLS
import Library
import MediaCore

extension HLSPresentation {
  /// The sheets of thumbnails as image media playlist; `nil` for a title without.
  func imagePlaylist() -> MediaPlaylist? {
    guard let thumbnails = title.thumbnails else { return nil }
    let description = thumbnails.description
    let tiles = ImageTiles(
      resolution: Resolution(width: description.tileWidth, height: description.tileHeight),
      columns: description.columns, rows: description.rows, duration: description.interval * 1000)
    let folder = Reference.images(description, addressing)
    let segments = thumbnails.durations(until: title.end).enumerated().map { index, duration in
      var segment = MediaSegment(
        duration: duration, uri: folder + TitleImages.sheetName(index + 1))
      segment.tiles = tiles
      return segment
    }
    var playlist = MediaPlaylist(
      targetDuration: SegmentDurations.targetDuration(
        microseconds: SegmentDurations.microseconds(segments.lazy.map(\.duration))),
      playlistType: .vod, mediaSequence: 1, isEnded: true, segments: segments)
    playlist.isImagesOnly = true
    return playlist
  }

  /// What `main.m3u8` says of the thumbnails.
  func imageVariants() -> [ImageVariantStream] {
    guard let thumbnails = title.thumbnails, let playlist = imagePlaylist() else { return [] }
    let rate = thumbnails.bitrate(until: title.end, targetDuration: playlist.targetDuration)
    return [
      ImageVariantStream(
        bandwidth: rate.peak, averageBandwidth: rate.average,
        resolution: Resolution(
          width: thumbnails.description.tileWidth, height: thumbnails.description.tileHeight),
        uri: Reference.encoded(DocumentName.imagePlaylist(of: thumbnails.description)))
    ]
  }
}

extension ThumbnailIndex {
  /// How long each sheet is for; the last one until the title's end.
  func durations(until end: MediaTime) -> [MediaTime] {
    let whole = MediaTime(description.sheetDuration, Timescale(literal: 1000))
    return byteCounts.indices.map { index in
      guard index == byteCounts.count - 1 else { return whole }
      let start = MediaTime(whole.value * Int64(index), whole.timescale)
      let left = end.value - start.rescaled(to: end.timescale).value
      return left > 0 ? MediaTime(left, end.timescale) : whole
    }
  }

  /// Bit rates of an image playlist, as of any other.
  func bitrate(until end: MediaTime, targetDuration: Int) -> PeakBitrate {
    let durations = durations(until: end).map {
      $0.rescaled(to: Timescale(literal: 1_000_000)).value
    }
    return PeakBitrate(
      of: zip(byteCounts, durations).map { ($0, $1) }, timescale: Timescale(literal: 1_000_000),
      targetDuration: targetDuration)
  }

  /// Bits in a second of the largest sheet, each taken for the time of a whole one.
  var sheetBandwidth: Int64 {
    let bits = (byteCounts.max() ?? 0).multipliedReportingOverflow(by: 8000).partialValue
    return max(1, (bits + description.sheetDuration - 1) / description.sheetDuration)
  }
}

/// WebVTT whose cues name the thumbnail of their time: `thumbnails-256x144/1.jpg#xywh=0,0,256,144`.
///
/// The fragment is that of Media Fragments URI 1.0 §4.2.2; players know the form from JW Player.
struct SpriteMap {
  let thumbnails: TitleImages.Thumbnails
  let end: MediaTime
  let addressing: Addressing

  func render() -> String {
    let folder = Reference.images(thumbnails, addressing)
    let millisecond = Timescale(literal: 1000)
    let exact = end.rescaled(to: millisecond)
    let last = exact >= end ? exact.value : exact.value + 1
    var text = "WEBVTT\n"
    for picture in 0..<thumbnails.count {
      let start = thumbnails.interval * Int64(picture)
      let isLast = picture == thumbnails.count - 1
      let stop = isLast ? max(last, start + 1) : start + thumbnails.interval
      let sheet = picture / thumbnails.tilesPerSheet + 1
      let tile = picture % thumbnails.tilesPerSheet
      let left = tile % thumbnails.columns * thumbnails.tileWidth
      let top = tile / thumbnails.columns * thumbnails.tileHeight
      text += "\n\(Self.time(start)) --> \(Self.time(stop))\n"
      text += "\(folder)\(TitleImages.sheetName(sheet))"
      text += "#xywh=\(left),\(top),\(thumbnails.tileWidth),\(thumbnails.tileHeight)\n"
    }
    return text
  }

  /// `01:02:03.004`.
  static func time(_ milliseconds: Int64) -> String {
    func digits(_ value: Int64, _ count: Int) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(0, count - text.count)) + text
    }
    let seconds = milliseconds / 1000
    return digits(seconds / 3600, 2) + ":" + digits(seconds / 60 % 60, 2) + ":"
      + digits(seconds % 60, 2) + "." + digits(milliseconds % 1000, 3)
  }
}
