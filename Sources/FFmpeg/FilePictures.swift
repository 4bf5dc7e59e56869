package import MediaCore

/// The decoded pictures of a file's video track, from its begin or from a key frame on.
///
///     let pictures = try FilePictures(path: path, name: "film.mp4", track: 0)
///     while let picture = try pictures.next() { try encoder.push(picture.picture, number: …) }
package final class FilePictures {
  private var demuxer: Demuxer
  private let decoder: LivePictures
  private let track: Int
  private var ready: [LivePicture] = []
  private var isOver = false
  /// What comes cannot be decoded until a key frame does.
  private var isBeforeKey = false

  /// - Parameters:
  ///   - path: where the bytes are.
  ///   - name: how messages call the file.
  ///   - track: number of the track in the file.
  ///   - keyFrame: where decoding begins, at the latest: pictures before a place that is wanted may come too.
  package init(path: String, name: String, track: Int, from keyFrame: MediaTime? = nil) throws {
    self.track = track
    demuxer = try Self.open(path, track, name)
    if let keyFrame, let place = try Self.place(of: keyFrame, path, track, name) {
      try demuxer.seek(track, to: place)
      isBeforeKey = true
    }
    decoder = try unsafe LivePictures(
      demuxer.pointer(to: track), demuxer.stream(track), path: name)
  }

  /// Seconds before a key frame that are gone to: MPEG-TS has no index, and gives whatever picture lies there.
  private static let steps: [Int64] = [0, 1, 2, 4, 8, 16, 32]

  /// Where to go for a key frame at a time or before it; `nil`: to the begin, as in containers that cannot be gone into.
  private static func place(
    of keyFrame: MediaTime, _ path: String, _ track: Int, _ name: String
  ) throws -> Int64? {
    var demuxer = try open(path, track, name)
    let stream = demuxer.stream(track)
    let ticks = Timescale(UInt32(clamping: stream.timeBase.1)) ?? keyFrame.timescale
    let time = keyFrame.rescaled(to: ticks).value / max(1, stream.timeBase.0)
    let second = Int64(ticks.ticksPerSecond) / max(1, stream.timeBase.0)
    for step in steps where findsKey(&demuxer, track, from: time - step * second, notAfter: time) {
      return time - step * second
    }
    return nil
  }

  /// Whether the first key frame behind a place comes in time.
  private static func findsKey(
    _ demuxer: inout Demuxer, _ track: Int, from place: Int64, notAfter time: Int64
  ) -> Bool {
    guard (try? demuxer.seek(track, to: place)) != nil else { return false }
    while let packet = try? demuxer.next() {
      guard packet.stream == track, let shown = packet.presentationTime else { continue }
      if packet.isKey { return shown <= time }
      if (packet.decodeTime ?? shown) > time { return false }
    }
    return false
  }

  private static func open(_ path: String, _ track: Int, _ name: String) throws -> Demuxer {
    let demuxer = try Demuxer.open(path: path)
    guard (0..<demuxer.streamCount).contains(track), demuxer.stream(track).kind == .video else {
      throw FFmpegError(.notMedia, "\(name) has no video track \(track)")
    }
    for other in 0..<demuxer.streamCount where other != track { demuxer.discard(other) }
    return demuxer
  }

  /// The next picture in the order of presentation; `nil` after the last.
  /// - Throws: `FFmpegError` for a file that cannot be read; pictures that cannot be decoded are left out.
  package func next() throws -> LivePicture? {
    while ready.isEmpty {
      if isOver { return nil }
      do {
        if let packet = try demuxer.next() {
          // What was read before the others were left out is theirs.
          guard packet.stream == track, packet.isKey || !isBeforeKey else { continue }
          isBeforeKey = false
          try unsafe decoder.take(demuxer.currentPacket, packet, arrival: nil) { ready.append($0) }
        } else {
          isOver = true
          try decoder.finish { ready.append($0) }
        }
      } catch let error as FFmpegError where error.code == .damaged {
        lostCount += 1
      }
    }
    return ready.removeFirst()
  }

  /// Samples that could not be decoded.
  package private(set) var lostCount = 0
}
