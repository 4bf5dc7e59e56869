import Codecs
import FFmpeg
import FileIO
import Foundation
import Ladder
import MediaCore
import NIOCore
import TestSupport
import Testing

@testable import Encoding

@Suite struct `Plans of ladders` {
  private static let picture = SourcePicture(
    width: 960, height: 540, frameRate: Rational(literal: 50, 1), colour: .bt709)

  private func plan(
    digest: String = "0011223344556677", _ change: (inout Ladder) -> Void = { _ in }
  ) throws -> LadderPlan {
    var ladder = Ladder.mobile
    ladder.groupsPerChunk = 2
    change(&ladder)
    let timeline = try #require(
      PictureTimeline(
        start: MediaTime(900, Timescale(literal: 90_000)), rate: Self.picture.frameRate, count: 1001
      ))
    return LadderPlan(
      source: LadderPlan.Source(path: "/film.mov", byteCount: 1, digest: digest, stream: 0),
      ladder: try ladder.suited(to: Self.picture), timeline: timeline, forced: [],
      encoders: "libx264 5.1")
  }

  @Test func `parts are rungs times chunks, and cover every picture once`() throws {
    let plan = try plan()
    #expect(plan.rungs.map(\.name) == ["540p-h264", "360p-h264", "234p-h264"])
    #expect(plan.rungs.map(\.frameRate) == ["25", "25", "25"])
    #expect(plan.chunks.map { $0.end - $0.start } == [200, 200, 200, 200, 200, 1])
    #expect(plan.parts.count == 18)
    #expect(Set(plan.parts.map(\.name)).count == 18)
    let pictures = plan.parts.filter { $0.rung == 0 }.map { plan.pictureCount($0) }
    #expect(pictures == [100, 100, 100, 100, 100, 1])
  }

  @Test func `names follow from what bytes depend on, and from nothing else`() throws {
    let plan = try plan()
    #expect(try self.plan().parts == plan.parts)
    #expect(try self.plan(digest: "0011223344556678").parts.map(\.name) != plan.parts.map(\.name))
    let faster = try self.plan { $0.presets[.h264] = "ultrafast" }
    #expect(Set(faster.parts.map(\.name)).isDisjoint(with: plan.parts.map(\.name)))
    let other = try self.plan { $0.presets[.av1] = "3" }
    #expect(other.parts == plan.parts)
  }

  @Test func `a plan is read as it was written, and nothing else is`() throws {
    let folder = try TemporaryFolder()
    let parts = try PartFolder(path: "\(folder.path)/parts")
    let plan = try plan()
    try parts.keep(plan)
    let path = "\(parts.path)/\(PartFolder.planName)"
    #expect(try LadderPlan(reading: path) == plan)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    for (found, put) in [
      ("\"chunk\" : 5", "\"chunk\" : 6"), ("\"codec\" : \"h264\"", "\"codec\" : \"mpeg2\""),
      ("\"pictureCount\" : 1001", "\"pictureCount\" : 7"), ("{", "["),
      ("\"frameRate\" : \"50\"", "\"frameRate\" : \"0\""),
      ("\"threadCount\" : 1", "\"threadCount\" : 17"),
    ] {
      let other = "\(folder.path)/other.json"
      try text.replacingOccurrences(of: found, with: put).write(
        toFile: other, atomically: true, encoding: .utf8)
      #expect(throws: EncodingError.self, "\(found)") { try LadderPlan(reading: other) }
    }
  }

  @Test func `a job of Slurm makes each chunk in a task of its own`() {
    let job = SlurmJob(program: "/opt/it's/dougong", folder: "/shared/parts", threads: 4)
    #expect(job.batches(of: Array(0..<2500)).map(\.count) == [1000, 1000, 500])
    #expect(job.arguments([3, 5, 9]).contains("--array=0-2"))
    let script = job.script([3, 5, 9])
    #expect(script.contains("chunks=(3 5 9)"))
    #expect(script.contains("'/opt/it'\\''s/dougong' ladder part '/shared/parts/plan.json'"))
  }
}
