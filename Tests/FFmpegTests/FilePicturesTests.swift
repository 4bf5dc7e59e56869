import CFFmpeg
import Foundation
import MediaCore
import TestSupport
import Testing

@testable import FFmpeg

@Suite(.enabled(if: SourceFiles.canMake))
struct FilePicturesTests {
  @Test(arguments: ["source.mp4", "source.ts"])
  func `decoding begins at a key frame in the middle`(name: String) throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/" + name
    try SourceFiles.make(path, audio: 0, SourceFiles.h264)
    var times: [MediaTime] = []
    let all = try FilePictures(path: path, name: "a test", track: 0)
    while let picture = try all.next() { times.append(picture.time) }
    #expect(times.count == 48 && times == times.sorted())
    let late = try FilePictures(path: path, name: "a test", track: 0, from: times[36])
    let first = try #require(try late.next()).time
    #expect(first <= times[36] && first > times[0])
  }

  /// Those of more than two huge pages lie in some.
  @Test(arguments: [
    ["yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-qp", "0"],
    [
      "yuv420p10le", "-c:v", "libx265", "-preset", "ultrafast", "-x265-params",
      "log-level=none:lossless=1",
    ],
    ["yuv444p", "-c:v", "ffv1", "-slices", "4"],
  ])
  func `large pictures of lossless codings are what they were made of`(_ coding: [String]) throws {
    let folder = try TemporaryFolder()
    let (path, raw) = (folder.path + "/large.mkv", folder.path + "/large.yuv")
    let shape = ["-vf", "scale=2050:1538:flags=neighbor", "-frames:v", "6", "-pix_fmt", coding[0]]
    try SourceFiles.make(path, audio: 0, shape + coding.dropFirst())
    try SourceFiles.make(raw, audio: 0, shape + ["-f", "rawvideo"])
    let wanted = try Data(contentsOf: URL(fileURLWithPath: raw))
    let pictures = try FilePictures(path: path, name: "a test", track: 0)
    // All at once, so that no two share a buffer.
    var held: [Picture] = []
    while let picture = try pictures.next() { held.append(picture.picture) }
    #expect(held.count == 6)
    #expect(Data(held.flatMap(\.samples)) == wanted)
  }
}

extension Picture {
  /// Plane behind plane, without padding.
  fileprivate var samples: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: byteCount)
    let format = AVPixelFormat(rawValue: unsafe frame.pointee.format)
    let (width, height) = (unsafe frame.pointee.width, unsafe frame.pointee.height)
    unsafe withUnsafePointer(to: frame.pointee.data) { planes in
      unsafe planes.withMemoryRebound(to: UnsafePointer<UInt8>?.self, capacity: 8) { planes in
        unsafe withUnsafePointer(to: frame.pointee.linesize) { lines in
          unsafe lines.withMemoryRebound(to: CInt.self, capacity: 8) { lines in
            _ = unsafe av_image_copy_to_buffer(
              &bytes, CInt(bytes.count), planes, lines, format, width, height, 1)
          }
        }
      }
    }
    return bytes
  }
}
