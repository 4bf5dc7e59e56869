import CMAF
import FileIO
package import Ingest
import Library
import Logging
package import MediaCore
import NIOCore
package import Packaging
import Synchronization

/// Where publishers send one live title to, and from where it goes on: to the store, and to those who watch.
/// Everything here may block.
package final class PublishingPoint: Sendable {
  package let name: String
  private let window: MediaTime
  private let keeping: PublishedKeeping
  private let titles: LiveTitles
  private let store: LiveStore
  /// Nobody else writes there.
  private let lock: FolderLock
  /// Nanoseconds since 1970.
  private let now: @Sendable () -> Int64
  private let state: Mutex<State>

  private struct State {
    var ingest: LiveIngest
    var title: LiveTitle?
    var ended: EndedTitle?
    /// The disk has failed, and viewers see what is in memory.
    var failure: String?
    /// Bytes of uploads that have been looked at.
    var takenByteCount = 0
  }

  /// - Parameters:
  ///   - name: of the title, and of the first part of what is uploaded.
  ///   - window: how far back viewers may go.
  ///   - keeping: what stays of the title when its publisher says that it ends.
  ///   - titles: where the title is served.
  ///   - transport: reads objects of transport streams; `nil`: they are refused.
  ///   - now: nanoseconds since 1970.
  /// - Throws: `FileIOError` if the store cannot be had.
  package init(
    name: String, options: LiveOptions, window: MediaTime, keeping: PublishedKeeping = .dvr,
    library: String, titles: LiveTitles, transport: TransportReading? = nil,
    now: @escaping @Sendable () -> Int64
  ) throws {
    self.name = name
    self.window = window
    self.keeping = keeping
    self.titles = titles
    self.now = now
    store = try LiveStore(library: library, name: name, window: window)
    lock = try FolderLock(store.folder)
    var options = options
    options.lastSegment = try store.lastSegment()
    state = Mutex(State(ingest: LiveIngest(options, name: name, transport: transport)))
  }

  /// - Parameter range: which bytes of what is sent to the path come; `nil`: all.
  /// - Returns: the upload's number here.
  func open(_ path: String, _ range: ContentRange? = nil) throws -> Int {
    try state.withLock { state in
      try checkTakesMedia(state)
      return try state.ingest.open(
        path, piece: range.map { IngestPiece(offset: $0.first, isLast: $0.isLast) })
    }
  }

  /// - Returns: nanoseconds until more of the upload should be read: it is ahead of the clock.
  func take(_ bytes: ByteBuffer, of upload: Int) throws -> Int64 {
    try state.withLock { state in
      try checkTakesMedia(state)
      defer { state.takenByteCount += bytes.readableBytes }
      try publish(try state.ingest.take(bytes, of: upload, now: now()), &state)
      return state.ingest.lead(of: upload, now: now()) - IngestLimits.lead
    }
  }

  /// - Returns: whether use was made of the upload.
  func close(_ upload: Int, isWhole: Bool) throws -> Bool {
    try state.withLock { state in
      let (isUsed, steps) = try state.ingest.close(upload, isWhole: isWhole, now: now())
      try publish(steps, &state)
      return isUsed
    }
  }

  /// While a title is made of what was kept, nothing may come between.
  private func checkTakesMedia(_ state: State) throws(IngestError) {
    guard state.ended?.isBeingKept != true else {
      throw IngestError(
        .busy, "\(name) has ended and is being kept as a title; what follows is taken after that")
    }
  }

  /// Time has passed.
  /// - Returns: whether `keep` is to be called.
  func advance() throws -> Bool {
    try state.withLock { state in
      try publish(state.ingest.advance(to: now()), &state)
      switch state.ended?.step(now: now()) {
      case .keep: return true
      case .rest: titles.rest(name)
      case .remove:
        state.ended = nil
        titles.remove(name)
        try store.clear()
      case nil: break
      }
      return false
    }
  }

  /// Makes a title at rest of the one that has ended; blocks for as long as that takes.
  /// - Throws: what `PublishedKeeping` does; the title can then be gone back to as before.
  func keep(isCancelled: @escaping @Sendable () -> Bool) throws {
    guard case .vod(let record) = keeping else { return }
    do {
      try record(store, isCancelled)
      state.withLock { $0.ended?.isNowKept() }
    } catch {
      state.withLock { $0.ended = nil }
      throw error
    }
  }

  var takenByteCount: Int { state.withLock { $0.takenByteCount } }

  /// Why the disk does not keep what comes; told once.
  func takeFailure() -> String? {
    state.withLock { state in
      defer { if state.failure != nil { state.failure = "" } }
      return state.failure?.isEmpty ?? true ? nil : state.failure
    }
  }

  private func publish(_ steps: [LiveIngest.Step], _ state: inout State) throws {
    for step in steps {
      switch step {
      case .begin(let tracks, let cells):
        state.ended = nil
        state.title = try begin(tracks, cells)
      case .chunk(let chunk, let track):
        if state.failure == nil {
          do {
            try store.append(chunk, track: track)
          } catch {
            state.failure = "\(error)"
          }
        }
        try state.title?.publish(chunk, track: track)
      case .end:
        state.title?.end()
        state.ended = state.title.flatMap { ended($0.description) }
        state.title = nil
        state.failure = nil
        state.ingest.options.lastSegment = try store.lastSegment()
      }
    }
  }

  private func ended(_ description: LiveTitleDescription) -> EndedTitle? {
    switch keeping {
    case .dvr: nil
    case .vod: EndedTitle(description, now: now(), isKept: false)
    case .none: EndedTitle(description, now: now(), isKept: true)
    }
  }

  /// Makes the title that viewers see, with what it had before.
  private func begin(
    _ tracks: [LiveTitleDescription.Track], _ cells: SegmentCells
  ) throws -> LiveTitle {
    let description = LiveTitleDescription(
      name: name, tracks: tracks, segmentDuration: cells.duration,
      targetDuration: cells.targetDuration, window: window)
    let past = try store.past(of: tracks, targetDuration: description.targetDuration)
    let title = try LiveTitle(
      description, archive: store, discontinuitySequence: past.discontinuitySequence)
    for (track, chunk) in past.chunks { try title.publish(chunk, track: track) }
    titles.begin(title)
    return title
  }
}
