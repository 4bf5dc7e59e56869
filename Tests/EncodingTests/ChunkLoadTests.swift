import Ladder
import MediaCore
import Testing

@testable import Encoding

struct ChunkLoadTests {
  private func rung(
    _ size: (width: Int, height: Int), preset: String, depth: Int = 8
  ) throws -> PlannedRung {
    let picture = SourcePicture(
      width: 640, height: 360, frameRate: Rational(literal: 25, 1), colour: .bt709)
    let suited = try #require(try Ladder.mobile.suited(to: picture).rungs.first)
    var rung = PlannedRung(suited, segment: 2)
    (rung.width, rung.height) = size
    rung.preset = preset
    rung.bitDepth = depth
    return rung
  }

  /// Cores, rungs that have so many parts of the work of the largest, memory in chunks, and chunks at once.
  @Test(
    arguments: [
      (2, [1.0], 10.0, 2), (2, [1, 0.25, 0.25], 10, 2), (2, [1, 1], 10, 1), (3, [1, 1], 10, 2),
      (16, [1, 0.5], 100, 11), (16, [1, 0.5], 3.5, 3), (16, [1, 0.5], 0.1, 1), (1, [1], 10, 1),
    ] as [(Int, [Double], Double, Int)])
  func `as many chunks are worked on as keep the cores busy and have memory`(
    threads: Int, shares: [Double], memory: Double, count: Int
  ) {
    var load = ChunkLoad([], of: [])
    load.coreCount = shares.reduce(0, +) / (shares.max() ?? 1)
    load.memoryByteCount = 1_000_000
    #expect(load.chunksAtOnce(threads: threads, memory: Int64(memory * 1e6)) == count)
  }

  @Test func `what a chunk takes grows with pictures, depth and looking ahead`() throws {
    func memory(
      _ size: (Int, Int), _ preset: String = "veryfast", depth: Int = 8
    ) throws -> Double {
      let rungs = [try rung(size, preset: preset, depth: depth)]
      return Double(ChunkLoad(rungs, of: rungs).memoryByteCount) / 1e6
    }
    // One rung of 2160 lines took 845 MB, and 1,700 at the preset 'medium'.
    #expect((800...1100).contains(try memory((3840, 2160))))
    #expect((1600...2000).contains(try memory((3840, 2160), "medium")))
    #expect((350...550).contains(try memory((1920, 1080), "medium")))
    #expect(try memory((1920, 1080), depth: 10) > memory((1920, 1080)) * 1.5)
  }

  @Test func `rungs of half the rate are half the work`() throws {
    var half = try rung((640, 360), preset: "medium")
    half.divisor = 2
    let whole = try rung((640, 360), preset: "medium")
    #expect(ChunkLoad([whole, half], of: [whole]).coreCount == 1.5)
  }

  @Test func `two threads encode pictures of 2160 lines in H.264`() throws {
    let size = SourcePicture(
      width: 3840, height: 2160, frameRate: Rational(literal: 25, 1), colour: .bt709)
    let rungs = try Ladder.uhd.suited(to: size).rungs.map { PlannedRung($0, segment: 2) }
    #expect(rungs.filter { $0.threadCount == 2 }.map(\.name) == ["2160p-h264"])
    #expect(rungs.filter { !$0.usesBufferModel }.map(\.name) == ["2160p-h264"])
    let load = ChunkLoad(rungs, of: rungs)
    #expect((3...4).contains(load.coreCount))
    #expect(load.chunksAtOnce(threads: 2, memory: 1 << 40) == 1)
  }

  @Test func `rungs that memory does not hold at once are encoded in groups`() throws {
    let sizes = [(1920, 1080), (3840, 2160), (1280, 720), (640, 360)]
    let rungs = try sizes.map { try rung($0, preset: "veryfast") }
    #expect(ChunkLoad.groups(rungs, memory: 2 << 30) == [[0, 1, 2, 3]])
    let tight = ChunkLoad([rungs[1], rungs[3]], of: rungs).memoryByteCount
    let groups = ChunkLoad.groups(rungs, memory: tight)
    #expect(groups == [[1, 3], [0, 2]])
    for group in groups {
      #expect(ChunkLoad(group.map { rungs[$0] }, of: rungs).memoryByteCount <= tight)
    }
    #expect(ChunkLoad.groups(rungs, memory: 0) == [[1], [0], [2], [3]])
    #expect(ChunkLoad.groups([], memory: 0) == [])
  }
}
