import FFmpeg
import FileIO
import Ladder
import MediaCore
import Testing

@testable import Encoding

extension LadderPlan {
  /// Of a file that a test has made.
  init(_ path: String, _ ladder: Ladder) throws {
    let scan = try #require(try PictureScan.scan(path: path, name: path))
    let timeline = try PictureTimeline(scan, place: path)
    self.init(
      source: Source(
        path: path, byteCount: try ReadableFile(path: path).byteCount, digest: "00",
        stream: scan.stream),
      ladder: try ladder.suited(to: SourcePicture(scan, timeline: timeline)), timeline: timeline,
      forced: [], encoders: "test")
  }
}
