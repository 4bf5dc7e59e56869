package import FFmpeg
package import Library
import MediaCore
import NIOCore

/// Gives pictures of a video track at rest by their time, upright, with square pixels, in standard
/// dynamic range.
///
/// Of key pictures only their own samples are read; others are decoded from the key picture before
/// them, and on from picture to picture as long as times grow.
package final class PictureReader {
  package let video: StoredVideo
  package let geometry: PictureGeometry
  private var decoder: PictureDecoder
  private let toneMap: ToneMap?
  /// Samples of the segment looked at last.
  private var known: (segment: Int, samples: [StoredSample])?
  /// Where decoding in order goes on; `nil` if it has to start anew.
  private var position: (segment: Int, sample: Int)?
  private var isAtEnd = false
  /// Pictures that were given although parts of them were lost.
  package private(set) var damagedCount = 0

  /// - Throws: `FFmpegError` if there is no decoder for the track.
  package init(_ video: StoredVideo, boxWidth: Int, boxHeight: Int, threads: Int = 1) throws {
    self.video = video
    geometry = PictureGeometry(
      video.format, orientation: PictureOrientation(matrix: video.matrix), boxWidth: boxWidth,
      boxHeight: boxHeight)
    toneMap = ToneMap(video.format.range)
    decoder = try PictureDecoder.open(video.coding, name: video.index.name, threads: threads)
  }

  /// The samples of a segment, in decode order.
  package func samples(ofSegment number: Int) throws -> [StoredSample] {
    if let known, known.segment == number { return known.samples }
    let samples = try video.samples(ofSegment: number)
    known = (number, samples)
    return samples
  }

  /// Times of all pictures of a segment, in order.
  package func times(ofSegment number: Int) throws -> [Int64] {
    try samples(ofSegment: number).map(\.time).sorted()
  }

  /// The first key picture in a range of times; `nil` if there is none.
  package func keyTime(in range: Range<Int64>) throws -> Int64? {
    var number = video.segment(at: range.lowerBound)
    while number < video.index.segments.count,
      video.index.segments[number].start < range.upperBound
    {
      let found = try samples(ofSegment: number).lazy.filter {
        $0.isSync && range.contains($0.time)
      }.map(\.time).min()
      if let found { return found }
      number += 1
    }
    return nil
  }

  /// The key picture at a time that `keyTime` gave.
  /// - Returns: `nil` if it cannot be decoded.
  package func keyPicture(at time: Int64) throws -> RGBPicture? {
    let samples = try samples(ofSegment: video.segment(at: time))
    guard let sample = samples.first(where: { $0.isSync && $0.time == time }) else { return nil }
    position = nil
    decoder.reset()
    defer { decoder.reset() }
    return try forgiving {
      try decoder.send(try video.payload(of: sample), presentationTime: sample.time)
      if let frame = try decoder.receive() { return try picture(frame) }
      try decoder.finish()
      guard let frame = try decoder.receive() else { return nil }
      return try picture(frame)
    }
  }

  /// The picture that is shown at a time: the last one that begins then or before.
  /// - Returns: `nil` if nothing there can be decoded.
  package func picture(at wanted: Int64) throws -> RGBPicture? {
    let segment = video.segment(at: wanted)
    let samples = try samples(ofSegment: segment)
    guard let first = samples.map(\.time).min() else { return nil }
    let time = samples.lazy.map(\.time).filter { $0 <= wanted }.max() ?? first
    let start = samples.lastIndex { $0.isSync && $0.time <= time } ?? 0
    // Decoding goes on where it stopped, unless a key picture lies between.
    let goesOn =
      position.map {
        !isAtEnd && ($0.segment == segment ? $0.sample > start : $0.segment == segment + 1)
      } ?? false
    if !goesOn || position?.segment == segment + 1 {
      decoder.reset()
      position = (segment, start)
      isAtEnd = false
    }
    return try decode(until: time)
  }

  private func decode(until time: Int64) throws -> RGBPicture? {
    var fed = 0
    while true {
      if let found = try forgiving({ try received(time) }) { return found }
      guard !isAtEnd, fed < Self.maximumDelay || position != nil else { return nil }
      guard let sample = try nextSample() else {
        isAtEnd = true
        try? decoder.finish()
        let found = try forgiving { try received(time) }
        position = nil
        return found
      }
      if sample.time > time { fed += 1 }
      // A decoder that gives nothing for so long has lost the picture.
      guard fed <= Self.maximumDelay else {
        position = nil
        return nil
      }
      _ = try forgiving { () throws -> RGBPicture? in
        try decoder.send(try video.payload(of: sample), presentationTime: sample.time)
        return nil
      }
    }
  }

  /// Samples sent behind the wanted picture before it is given up.
  private static let maximumDelay = 300

  private func received(_ time: Int64) throws -> RGBPicture? {
    while let frame = try decoder.receive() {
      if frame.presentationTime ?? time >= time { return try picture(frame) }
    }
    return nil
  }

  private func nextSample() throws -> StoredSample? {
    guard var (segment, sample) = position else { return nil }
    while segment < video.index.segments.count {
      let samples = try samples(ofSegment: segment)
      if sample < samples.count {
        position = (segment, sample + 1)
        return samples[sample]
      }
      (segment, sample) = (segment + 1, 0)
    }
    return nil
  }

  private func picture(_ frame: DecodedFrame) throws -> RGBPicture {
    if frame.isDamaged { damagedCount += 1 }
    let decoded = try decoder.picture(
      width: geometry.codedWidth, height: geometry.codedHeight,
      depth: toneMap == nil ? .eight : .sixteen)
    return geometry.orientation.applied(to: toneMap?.applied(to: decoded) ?? decoded)
  }

  /// What is damaged gives no picture; every other failure goes on.
  private func forgiving(_ body: () throws -> RGBPicture?) throws -> RGBPicture? {
    do {
      return try body()
    } catch let error as FFmpegError where error.code == .damaged {
      return nil
    }
  }
}
