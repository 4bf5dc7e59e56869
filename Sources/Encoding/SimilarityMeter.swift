import FFmpeg
import FileIO
import Ladder
package import MediaCore
import NIOCore

/// Measures how near the rungs of a ladder come to the source: structural similarity of luma at the
/// size of the largest rung, which smaller ones are brought to as a player does on a large screen.
///
/// A group of pictures in the middle of each chunk is looked at, and some pictures of it.
package struct SimilarityMeter {
  private let plan: LadderPlan
  private let folder: PartFolder
  private let threads: Int
  /// Pictures of a chunk that are compared, at most.
  private static let picturesPerChunk = 8
  /// Chunks that are looked at, at most, evenly over the title.
  private static let chunkLimit = 40

  package init(_ plan: LadderPlan, folder: PartFolder, threads: Int) {
    self.plan = plan
    self.folder = folder
    self.threads = threads
  }

  /// - Parameter progress: counted in chunks that are looked at.
  /// - Returns: of each rung; `nil` where none of its pictures could be compared.
  package func measure(progress: WorkProgress) throws -> [Double?] {
    var sums = plan.rungs.map { _ in (total: 0.0, count: 0) }
    let step = max(1, plan.chunks.count / Self.chunkLimit)
    let chunks = plan.chunks.filter { $0.number % step == 0 }
    progress.total(Int64(chunks.count))
    for chunk in chunks {
      for set in sets {
        if progress.isCancelled() { throw EncodingError(.cancelled, "interrupted") }
        try measure(set, in: chunk, &sums)
      }
      progress.moved(1)
    }
    return sums.map { $0.count > 0 ? $0.total / Double($0.count) : nil }
  }

  /// Rungs that have one range and depth, and so one reference.
  private var sets: [[Int]] {
    let grouped = Dictionary(grouping: plan.rungs.indices) {
      "\(plan.rungs[$0].range.rawValue) \(plan.rungs[$0].bitDepth)"
    }
    return grouped.sorted { $0.key < $1.key }.map(\.value)
  }

  private func measure(
    _ set: [Int], in chunk: LadderPlan.Chunk,
    _ sums: inout [(total: Double, count: Int)]
  ) throws {
    guard
      let largest = set.max(by: {
        plan.rungs[$0].width * plan.rungs[$0].height < plan.rungs[$1].width * plan.rungs[$1].height
      })
    else { return }
    let middle = chunk.keys.count / 2
    let group =
      chunk.keys[middle]..<(middle + 1 < chunk.keys.count ? chunk.keys[middle + 1] : chunk.end)
    let wanted = wanted(in: group)
    var comparison = PictureComparison(
      try plan.rungs[largest].encoding(keyFrameDistance: 1), rate: plan.frameRate,
      isInterlaced: plan.timeline.isInterlaced)
    let references = try references(wanted, &comparison)
    for rung in set {
      guard let part = plan.parts.first(where: { $0.rung == rung && $0.chunk == chunk.number })
      else { continue }
      try compare(part, in: group, references, &comparison, &sums[rung])
    }
  }

  /// Pictures that every rung has.
  private func wanted(in group: Range<Int>) -> [Int] {
    let step = GroupGrid.commonStep(of: plan.rungs.map(\.divisor))
    let all = Array(stride(from: group.lowerBound, to: group.upperBound, by: step))
    let stride = max(1, (all.count + Self.picturesPerChunk - 1) / Self.picturesPerChunk)
    return all.enumerated().filter { $0.offset % stride == 0 }.map(\.element)
  }

  private func references(
    _ wanted: [Int], _ comparison: inout PictureComparison
  ) throws -> [Int: Picture] {
    guard let first = wanted.first, let last = wanted.last else { return [:] }
    let grid = plan.grid
    let ticks = Int64(plan.start.timescale.ticksPerSecond)
    let pictures = try FilePictures(
      path: plan.source.path, name: plan.source.path, track: plan.source.stream,
      from: first == 0 ? nil : plan.time(first))
    var found: [Int: Picture] = [:]
    let places = Set(wanted)
    while let next = try pictures.next() {
      let number = Int(grid.index(next.time.value, first: plan.start.value, ticks: ticks))
      if number > last + 1 { break }
      guard number >= first else { continue }
      for (number, made) in try comparison.reference(next.picture, number: Int64(number))
      where places.contains(Int(number)) {
        found[Int(number)] = made
      }
    }
    for (number, made) in try comparison.finish() where places.contains(Int(number)) {
      found[Int(number)] = made
    }
    return found
  }

  private func compare(
    _ part: LadderPlan.Part, in group: Range<Int>, _ references: [Int: Picture],
    _ comparison: inout PictureComparison, _ sum: inout (total: Double, count: Int)
  ) throws {
    let file = try folder.file(part, of: plan)
    let bytes = try ReadableFile(path: file.path)
    var decoder = try PictureDecoder.open(file.coding, name: part.name, threads: threads)
    var offset = PartFile.payloadOffset
    let frames = plan.grid.frameDuration
    func take(_ decoder: inout PictureDecoder) throws {
      while let picture = try decoder.receivePicture() {
        guard let number = picture.presentationTime.map({ Int($0 / frames) }),
          let reference = references[number]
        else { continue }
        sum.total += try comparison.similarity(of: picture, to: reference)
        sum.count += 1
      }
    }
    for index in 0..<file.samples.count {
      let size = Int(file.samples.sizes[index])
      let time = file.samples.presentationTimes[index]
      if group.contains(Int(time / frames)) {
        let payload = try bytes.read(at: offset, count: size)
        try decoder.send(payload, presentationTime: time)
        try take(&decoder)
      }
      offset += Int64(size)
    }
    try decoder.finish()
    try take(&decoder)
  }
}
