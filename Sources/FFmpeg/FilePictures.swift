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

  /// - Parameters:
  ///   - path: where the bytes are.
  ///   - name: how messages call the file.
  ///   - track: number of the track in the file.
  ///   - keyFrame: where decoding begins, at the latest: pictures before a place that is wanted may come too.
  package init(path: String, name: String, track: Int, from keyFrame: MediaTime? = nil) throws {
    self.track = track
    demuxer = try Self.open(path, track, name)
    if let keyFrame {
      let stream = demuxer.stream(track)
      let ticks = Timescale(UInt32(clamping: stream.timeBase.1)) ?? keyFrame.timescale
      let time = keyFrame.rescaled(to: ticks).value / max(1, stream.timeBase.0)
      var isBefore = false
      if (try? demuxer.seek(track, to: time)) != nil, let packet = try demuxer.next() {
        isBefore = packet.isKey && (packet.presentationTime ?? .max) <= time
      }
      // What was read is wanted; and containers that cannot go there begin anew.
      demuxer = try Self.open(path, track, name)
      if isBefore { try demuxer.seek(track, to: time) }
    }
    decoder = try unsafe LivePictures(
      demuxer.pointer(to: track), demuxer.stream(track), path: name)
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
          guard packet.stream == track else { continue }
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
