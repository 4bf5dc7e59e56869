import FileIO
import Foundation
import HLS
import Library
import MediaCore
import Packaging
import Presentation
import Testing

/// What the documents of packaged titles say, held against the samples that went in.
struct DocumentTruthTests {
  /// Packages sources into a temporary folder and opens the title.
  private func title(_ sources: [SyntheticSource], segment: MediaTime? = nil) throws -> Title {
    let folder = NSTemporaryDirectory() + "dougong-\(UUID().uuidString)"
    try Folder.make(folder)
    defer { try? Folder.remove(folder) }
    var options = PackagingOptions()
    if let segment { options.segment = segment }
    try PackagingJob(sources, options: options).run(into: folder, progress: WorkProgress())
    return try TitleStore.open(folder: folder, name: "test").title
  }

  /// Frames of a constant rate, a key frame every so many.
  private func film(
    frames: Int, keyDistance: Int, size: (Int) -> UInt32 = { _ in 24 }
  ) -> SourceTrack {
    SyntheticSource.video(
      timescale: 24000, times: (0..<frames).map { Int64($0) * 1001 },
      keys: { $0 % keyDistance == 0 ? .closed : .none }, lastDuration: 1001, size: size)
  }

  @Test func `segments of 2.002 seconds have the target duration 2`() throws {
    let title = try title([
      SyntheticSource([
        film(frames: 480, keyDistance: 48), SyntheticSource.audio(count: 940, priming: 1024),
      ])
    ])
    let hls = HLSPresentation(title, addressing: .wholeTracks)
    for track in title.tracks {
      #expect(hls.mediaPlaylist(of: track).targetDuration == 2)
    }
    #expect(title.tracks[0].index.segments.allSatisfy { $0.duration == 48048 })
  }

  @Test func `ten hours of 23.976 add up to the tick`() throws {
    let frames = 10 * 3600 * 24000 / 1001
    let title = try title([SyntheticSource([film(frames: frames, keyDistance: 48)])])
    let track = title.tracks[0]
    #expect(track.index.duration == Int64(frames) * 1001)
    let playlist = try MediaPlaylist(
      parsing: HLSPresentation(title, addressing: .segments).mediaPlaylist(of: track).render())
    let microseconds = playlist.segments.reduce(Int64(0)) {
      $0 + $1.duration.rescaled(to: Timescale(literal: 1_000_000)).value
    }
    let exact = MediaTime(Int64(frames) * 1001, Timescale(literal: 24000))
    // A tick of 24000 is 41 microseconds.
    #expect(abs(microseconds - exact.rescaled(to: Timescale(literal: 1_000_000)).value) <= 1)
    #expect(playlist.segments.count == (frames + 47) / 48)
  }

  @Test func `BANDWIDTH of a clip with one burst is its true peak`() throws {
    // 24 seconds, two of them thirty times as heavy.
    let title = try title([
      SyntheticSource([
        film(frames: 576, keyDistance: 48) { (240..<288).contains($0) ? 30_000 : 1000 }
      ])
    ])
    let index = title.tracks[0].index
    var peak = 0.0
    for first in index.segments.indices {
      var (bytes, ticks) = (Int64(0), Int64(0))
      for segment in index.segments[first...] {
        bytes += segment.range.count
        ticks += segment.duration
        let seconds = Double(ticks) / 24000
        if seconds >= 1, seconds <= 3 { peak = max(peak, Double(bytes * 8) / seconds) }
      }
    }
    let declared = HLSPresentation(title, addressing: .wholeTracks).multivariantPlaylist()
      .variants[0].bandwidth
    #expect(Double(declared) >= peak)
    #expect(Double(declared) <= peak * 1.0001)
    #expect(peak > 5_000_000)
  }

  @Test func `picture and sound stay together to the sample`() throws {
    // Sound begins 100 ms before the picture in the source, with priming before that.
    let video = SyntheticSource.video(
      timescale: 24000, times: (0..<240).map { 2400 + Int64($0) * 1001 },
      keys: { $0 % 48 == 0 ? .closed : .none }, lastDuration: 1001)
    let title = try title([
      SyntheticSource([video, SyntheticSource.audio(count: 480, priming: 1024)])
    ])
    let picture = title.tracks[0].index
    let sound = title.tracks[1].index
    #expect(picture.segments[0].start == 0)
    #expect(sound.segments[0].start == 0)
    // The second segment starts 48 frames after the picture began, 100 ms in.
    #expect(picture.segments[1].start == 2400 + 48048)
    let ends = [picture, sound].map { index in
      MediaTime(index.segments[0].start + index.duration, index.timescale).seconds
    }
    #expect(abs(ends[0] - ends[1]) < 1024.0 / 48000)
  }

  @Test func `a rendition may start at another time of its own clock`() throws {
    let large = film(frames: 240, keyDistance: 48)
    let small = SyntheticSource.video(
      timescale: 90000, times: (0..<240).map { 900_000 + Int64($0) * 15015 / 4 },
      keys: { $0 % 48 == 0 ? .closed : .none }, lastDuration: 3753)
    let title = try title([
      SyntheticSource(name: "large", [large]), SyntheticSource(name: "small", [small]),
    ])
    #expect(title.tracks.count == 2)
    #expect(
      title.tracks[0].index.segments.map(\.start) == title.tracks[1].index.segments.map(\.start))
    #expect(title.tracks.allSatisfy { $0.index.timescale == Timescale(literal: 24000) })
  }
}
