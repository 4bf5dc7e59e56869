import CMAF
import FFmpeg
import FileIO
import Foundation
import Library
import Live
import LiveEncoding
import MediaCore
import Origin
import Packaging
import Publishing
import Synchronization

/// Reads a live source, on threads of its own, and publishes what comes of it.
final class LiveFeed: Sendable {
  /// Decides what is encoded.
  struct Encoding: Sendable {
    var choose: @Sendable (PictureStudy) throws -> LiveLadder
    /// Also what this machine is too slow for.
    var isForced: Bool
  }

  /// Of one kind.
  private let addresses: [LiveAddress]
  private let loops: Bool
  private let options: LiveOptions
  /// `nil`: pictures stay as they are.
  private let encoding: Encoding?
  private let store: LiveStore
  /// Gets all that viewers here get.
  private let publisher: LivePublisher?
  private let begin: @Sendable (LiveSegmenter) throws -> LiveTitle
  private let state = Mutex<Running?>(nil)
  private let hasStopped = Atomic(false)
  private let isAbandoned = Atomic(false)
  private let firstFailure = Mutex<CommandFailure?>(nil)

  private struct Running {
    var segmenter: LiveSegmenter
    var title: LiveTitle
    /// The disk has failed, and viewers see what is in memory.
    var hasFailed = false
    /// Splice messages that nobody can read.
    var unreadCount = 0
  }

  /// Seconds until a source that ended is called again.
  private static let pause = 1.0

  /// - Parameters:
  ///   - encoding: of one source's pictures; `nil`: they stay as they are.
  ///   - store: keeps what is published, before it is.
  ///   - publisher: gets all that viewers here get.
  ///   - begin: makes the title that viewers see, once it is known what the source holds.
  init(
    _ addresses: [LiveAddress], loops: Bool, options: LiveOptions, encoding: Encoding? = nil,
    store: LiveStore,
    publisher: LivePublisher? = nil, begin: @escaping @Sendable (LiveSegmenter) throws -> LiveTitle
  ) {
    self.addresses = addresses
    self.loops = loops
    self.options = options
    self.encoding = encoding
    self.store = store
    self.publisher = publisher
    self.begin = begin
  }

  func stop() { hasStopped.store(true, ordering: .relaxed) }

  /// Stops, and what has come is to be left as it is.
  func abandon() {
    isAbandoned.store(true, ordering: .relaxed)
    stop()
  }

  var isStopped: Bool { hasStopped.load(ordering: .relaxed) }

  /// What went wrong after the title began.
  var failure: CommandFailure? { firstFailure.withLock { $0 } }

  /// Says what went wrong, and remembers the first.
  func failed(_ error: any Error) {
    let failure = CommandFailure(error)
    firstFailure.withLock { $0 = $0 ?? failure }
    Terminal.say(failure.message)
  }

  /// Runs until the source ends or `stop` is called; blocks.
  /// - Returns: the title, which has ended; `nil` if it was stopped before one began, or all is to be left as it is.
  /// - Throws: if no title can begin.
  func run() throws -> LiveTitle? {
    let input = makeSource()
    guard let title = try start(input) else { return nil }
    do {
      defer {
        state.withLock { $0 = nil }
        title.end()
        publisher?.end()
      }
      if isOfFiles { try pace(input) } else { try follow(input) }
      tellOfSplices()
    } catch {
      failed(error)
    }
    return isAbandoned.load(ordering: .relaxed) ? nil : title
  }

  /// Says how many splice messages were left out.
  private func tellOfSplices() {
    guard
      let (unread, lost) = state.withLock({
        $0.map { ($0.unreadCount, $0.segmenter.lostSpliceCount) }
      })
    else { return }
    if unread > 1 {
      Terminal.say("note: \(unread) splice messages were encrypted or damaged and were left out")
    }
    if lost > 0 {
      Terminal.say(
        "note: \(lost) splice messages had times far from those of the pictures and were left out")
    }
  }

  private var isOfFiles: Bool { addresses.allSatisfy { $0.kind == .file } }

  private func makeSource() -> any LiveSource {
    let isCancelled: @Sendable () -> Bool = { [self] in isStopped }
    let clock: @Sendable () -> Int64 = { WallClock.nanoseconds() }
    if let encoding {
      var wanted = LadderInput.Options(addresses[0])
      wanted.loops = loops
      wanted.epoch = options.alignsEpoch ? nil : options.epoch
      wanted.isForced = encoding.isForced
      return LadderInput(
        wanted, clock: clock, isCancelled: isCancelled, choose: encoding.choose,
        say: { Terminal.say($0) })
    }
    guard isOfFiles || addresses.count == 1 else {
      return LiveStreams(addresses, clock: clock, isStopped: isCancelled)
    }
    let inputs = addresses.map {
      LiveInput($0, loops: loops, clock: clock, isCancelled: isCancelled)
    }
    return inputs.count == 1 ? inputs[0] : LiveFiles(inputs)
  }

  /// Looks at the source, and begins the title.
  /// - Returns: `nil` if it was stopped before.
  private func start(_ input: any LiveSource) throws -> LiveTitle? {
    var options = options
    if encoding != nil {
      // Encoded pictures have their place since 1970.
      options.isTimedSinceEpoch = true
      options.joins = false
    }
    var analysis = LiveAnalysis(options, name: input.name)
    while let event = try input.next() {
      analysis.expectsPictures = input.expectsPictures
      if try analysis.take(event) { break }
    }
    guard !isStopped else { return nil }
    if let plan = (input as? LadderInput)?.plan { analysis.options.part = plan.part }
    var segmenter = try analysis.segmenter()
    if let plan = (input as? LadderInput)?.plan { segmenter.patience = plan.patience }
    let title = try begin(segmenter)
    state.withLock { $0 = Running(segmenter: segmenter, title: title) }
    return title
  }

  /// Publishes a file's chunks when they are due.
  private func pace(_ input: any LiveSource) throws {
    guard var running = state.withLock({ $0 }) else { return }
    var pacer = LivePacer(running.segmenter)
    pacer.add(try running.segmenter.publications { try $0.begin() })
    var isOver = false
    while !isStopped, !isOver || pacer.next != nil {
      var hasWaited = false
      // What is due does not wait for what has to be encoded first.
      while !isOver, !hasWaited, !pacer.isAhead(of: WallClock.nanoseconds()),
        pacer.next.map({ $0 > WallClock.nanoseconds() }) ?? true
      {
        switch try next(of: input, within: Self.wait(pacer)) {
        case .event(let event):
          pacer.add(try running.segmenter.publications { try $0.take(event) })
        case .nothing: hasWaited = true
        case .over:
          isOver = true
          pacer.add(running.segmenter.publications { $0.finish() })
        }
      }
      try publish(pacer.due(at: WallClock.nanoseconds()), &running)
      if !hasWaited, pacer.next != nil { Thread.sleep(forTimeInterval: Self.wait(pacer)) }
    }
    state.withLock { [running] in $0 = running }
  }

  /// Seconds until something is due, at most a tenth.
  private static func wait(_ pacer: LivePacer) -> Double {
    guard let next = pacer.next else { return 0.1 }
    return max(0, min(Double(next - WallClock.nanoseconds()) / 1e9, 0.1))
  }

  /// What is encoded may take its time; a file is there.
  private func next(
    of input: any LiveSource, within seconds: Double
  ) throws -> LadderInput.Arrival {
    if let input = input as? LadderInput { return try input.next(within: seconds) }
    return try input.next().map { .event($0) } ?? .over
  }

  /// Publishes a stream's chunks as they come, and what is to be said while none come.
  private func follow(_ input: any LiveSource) throws {
    let timer = Thread { [self] in
      while !isStopped, state.withLock({ $0 != nil }) {
        Thread.sleep(forTimeInterval: 0.1)
        try? take { $0.advance(to: WallClock.nanoseconds()) }
      }
    }
    timer.start()
    try take { try $0.begin() }
    while !isStopped {
      do {
        while let event = try input.next() { try take { try $0.take(event) } }
      } catch let error as FFmpegError {
        if error.code != .cancelled { Terminal.say(error.message) }
      }
      // Several are called again by themselves.
      guard let input = input as? LiveInput, addresses[0].comesBack, !isStopped else { break }
      Thread.sleep(forTimeInterval: Self.pause)
      input.reopen()
    }
    try take { $0.finish() }
  }

  private func take(_ body: (inout LiveSegmenter) throws -> [LiveSegmenter.Output]) throws {
    try state.withLock { state in
      guard var running = state else { return }
      defer { state = running }
      try publish(try running.segmenter.publications(body), &running)
    }
  }

  /// Keeps what has come, and lets viewers see it.
  private func publish(_ publications: [LivePublication], _ running: inout Running) throws {
    for publication in publications {
      switch publication {
      case .chunk(let output):
        let track = running.segmenter.tracks[output.track].name
        keep(&running) { try store.append(output.chunk, track: track) }
        try running.title.publish(output.chunk, track: track)
        publisher?.publish(output.chunk, track: track)
      case .splice(let splice): publish(splice, &running)
      }
    }
  }

  private func publish(_ message: Splice, _ running: inout Running) {
    switch running.title.judge(message) {
    case .known: break
    case .unreadable:
      running.unreadCount += 1
      guard running.unreadCount == 1 else { return }
      Terminal.say(
        "note: a splice message of \(addresses[0].name) is encrypted or damaged; such messages are left out"
      )
    case .new:
      let splice = running.title.place(message)
      keep(&running) { try store.append(splice) }
      running.title.publish(splice)
    }
  }

  private func keep(_ running: inout Running, _ body: () throws -> Void) {
    guard !running.hasFailed else { return }
    do {
      try body()
    } catch {
      running.hasFailed = true
      Terminal.say("\(CommandFailure(error).message); viewers cannot go back any more")
    }
  }
}
