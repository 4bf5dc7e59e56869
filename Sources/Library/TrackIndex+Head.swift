import ISOBMFF
package import MediaCore
package import NIOCore

extension TrackIndex {
  /// The index of a track whose segments are made when they are asked for.
  ///
  /// - Parameters:
  ///   - head: the CMAF header and the `sidx`, as they stand at the front of the track.
  ///   - frameRate: of video.
  ///   - firstSampleEnds: of video, for each segment: bytes to the end of its first sample.
  ///   - frameDuration: of sound, where all samples last as long.
  /// - Throws: `.damaged` for what is no such head.
  package init(
    head: ByteBuffer, name: String, version: String, language: String, frameRate: Rational?,
    firstSampleEnds: [Int64], frameDuration: Int64?
  ) throws {
    let boxes = try Box.sequence(in: head)
    guard let moov = boxes.first(where: { $0.type == "moov" }),
      let box = boxes.first(where: { $0.type == SegmentIndexBox.type })
    else { throw LibraryError(.damaged, "\(name) has no 'moov' and 'sidx'") }
    let description = try TrackDescription(moov, path: name)
    let sidx = try SegmentIndexBox(box)
    let headEnd = Int64(head.readableBytes)
    var at = headEnd
    var time = Int64(clamping: sidx.earliestPresentationTime)
    var segments: [IndexedSegment] = []
    segments.reserveCapacity(sidx.references.count)
    for (number, reference) in sidx.references.enumerated() {
      segments.append(
        IndexedSegment(
          range: ByteRange(offset: at, count: Int64(reference.byteCount)), start: time,
          duration: Int64(reference.duration), sapType: reference.sapType,
          firstSampleEnd: number < firstSampleEnds.count ? firstSampleEnds[number] : 0))
      at += Int64(reference.byteCount)
      time += Int64(reference.duration)
    }
    self.init(
      name: name, version: version, byteCount: at,
      header: ByteRange(offset: 0, count: box.offset),
      sidx: ByteRange(offset: box.offset, count: headEnd - box.offset),
      timescale: description.timescale, codecs: description.codecs, format: description.format,
      language: language, segments: segments)
    if case .video(var format) = description.format {
      format.frameRate = frameRate
      self.format = .video(format)
    }
    mediaStart = description.mediaStart
    self.frameDuration = kind == .audio ? frameDuration : nil
  }
}
