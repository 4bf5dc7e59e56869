import Codecs
import Encoding
import FFmpeg
import FileIO
import Foundation
import Ladder
import Library
import MediaCore
import NIOCore
import Packaging

/// A source, and the plan of its ladder.
struct LadderWork {
  let plan: LadderPlan
  /// What is done to the picture, a sentence each.
  let notes: [String]
  let ladder: Ladder
  private let base: any MediaSource

  /// Reads a source's packets, and decides.
  /// - Parameters:
  ///   - base: the source with its sound as it is packaged.
  ///   - path: where its bytes are.
  init(
    _ base: any MediaSource, path: String, ladder: Ladder, segment: MediaTime?,
    isPerTitle: Bool, isCancelled: () -> Bool
  ) throws {
    var ladder = ladder
    if let segment { ladder.segment = segment }
    guard let scan = try PictureScan.scan(path: path, name: base.name, isCancelled: isCancelled)
    else {
      throw CommandFailure(
        .data, "\(base.name) has no picture that could be encoded; --ladder is for pictures")
    }
    let timeline = try PictureTimeline(scan, place: base.name)
    var picture = SourcePicture(scan, timeline: timeline)
    // The pictures' own word goes before the container's.
    if let first = try FilePictures(path: path, name: base.name, track: scan.stream).next() {
      picture.take(first)
    }
    var suited: SuitedLadder
    do {
      suited = try ladder.suited(to: picture)
    } catch {
      throw CommandFailure(.data, "\(base.name): \(error.message)")
    }
    let encoders = try suited.rungs.map(\.codec).reduce(into: [String: String]()) {
      $0[$1.rawValue] = try RungEncoding.identity($1)
    }
    var digest = OriginDigest()
    try digest.add(file: path)
    let file = try ReadableFile(path: path)
    let source = LadderPlan.Source(
      path: Folder.resolved(path) ?? path, byteCount: file.byteCount, digest: digest.take(),
      stream: scan.stream)
    let forced = base.splices.map { timeline.picture(at: $0.time) }
    let names = encoders.sorted { $0.key < $1.key }.map(\.value).joined(separator: " ")
    if isPerTitle {
      let trial = LadderPlan(
        source: source, ladder: suited.tried, timeline: timeline, forced: forced, encoders: names)
      let averages = TitleHull.averages(
        suited.tried.rungs.map(\.rates.average),
        curves: try Self.shown("Trying", unit: .pictures, TitleTrial(trial).curves))
      suited = suited.refined(averages)
    }
    plan = LadderPlan(
      source: source, ladder: suited, timeline: timeline, forced: forced, encoders: names)
    var notes = suited.notes
    if scan.damagedCount > 0 {
      notes.append("\(scan.damagedCount) of its packets are marked as damaged")
    }
    let others = base.tracks.filter { $0.kind == .video }.count - 1
    if others > 0 { notes.append("\(others) further pictures of it are left out") }
    self.notes = notes.map { "\(base.name): \($0)" }
    self.ladder = ladder
    self.base = base
  }

  /// Makes the parts that are not there yet.
  /// - Returns: the source whose picture is the rungs.
  func encode(
    in folder: PartFolder, threads: Int, by arguments: LadderArguments
  ) throws -> LadderSource {
    let lock = try FolderLock(folder.path)
    defer { withExtendedLifetime(lock) {} }
    try folder.removeAbandoned()
    try folder.keep(plan)
    let outcome: LocalExecutor.Outcome
    switch arguments.executor {
    case .local:
      let line = LadderLine(plan, missing: try folder.missing(plan.parts, of: plan))
      defer { line.finish() }
      outcome = try LocalExecutor(
        plan, folder: folder, threads: threads, memory: arguments.memory.byteCount
      ).run(progress: line.progress)
    case .slurm:
      outcome = try SlurmRun(
        plan: plan, folder: folder, threads: threads, options: arguments.sbatch
      ).run()
    }
    var notes = notes
    if outcome.keptCount > 0 {
      notes.append("\(outcome.keptCount) of \(plan.parts.count) parts were there already")
    }
    if outcome.damagedCount > 0 {
      notes.append(
        "\(base.name): \(outcome.damagedCount) packets or pictures are damaged; the decoder filled "
          + "in what was lost")
    }
    return try LadderSource(base, plan: plan, parts: folder, notes: notes)
  }

  /// How near the rungs come to the source.
  func similarity(in folder: PartFolder, threads: Int) throws -> [Double?] {
    let meter = SimilarityMeter(plan, folder: folder, threads: threads)
    return try Self.shown("Comparing", unit: .parts, meter.measure)
  }

  private static func shown<Value>(
    _ label: String, unit: ProgressLine.Unit, _ work: (WorkProgress) throws -> Value
  ) rethrows -> Value {
    let line = ProgressLine(label, unit: unit)
    defer { line.finish() }
    return try work(line.progress)
  }

  // MARK: Plan

  /// A table of the rungs, and how the work is cut.
  var planText: String {
    let rows = plan.rungs.enumerated().map { index, rung -> [String] in
      let count = plan.parts.filter { $0.rung == index }.count
      return [
        rung.name, "\(rung.width)x\(rung.height)", "\(Self.rate(rung.rate)) fps",
        "\(rung.bitDepth) bit \(rung.range.rawValue)", Self.megabits(rung.averageBitsPerSecond),
        "peak \(Self.megabits(rung.peakBitsPerSecond))", rung.preset, "\(count) parts",
      ]
    }
    let chunks = plan.chunks.map { chunk in
      let start = Double(chunk.start) / plan.frameRate.value
      let end = Double(chunk.end) / plan.frameRate.value
      return [
        "chunk \(chunk.number)", String(format: "%.3f to %.3f s", start, end),
        "\(chunk.end - chunk.start) pictures", "\(chunk.keys.count) key frames",
      ]
    }
    let head =
      "\(plan.source.path): \(plan.timeline.pictureCount) pictures at "
      + "\(Self.rate(plan.frameRate)) fps, ladder \(plan.ladder)"
    return ([head] + (TextTable.lines(rows) + TextTable.lines(chunks)).map { "  " + $0 })
      .joined(separator: "\n")
  }

  static func megabits(_ bitsPerSecond: Int64) -> String {
    String(format: "%.2f Mb/s", Double(bitsPerSecond) / 1e6)
  }

  static func rate(_ rate: Rational?) -> String {
    rate.map { String(format: "%.5g", $0.value) } ?? ""
  }
}
