import FileIO
package import Foundation
package import Ladder
import Library
package import MediaCore
import NIOCore
import Packaging

/// All work on a ladder, cut into parts: one rung over one chunk of time each.
///
///     let plan = try LadderPlan(source: source, ladder: suited, timeline: timeline, forced: splices)
///     plan.parts.count  // rungs × chunks
///
/// Encoders start anew at every chunk, and chunks follow from the ladder and the source alone: a part
/// has the same bytes whoever makes it, when, and beside what others. Its name is a digest of all that
/// its bytes depend on, so that a part which is there need not be made again.
package struct LadderPlan: Codable, Hashable, Sendable {
  package struct Source: Codable, Hashable, Sendable {
    package var path: String
    package var byteCount: Int64
    /// Of the whole content: sixteen hexadecimal digits.
    package var digest: String
    /// Number of the picture's stream.
    package var stream: Int

    package init(path: String, byteCount: Int64, digest: String, stream: Int) {
      self.path = path
      self.byteCount = byteCount
      self.digest = digest
      self.stream = stream
    }
  }

  package struct Timeline: Codable, Hashable, Sendable {
    /// Of the first picture, in ticks of the source.
    package var start: Int64
    package var ticksPerSecond: UInt32
    /// Of the grid that all pictures are laid on, as `24000/1001`.
    package var frameRate: String
    package var pictureCount: Int
    package var isInterlaced: Bool
  }

  package struct Chunk: Codable, Hashable, Sendable {
    package var number: Int
    /// Pictures of the grid: the first, and the first behind it.
    package var start: Int
    package var end: Int
    /// Pictures that are key frames.
    package var keys: [Int]
  }

  package struct Part: Codable, Hashable, Sendable {
    /// Rung, chunk, digest: `720p-h264.0003.91c7a1e0d4b25f68`.
    package var name: String
    /// Index among the rungs.
    package var rung: Int
    /// Index among the chunks.
    package var chunk: Int
  }

  /// Version of the form.
  package var dougongLadderPlan = Self.form
  package var ladder: String
  package var source: Source
  package var timeline: Timeline
  package var rungs: [PlannedRung]
  package var chunks: [Chunk]
  /// Chunk by chunk, the rungs of each in order.
  package var parts: [Part]

  package static let form = 2
  /// What encoders make of the same input has changed if this has.
  private static let generation = "4"
  /// Bytes of a plan that is read, at most.
  package static let byteCount: Int64 = 64 << 20

  /// - Parameters:
  ///   - forced: pictures of the grid that are key frames too.
  ///   - encoders: which encoders of which version make the parts.
  package init(
    source: Source, ladder: SuitedLadder, timeline: PictureTimeline, forced: [Int],
    encoders: String
  ) {
    self.ladder = ladder.ladder.name
    self.source = source
    let grid = GroupGrid(
      segment: ladder.ladder.segment, frameRate: timeline.grid.rate,
      divisors: ladder.rungs.map(\.divisor))
    let seconds = Double(grid.groupLength) / timeline.grid.rate.value
    self.timeline = Timeline(
      start: timeline.start.value, ticksPerSecond: timeline.start.timescale.ticksPerSecond,
      frameRate: timeline.grid.rate.description, pictureCount: timeline.count,
      isInterlaced: ladder.source.isInterlaced)
    rungs = ladder.rungs.map { PlannedRung($0, segment: seconds) }
    chunks = grid.chunks(
      count: timeline.count, forced: forced,
      groupsPerChunk: ladder.ladder.groupsPerChunk(of: timeline.count / grid.groupLength)
    ).map {
      Chunk(
        number: $0.number, start: $0.pictures.lowerBound, end: $0.pictures.upperBound,
        keys: $0.keys)
    }
    parts = []
    for chunk in chunks.indices {
      for rung in rungs.indices {
        parts.append(
          Part(name: name(rung: rung, chunk: chunk, encoders: encoders), rung: rung, chunk: chunk))
      }
    }
  }

  /// Digest of all that the bytes of a part depend on: the source, the place in time, the rung, and
  /// the sizes of all rungs, since smaller pictures are made of larger ones.
  private func name(rung: Int, chunk: Int, encoders: String) -> String {
    var digest = OriginDigest()
    digest.add(Self.generation)
    digest.add(encoders)
    digest.add(source.digest)
    digest.add("\(source.stream)")
    digest.add(Self.text(timeline))
    digest.add(Self.text(chunks[chunk]))
    digest.add(Self.text(rungs[rung]))
    for other in rungs {
      digest.add(
        "\(other.width)x\(other.height)/\(other.divisor) \(other.bitDepth) \(other.range.rawValue)")
    }
    let number = String(chunk)
    let padding = String(repeating: "0", count: max(0, 4 - number.count))
    return "\(rungs[rung].name).\(padding)\(number).\(digest.take())"
  }

  private static func text(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Numbers, words and lists of them: nothing that JSON cannot hold.
    return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  // MARK: At rest

  /// The plan as JSON, keys sorted.
  package var json: Data {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      return try encoder.encode(self)
    }
  }

  /// - Throws: `.damaged` for what is no plan of this form.
  package init(reading path: String) throws {
    let file = try ReadableFile(path: path)
    guard file.byteCount <= Self.byteCount else {
      throw EncodingError(
        .limit, "\(path) has \(file.byteCount) bytes; plans of at most \(Self.byteCount) are read")
    }
    let bytes = try file.read(at: 0, count: Int(file.byteCount))
    guard
      let plan = try? JSONDecoder().decode(Self.self, from: Data(bytes.readableBytesView)),
      plan.dougongLadderPlan == Self.form, plan.isWhole
    else {
      throw EncodingError(
        .damaged,
        "\(path) is no plan of a ladder, or one of another version; make one with: dougong package "
          + "SOURCE --ladder NAME --plan --json")
    }
    self = plan
  }

  /// What a plan that somebody else wrote must be, so that nothing in it can trap.
  private var isWhole: Bool {
    guard (1...LadderLimits.rungCount).contains(rungs.count), !chunks.isEmpty,
      Timescale(timeline.ticksPerSecond) != nil, timeline.start.magnitude < 1 << 60,
      let rate = Rational(text: timeline.frameRate), FrameGrid(rate: rate) != nil,
      (1...SampleTable.maximumCount).contains(timeline.pictureCount), source.stream >= 0
    else { return false }
    let sides = 2...LadderLimits.sideLength.upperBound
    return parts.allSatisfy { rungs.indices ~= $0.rung && chunks.indices ~= $0.chunk }
      && chunks.allSatisfy {
        $0.start >= 0 && $0.start < $0.end && $0.end <= timeline.pictureCount
          && $0.keys.first == $0.start && $0.keys.allSatisfy((($0.start)..<($0.end)).contains)
      }
      && rungs.allSatisfy {
        $0.videoCodec != nil && $0.rate != nil && sides ~= $0.width && sides ~= $0.height
          && (1...LadderLimits.frameRate.upperBound).contains($0.divisor)
          && $0.averageBitsPerSecond > 0 && $0.bufferBits > 0 && $0.bufferBitsPerSecond > 0
          && $0.threadCounts ~= $0.threadCount
      }
  }

  /// Pictures of one rung in a chunk: those whose number is a multiple of its divisor.
  package func pictureCount(_ part: Part) -> Int {
    let (chunk, divisor) = (chunks[part.chunk], rungs[part.rung].divisor)
    return (chunk.end + divisor - 1) / divisor - (chunk.start + divisor - 1) / divisor
  }

  package var frameRate: Rational { Rational(text: timeline.frameRate) ?? .one }

  /// The grid that pictures lie on.
  package var grid: FrameGrid {
    guard let grid = FrameGrid(rate: frameRate) else {
      preconditionFailure("a plan is made, or read, only with a rate that makes a grid")
    }
    return grid
  }

  /// Time of the first picture on the source's timeline.
  package var start: MediaTime {
    MediaTime(timeline.start, Timescale(timeline.ticksPerSecond) ?? Timescale(literal: 1))
  }

  /// Time of a picture of the grid on the source's timeline.
  func time(_ picture: Int) -> MediaTime {
    MediaTime(
      start.value
        + rescale(Int64(picture) * grid.frameDuration, from: grid.timescale, to: start.timescale),
      start.timescale)
  }
}
