import MediaCore
import NIOCore

/// Samples that exist in memory only: times and key frames as a test wants them.
struct SyntheticSource: MediaSource {
  let name: String
  var tracks: [SourceTrack]

  /// 1280x720, High profile, level 3.1, no reordering told.
  static let sequenceParameterSet: [UInt8] = [
    0x67, 0x64, 0x00, 0x1f, 0xac, 0xd9, 0x40, 0x50, 0x05, 0xbb, 0x01, 0x6c, 0x80, 0x00, 0x00, 0x03,
    0x00, 0x80, 0x00, 0x00, 0x1e, 0x07, 0x8c, 0x18, 0xcb,
  ]
  static let pictureParameterSet: [UInt8] = [0x68, 0xeb, 0xe3, 0xcb, 0x22, 0xc0]

  static var record: ByteBuffer {
    var bytes = ByteBuffer(bytes: [1, 0x64, 0x00, 0x1f, 0xff, 0xe1])
    bytes.writeInteger(UInt16(sequenceParameterSet.count))
    bytes.writeBytes(sequenceParameterSet)
    bytes.writeInteger(UInt8(1))
    bytes.writeInteger(UInt16(pictureParameterSet.count))
    bytes.writeBytes(pictureParameterSet)
    bytes.writeBytes([0xfd, 0xf8, 0xf8, 0x00])
    return bytes
  }

  /// AAC-LC, 48 kHz, stereo.
  static let audioConfiguration = ByteBuffer(bytes: [0x11, 0x90])

  init(name: String = "synthetic", _ tracks: [SourceTrack]) {
    self.name = name
    self.tracks = tracks
  }

  /// A video track.
  /// - Parameters:
  ///   - times: presentation times in decode order.
  ///   - keys: which samples decoding can start at.
  ///   - size: bytes of a sample by its index, at least 6.
  static func video(
    number: Int = 0, timescale: UInt32, times: [Int64], keys: (Int) -> RandomAccess,
    lastDuration: Int64, size: (Int) -> UInt32 = { _ in 24 }
  ) -> SourceTrack {
    var track = SourceTrack(
      number: number, kind: .video, coding: .h264(record), timescale: Timescale(literal: timescale))
    for (index, time) in times.enumerated() {
      track.samples.append(presentationTime: time, size: size(index), randomAccess: keys(index))
    }
    track.samples.lastDuration = lastDuration
    track.presentationStart = times.min() ?? 0
    return track
  }

  /// An AAC track whose first frame is presented at `start` less `priming`.
  static func audio(
    number: Int = 1, count: Int, start: Int64 = 0, priming: Int64 = 0, language: String = "und",
    time: ((Int) -> Int64)? = nil
  ) -> SourceTrack {
    var track = SourceTrack(
      number: number, kind: .audio, coding: .aac(audioConfiguration),
      timescale: Timescale(literal: 48000))
    for index in 0..<count {
      let plain = start - priming + Int64(index) * 1024
      track.samples.append(
        presentationTime: time?(index) ?? plain, size: 16, randomAccess: .closed)
    }
    track.samples.lastDuration = 1024
    track.presentationStart = start
    track.language = language
    return track
  }

  func makeReader(of wanted: Set<Int>) throws -> any PayloadReader {
    SyntheticReader(tracks.filter { wanted.contains($0.number) })
  }
}

/// Gives a second or so of every track in turn.
private final class SyntheticReader: PayloadReader {
  private let tracks: [SourceTrack]
  private var done: [Int]

  init(_ tracks: [SourceTrack]) {
    self.tracks = tracks
    done = [Int](repeating: 0, count: tracks.count)
  }

  func next() throws -> PayloadBatch? {
    var bytes = ByteBuffer()
    var runs: [PayloadRun] = []
    for (lane, track) in tracks.enumerated() {
      let count = min(31 + 7 * lane, track.samples.count - done[lane])
      guard count > 0 else { continue }
      runs.append(
        PayloadRun(
          track: track.number, first: done[lane], count: count, offset: bytes.readableBytes))
      for index in done[lane]..<done[lane] + count { write(track, index, into: &bytes) }
      done[lane] += count
    }
    return runs.isEmpty ? nil : PayloadBatch(bytes: bytes, runs: runs)
  }

  /// A slice of an IDR or of a P picture, filled up with the sample's number.
  private func write(_ track: SourceTrack, _ index: Int, into bytes: inout ByteBuffer) {
    let size = Int(track.samples.sizes[index])
    guard track.kind == .video else {
      bytes.writeRepeatingByte(UInt8(truncatingIfNeeded: index), count: size)
      return
    }
    let isKey = track.samples.randomAccess[index] == RandomAccess.closed.rawValue
    bytes.writeInteger(UInt32(size - 4))
    // First macroblock 0, then slice type 7 (I) or 5 (P).
    bytes.writeBytes(isKey ? [0x65, 0x88] : [0x41, 0x9a])
    bytes.writeRepeatingByte(UInt8(truncatingIfNeeded: index) | 1, count: size - 6)
  }
}
