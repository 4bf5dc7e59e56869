import Codecs
import FFmpeg
import MediaCore
import NIOCore
import Synchronization

/// Takes what comes out of one rung over one chunk into its part.
///
/// Where the encoder is held to no buffer model, all is kept beside the part until each group of pictures is below the cap.
final class RungSink: Sendable {
  private struct State {
    var writer: PartWriter
    /// `nil` where samples go into the part as they come.
    var spool: GroupSpool?
    /// What groups were encoded at after they broke the cap, by their indices.
    var tries: [Int: [GroupCap.Try]] = [:]
    var coding: SampleCoding?
    var count = 0
    var keys: [Int] = []
  }

  /// Index of the rung.
  let rung: Int
  let chunk: LadderPlan.Chunk
  private let state: Mutex<State>
  private let part: LadderPlan.Part
  private let plan: LadderPlan
  private let progress: LadderProgress
  private let rungGrid: FrameGrid
  private let cap: GroupCap

  init(
    _ part: LadderPlan.Part, plan: LadderPlan, folder: PartFolder, progress: LadderProgress
  ) throws {
    let planned = plan.rungs[part.rung]
    guard let rate = planned.rate, let grid = FrameGrid(rate: rate) else {
      throw EncodingError(.damaged, "the plan has no usable rate of \(part.name)")
    }
    rungGrid = grid
    rung = part.rung
    chunk = plan.chunks[part.chunk]
    cap = GroupCap(planned)
    self.part = part
    self.plan = plan
    self.progress = progress
    state = Mutex(
      State(
        writer: try PartWriter(path: folder.path(part)),
        spool: planned.usesBufferModel ? nil : try GroupSpool(folder: folder.path)))
  }

  var name: String { part.name }

  func take(_ output: RungOutput) throws {
    try state.withLock { state in
      switch output {
      case .track(let track): state.coding = track.coding
      case .sample(let sample): try take(sample, &state)
      }
    }
  }

  private func take(_ sample: LiveSample, _ state: inout State) throws {
    let isKey = sample.randomAccess == .closed
    if isKey { state.keys.append(number(sample)) }
    if state.spool == nil {
      try state.writer.append(sample.payload, time: time(sample), isKey: isKey)
    } else {
      try state.spool?.append(sample.payload, time: time(sample), isKey: isKey)
    }
    state.count += 1
    progress.encoded(part.rung, sample.payload.readableBytes)
  }

  /// The rung counts its own pictures; the plan those of the source.
  private func number(_ sample: LiveSample) -> Int {
    Int(sample.presentationTime / rungGrid.frameDuration) * plan.rungs[part.rung].divisor
  }

  private func time(_ sample: LiveSample) -> Int64 {
    Int64(number(sample)) * plan.grid.frameDuration
  }

  // MARK: Caps

  /// What the encoder of H.264 has found.
  var level: UInt8? {
    guard case .h264(let record) = state.withLock({ $0.coding }) else { return nil }
    return try? AVCDecoderConfigurationRecord(parsing: record).levelIndication
  }

  /// Whether a group costs more than it may.
  func isOverCap(_ index: Int) -> Bool { state.withLock { isOverCap(index, $0) } }

  private func isOverCap(_ index: Int, _ state: State) -> Bool {
    guard let groups = state.spool?.groups, groups.indices.contains(index) else { return false }
    return Int64(groups[index].byteCount) * 8
      > cap.bits(pictureCount: groups[index].samples.count)
  }

  /// What a group is to be encoded at next; `nil` if it is below the cap, or was tried often enough.
  func nextTry(_ index: Int) -> RungEncoding.RateControl? {
    state.withLock { state in
      guard isOverCap(index, state), let group = state.spool?.groups[index] else { return nil }
      let tries = state.tries[index] ?? []
      guard tries.count < GroupCap.tries else { return nil }
      return cap.rate(after: tries, pictureCount: group.samples.count)
    }
  }

  /// Takes another encoding of a group if it costs less.
  /// - Throws: `.failed` if it does not go with the others.
  func take(
    _ group: EncodedGroup, inPlaceOf index: Int, encodedAt rate: RungEncoding.RateControl
  ) throws {
    try state.withLock { state in
      guard let old = state.spool?.groups[index] else { return }
      let samples = group.samples
      guard group.coding == state.coding, samples.count == old.samples.count,
        samples.map({ $0.randomAccess == .closed }) == old.samples.map(\.isKey)
      else {
        throw EncodingError(
          .failed, "\(part.name): what was encoded again does not go with what was there")
      }
      var asked: Int64 = 0
      if case .average(let bits) = rate { asked = bits }
      state.tries[index, default: []].append(
        GroupCap.Try(asked: asked, bits: Int64(group.byteCount) * 8))
      guard group.byteCount < old.byteCount else { return }
      try state.spool?.replace(
        index, by: samples.map { ($0.payload, time($0), $0.randomAccess == .closed) })
    }
  }

  // MARK: End

  /// Gives the part its name, if it is what was planned.
  func finish() throws {
    try state.withLock { state in
      let divisor = plan.rungs[part.rung].divisor
      let wanted = chunk.keys.map { ($0 + divisor - 1) / divisor * divisor }
      guard let record = Self.record(state.coding), state.count == plan.pictureCount(part) else {
        throw EncodingError(
          .failed,
          "\(part.name): the encoder gave \(state.count) pictures of \(plan.pictureCount(part))")
      }
      guard state.keys.sorted() == wanted else {
        throw EncodingError(
          .failed,
          "\(part.name): key frames lie at pictures \(state.keys.sorted().prefix(8)), not at "
            + "\(wanted.prefix(8)) as planned")
      }
      let writer = state.writer
      try state.spool?.forEach { try writer.append($0, time: $1.time, isKey: $1.isKey) }
      try writer.finish(record: record)
    }
  }

  private static func record(_ coding: SampleCoding?) -> ByteBuffer? {
    switch coding {
    case .h264(let record), .hevc(let record), .av1(let record): record
    default: nil
    }
  }
}
