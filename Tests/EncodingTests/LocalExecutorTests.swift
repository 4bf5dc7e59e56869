import Codecs
import FFmpeg
import FileIO
import Ladder
import MediaCore
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import Encoding

@Suite(.enabled(if: SourceFiles.canMake)) struct `Parts made on this machine` {
  /// Two rungs in two codecs, a second to the chunk, one at half the pictures.
  private static var ladder: Ladder {
    var presets = EncoderPresets()
    presets[.h264] = "veryfast"
    presets[.av1] = "12"
    let large = BitRates(average: 100_000, peak: 150_000)
    let small = BitRates(average: 50_000, peak: 75_000)
    return Ladder(
      "parts",
      [
        Rung(width: 192, height: 108, h264: large, hevc: nil, av1: large),
        Rung(
          width: 128, height: 72, highestFrameRate: 12, h264: small, hevc: nil,
          av1: small),
      ], codecs: [.h264, .av1], presets: presets, segment: MediaTime(1, Timescale(literal: 1)),
      groupsPerChunk: 1)
  }

  private func source(_ folder: borrowing TemporaryFolder) throws -> String {
    let path: String = folder.path + "/source.mp4"
    try SourceFiles.make(path, audio: 0, SourceFiles.h264)
    return path
  }

  private func bytes(_ plan: LadderPlan, in folder: PartFolder) throws -> [ByteBuffer] {
    try plan.parts.map { part in
      let file = try ReadableFile(path: folder.path(part))
      return try file.read(at: 0, count: Int(file.byteCount))
    }
  }

  @Test func `they have the same bytes in one run, by chunk, by rung, and side by side`() throws {
    let folder = try TemporaryFolder()
    let plan = try LadderPlan(try source(folder), Self.ladder)
    #expect(plan.chunks.count > 1 && plan.rungs.count == 4)
    let inOne = try PartFolder(path: folder.path + "/one")
    let one = try LocalExecutor(plan, folder: inOne, threads: 1, memory: 1 << 34)
      .run(progress: LadderProgress())
    #expect(one.madeCount == plan.parts.count)
    let bySelf = try PartFolder(path: folder.path + "/self")
    for chunk in plan.chunks.indices.reversed() {
      let wanted = Set(plan.parts.filter { $0.chunk == chunk }.map(\.name))
      _ = try LocalExecutor(plan, folder: bySelf, threads: 1, memory: 1 << 34)
        .run(only: wanted, progress: LadderProgress())
    }
    let byRung = try PartFolder(path: folder.path + "/rung")
    _ = try LocalExecutor(plan, folder: byRung, threads: 1, memory: 0)
      .run(progress: LadderProgress())
    let sideBySide = try PartFolder(path: folder.path + "/side")
    _ = try LocalExecutor(plan, folder: sideBySide, threads: 8, memory: 1 << 34)
      .run(progress: LadderProgress())
    let expected = try bytes(plan, in: inOne)
    #expect(try bytes(plan, in: bySelf) == expected)
    #expect(try bytes(plan, in: byRung) == expected)
    #expect(try bytes(plan, in: sideBySide) == expected)
  }

  @Test func `only what is missing is made, whichever rungs of which chunks`() throws {
    let folder = try TemporaryFolder()
    let plan = try LadderPlan(try source(folder), Self.ladder)
    let parts = try PartFolder(path: folder.path + "/parts")
    let executor = LocalExecutor(plan, folder: parts, threads: 1, memory: 1 << 34)
    _ = try executor.run(progress: LadderProgress())
    let expected = try bytes(plan, in: parts)
    let lost = [plan.parts[1], plan.parts[plan.parts.count - 1]]
    for part in lost { try Folder.remove(parts.path(part)) }
    let outcome = try executor.run(progress: LadderProgress())
    #expect(outcome.madeCount == 2 && outcome.keptCount == plan.parts.count - 2)
    #expect(try bytes(plan, in: parts) == expected)
  }

  @Test func `what cannot be written is tried again, then named, and the rest is kept`() throws {
    let folder = try TemporaryFolder()
    let plan = try LadderPlan(try source(folder), Self.ladder)
    let parts = try PartFolder(path: folder.path + "/parts")
    let blocked = try #require(plan.parts.last { $0.rung == 0 })
    let notes = Mutex<[String]>([])
    var progress = LadderProgress()
    progress.noted = { note in notes.withLock { $0.append(note) } }
    // A folder stands where the part is to be, from when the work has begun.
    progress.encoded = { _, _ in
      if Folder.entry(at: parts.path(blocked)) == nil {
        try? Folder.make(parts.path(blocked))
      }
    }
    let error = #expect(throws: EncodingError.self) {
      _ = try LocalExecutor(plan, folder: parts, threads: 1, memory: 1 << 34).run(
        progress: progress)
    }
    #expect(error?.message.contains(blocked.name) ?? false, "\(error?.message ?? "")")
    #expect(error?.message.contains("tried 3 times") ?? false, "\(error?.message ?? "")")
    #expect(notes.withLock(\.self).contains { $0.contains("trying again") })
    for part in plan.parts where part.chunk == 0 { _ = try parts.file(part, of: plan) }
  }

  @Test func `an interruption is told as one, and nothing is tried again`() throws {
    let folder = try TemporaryFolder()
    let plan = try LadderPlan(try source(folder), Self.ladder)
    for count in 1...8 {
      let parts = try PartFolder(path: folder.path + "/\(count)")
      let notes = Mutex<[String]>([])
      let asked = Mutex(0)
      var progress = LadderProgress()
      progress.noted = { note in notes.withLock { $0.append(note) } }
      progress.isCancelled = {
        asked.withLock {
          $0 += 1
          return $0 > count * 3
        }
      }
      let error = #expect(throws: EncodingError.self) {
        _ = try LocalExecutor(plan, folder: parts, threads: 1, memory: 1 << 34)
          .run(progress: progress)
      }
      #expect(error?.code == .cancelled)
      #expect(notes.withLock(\.self) == [])
    }
  }
}
