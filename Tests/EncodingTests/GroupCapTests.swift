import Codecs
import FFmpeg
import FileIO
import Ladder
import MediaCore
import NIOCore
import TestSupport
import Testing

@testable import Encoding

@Suite struct `Caps of encoders that are held to no buffer model` {
  /// One rung of 24 pictures a second: 80 kbit/s and 40 kbit at once, 120 kbit/s at most.
  private static func ladder(_ codec: VideoCodec) -> Ladder {
    let rates = BitRates(average: 80_000, peak: 100_000)
    var presets = EncoderPresets()
    presets[.av1] = "12"
    return Ladder(
      "caps",
      [
        Rung(
          width: 128, height: 72, h264: codec == .h264 ? rates : nil, hevc: nil,
          av1: codec == .av1 ? rates : nil)
      ], codecs: [codec], presets: presets, segment: MediaTime(1, Timescale(literal: 1)),
      groupsPerChunk: 4)
  }

  @Test(arguments: [(VideoCodec.av1, 63), (.h264, 51)])
  func `rates fall by what was too much, and end at the coarsest quality`(
    codec: VideoCodec, coarsest: Int
  ) throws {
    var rung = try #require(
      try Self.ladder(codec).suited(
        to: SourcePicture(
          width: 128, height: 72, frameRate: Rational(literal: 24, 1), colour: .bt709)
      ).rungs.first)
    rung.rates = BitRates(average: 80_000, peak: 100_000)
    let cap = GroupCap(PlannedRung(rung, segment: 1))
    #expect(cap.bits(pictureCount: 24) == 100_000)
    #expect(cap.bits(pictureCount: 12) == 60_000)
    var tries: [GroupCap.Try] = []
    var asked: [Int64] = []
    while case .average(let bits) = cap.rate(after: tries, pictureCount: 24) {
      asked.append(bits)
      tries.append(GroupCap.Try(asked: bits, bits: 200_000))
    }
    #expect(asked == [80_000, 36_000, 16_200, 7290])
    #expect(tries.count == GroupCap.tries - 1)
    #expect(cap.rate(after: tries, pictureCount: 24) == .constantQuality(coarsest))
  }

  @Test(
    .enabled(if: SourceFiles.canMake), arguments: [(VideoCodec.av1, 1), (.h264, 2)])
  func `no group costs more than its cap, with the same bytes each time`(
    codec: VideoCodec, threads: Int
  ) throws {
    let folder = try TemporaryFolder()
    let source = "\(folder.path)/hard.mkv"
    // Plain pictures, in which a rate control saves, then noise.
    try SourceFiles.run([
      "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "color=gray:s=128x72:r=24:d=3", "-f",
      "lavfi", "-i", "testsrc2=s=128x72:r=24:d=3", "-filter_complex",
      "[1]noise=alls=60:allf=t:all_seed=7[n];[0][n]concat=n=2", "-c:v", "ffv1", "-pix_fmt",
      "yuv420p", source,
    ])
    var plan = try LadderPlan(source, Self.ladder(codec))
    plan.rungs[0].threadCount = threads
    #expect(!plan.rungs[0].usesBufferModel)
    var digests: [[ByteBuffer]] = []
    for run in ["one", "two"] {
      let parts = try PartFolder(path: "\(folder.path)/\(run)")
      let outcome = try LocalExecutor(plan, folder: parts, threads: 1, memory: 1 << 30).run(
        progress: LadderProgress())
      #expect(outcome.madeCount == 2)
      let cap = GroupCap(plan.rungs[0])
      digests.append(
        try plan.parts.map { part in
          let file = try parts.file(part, of: plan)
          #expect(file.samples.count == plan.pictureCount(part))
          for bits in Self.groups(file.samples) { #expect(bits <= cap.bits(pictureCount: 24)) }
          let bytes = try ReadableFile(path: file.path)
          return try bytes.read(at: 0, count: Int(bytes.byteCount))
        })
    }
    #expect(digests[0] == digests[1])
  }

  /// Bits of each group of pictures.
  private static func groups(_ samples: SampleTable) -> [Int64] {
    zip(samples.sizes, samples.randomAccess).reduce(into: []) { groups, sample in
      if sample.1 == RandomAccess.closed.rawValue { groups.append(0) }
      groups[groups.count - 1] += Int64(sample.0) * 8
    }
  }
}
