import MediaCore
import NIOCore
import Synchronization
import Text

/// What was gathered of subtitles while the payloads of the sources passed.
final class TextHarvest: Sendable {
  private struct Gathered {
    var samples: [Key: [ByteBuffer]] = [:]
    var byteCounts: [Key: Int] = [:]
    var captions: [CaptionDecoder.Channel] = []
    var captioned: Set<String> = []
  }

  struct Key: Hashable, Sendable {
    var source: Int
    var track: Int
  }

  private let gathered = Mutex(Gathered())

  /// Payload bytes of one subtitle track, at most.
  static let maximumByteCount = CueList.maximumFileByteCount

  /// Takes samples of a subtitle track.
  /// - Parameter sizes: of all samples of the track.
  func take(_ run: PayloadRun, of source: Int, in bytes: ByteBuffer, sizes: [UInt32]) {
    let key = Key(source: source, track: run.track)
    var at = bytes.readerIndex + run.offset
    gathered.withLock { gathered in
      for index in run.first..<run.first + run.count {
        let size = Int(sizes[index])
        defer { at += size }
        let total = gathered.byteCounts[key, default: 0] + size
        gathered.byteCounts[key] = total
        guard total <= Self.maximumByteCount else { continue }
        // A copy: the batch's storage is used again.
        let view = bytes.viewBytes(at: at, length: size)
        gathered.samples[key, default: []].append(
          view.map { ByteBuffer(bytes: $0) } ?? ByteBuffer())
      }
    }
  }

  /// The samples of a track, in order; `nil` if they have more bytes than are kept.
  func samples(of track: SelectedTrack) -> [ByteBuffer]? {
    let key = Key(source: track.source, track: track.track.number)
    return gathered.withLock { gathered in
      gathered.byteCounts[key, default: 0] <= Self.maximumByteCount
        ? gathered.samples[key] ?? [] : nil
    }
  }

  /// Takes what the captions of a video track say.
  /// - Parameter channels: `nil` of a rendition whose captions are only known to be there.
  func take(captions channels: [CaptionDecoder.Channel]?, of track: String) {
    gathered.withLock {
      $0.captioned.insert(track)
      if let channels { $0.captions = channels }
    }
  }

  /// Channels of the first captioned rendition.
  var captions: [CaptionDecoder.Channel] { gathered.withLock { $0.captions } }

  /// Names of the output tracks that carry captions.
  var captionedTracks: Set<String> { gathered.withLock { $0.captioned } }
}
