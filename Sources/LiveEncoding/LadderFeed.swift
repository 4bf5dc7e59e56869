import Dispatch
import FFmpeg
import MediaCore
import Packaging
import Synchronization

/// Reads and decodes a source, and gives its pictures to the encoders: the work of one thread.
final class LadderFeed {
  private enum Phase {
    /// The first pictures are looked at.
    case learning([LivePicture])
    /// Whether the machine holds the ladder is tried elsewhere; what a stream brings meanwhile is lost.
    case trying(LiveLadder, Attempt)
    case running(Run)
  }

  /// A trial on a thread of its own.
  private final class Attempt: Sendable {
    let verdict = Mutex<Result<LadderTrial.Verdict, any Error>?>(nil)
  }

  private struct Run {
    var encoder: LadderEncoder
    /// The picture that stands last.
    var last: Picture?
    /// A file is played by the clock, and not as if it had begun long ago.
    var isRealTime: Bool?
    var lag = StreamLag()
    var thinning: PictureThinning
    var damagedCount = 0
  }

  private let options: LadderInput.Options
  private let clock: @Sendable () -> Int64
  private let isCancelled: @Sendable () -> Bool
  private let choose: @Sendable (PictureStudy) throws -> LiveLadder
  private let say: @Sendable (String) -> Void
  private let begin: @Sendable (LiveLadder) -> Void
  private let emit: @Sendable (LiveEvent) -> Void
  private let wait: @Sendable () -> Void
  private var phase = Phase.learning([])
  private var plan: LiveLadder?
  /// From the first picture of a stream on, whenever encoding begins.
  private var timeline: LadderTimeline?
  private var timescales: [Int: Timescale] = [:]
  private var input: LiveInput?
  /// It has been said since encoding fell behind.
  private var saysSegmentsAreLeftOut = false
  /// Sound that came before the first picture of its run.
  private var waiting: [LiveSample] = []

  /// Sound's numbers come behind those of the rungs.
  private static let soundBase = 1000
  /// Seconds behind, so many that nobody can mean it to be live.
  private static let longAgo = 10.0

  init(
    _ options: LadderInput.Options, clock: @escaping @Sendable () -> Int64,
    isCancelled: @escaping @Sendable () -> Bool,
    choose: @escaping @Sendable (PictureStudy) throws -> LiveLadder,
    say: @escaping @Sendable (String) -> Void, begin: @escaping @Sendable (LiveLadder) -> Void,
    emit: @escaping @Sendable (LiveEvent) -> Void,
    wait: @escaping @Sendable () -> Void
  ) {
    self.options = options
    self.clock = clock
    self.isCancelled = isCancelled
    self.choose = choose
    self.say = say
    self.begin = begin
    self.emit = emit
    self.wait = wait
  }

  private var isFile: Bool { options.address.kind == .file }

  /// - Parameter pause: seconds until a source that ended is called again.
  func run(pause: Double) throws {
    if isFile { try study() }
    let input = LiveInput(
      options.address, loops: options.loops, clock: clock, isCancelled: isCancelled,
      pictures: { [unowned self] in try take($0) })
    self.input = input
    var isFinished = false
    defer { if case .running(let run) = phase, !isFinished { run.encoder.cancel() } }
    while !isCancelled() {
      do {
        while let event = try input.next() {
          try take(event)
          wait()
        }
      } catch let error as FFmpegError where options.address.comesBack {
        if error.code != .cancelled { say(error.message) }
      }
      guard options.address.comesBack, !isCancelled() else { break }
      _ = DispatchSemaphore(value: 0).wait(timeout: .now() + pause)
      input.reopen()
    }
    guard !isCancelled() else { return }
    guard case .running(let run) = phase else {
      throw LiveEncodingError(
        .noPictures, "\(options.address.name): no picture came in, so there is nothing to encode")
    }
    isFinished = true
    try run.encoder.finish()
    if run.damagedCount > 0 {
      say("\(run.damagedCount) damaged pictures of \(options.address.name) were filled in")
    }
  }

  // MARK: Learning

  /// Looks at a file's first pictures before it is played, so that none of them is lost.
  private func study() throws {
    var enough = false
    let input = LiveInput(
      options.address, clock: clock, isCancelled: { [isCancelled] in isCancelled() },
      pictures: { [unowned self] picture in
        guard !enough else { return }
        enough = try learn(picture)
        if enough { throw Enough() }
      })
    do {
      while try input.next() != nil {}
      if !enough, case .learning(let pictures) = phase { try decide(pictures) }
    } catch is Enough {}
    guard let plan, case .trying(_, let attempt) = phase else {
      throw LiveEncodingError(
        .noPictures, "\(options.address.name) has no picture, so there is nothing to encode")
    }
    while attempt.verdict.withLock({ $0 == nil }), !isCancelled() {
      _ = DispatchSemaphore(value: 0).wait(timeout: .now() + 0.02)
    }
    try conclude(plan, attempt)
  }

  private struct Enough: Error {}

  /// - Returns: whether enough is known.
  private func learn(_ picture: LivePicture) throws -> Bool {
    guard case .learning(var pictures) = phase else { return true }
    pictures.append(picture)
    phase = .learning(pictures)
    let span =
      pictures.first.map { picture.time.seconds - $0.time.seconds } ?? 0
    guard pictures.count >= PictureStudy.pictureCount || span >= PictureStudy.seconds else {
      return false
    }
    try decide(pictures)
    return true
  }

  /// Chooses the ladder, and lets the machine try it.
  private func decide(_ pictures: [LivePicture]) throws {
    guard let study = PictureStudy(pictures) else { return }
    let plan = try choose(study)
    self.plan = plan
    if !isFile {
      timeline = LadderTimeline(
        grid: plan.sourceGrid, keyDistance: plan.keyDistance / plan.fieldCount,
        epoch: options.epoch, alignsEpoch: false)
      for picture in pictures { _ = place(picture) }
    }
    let attempt = Attempt()
    phase = .trying(plan, attempt)
    guard !options.isForced else {
      attempt.verdict.withLock {
        $0 = .success(LadderTrial.Verdict(speed: .infinity, held: plan.rungs))
      }
      return
    }
    let trial = LadderTrial(
      pictures.map(\.picture), rate: plan.grid.rate,
      keyFrames: KeyFrames(every: plan.keyDistance), fieldCount: plan.fieldCount,
      decoding: pictures.map(\.decoding).reduce(.zero, +) / pictures.count,
      isCancelled: isCancelled)
    DispatchQueue(label: "dougong.ladder.trial").async {
      let verdict = Result { try trial.verdict(on: plan.rungs) }
      attempt.verdict.withLock { $0 = verdict }
    }
  }

  /// Begins to encode, if the machine holds the ladder.
  private func conclude(_ plan: LiveLadder, _ attempt: Attempt) throws {
    guard let verdict = try attempt.verdict.withLock({ $0 })?.get() else { return }
    guard verdict.isEnough else { throw plan.objection(verdict) }
    begin(plan)
    for note in plan.notes { say("note: \(note)") }
    let encoder = try LadderEncoder(
      plan.rungs, rate: plan.grid.rate, keyFrames: KeyFrames(every: plan.keyDistance),
      doublesFields: plan.fieldCount > 1, note: { [say] in say("note: \($0)") }
    ) { [emit] rung, output in emit(plan.event(output, rung: rung)) }
    if isFile {
      timeline = LadderTimeline(
        grid: plan.sourceGrid, keyDistance: plan.keyDistance / plan.fieldCount,
        epoch: options.epoch ?? clock(), alignsEpoch: options.epoch == nil)
    }
    timeline?.begin()
    phase = .running(
      Run(
        encoder: encoder,
        thinning: PictureThinning(
          keyDistance: plan.keyDistance, partLength: plan.partLength, step: plan.step,
          span: plan.fieldCount, calm: plan.calm)))
  }

  // MARK: Pictures and sound

  private func take(_ picture: LivePicture) throws {
    if case .learning = phase {
      guard try learn(picture) else { return }
    } else if case .trying(let plan, let attempt) = phase {
      try conclude(plan, attempt)
      if case .trying = phase { _ = place(picture) }
    }
    guard case .running(var run) = phase else { return }
    defer { phase = .running(run) }
    wait()
    let wasPlacing = timeline?.isPlacing ?? false
    let placing = place(picture)
    if !wasPlacing { release(&run) }
    if picture.picture.isDamaged { run.damagedCount += 1 }
    guard case .pictures(let numbers) = placing else { return }
    for number in numbers {
      let shown = number == numbers.upperBound ? picture.picture : run.last ?? picture.picture
      try show(shown, at: number, picture.arrival, &run)
    }
    run.last = picture.picture
  }

  private func place(_ picture: LivePicture) -> LadderTimeline.Placing {
    timeline?.place(picture.time, duration: picture.duration, arrival: picture.arrival) ?? .left
  }

  /// Encodes a picture, unless there is no time for it.
  private func show(
    _ picture: Picture, at number: Int64, _ arrival: Int64?, _ run: inout Run
  ) throws {
    let fieldCount = plan?.fieldCount ?? 1
    let before = run.thinning
    let decision = run.thinning.take(number * fieldCount, late: lateness(number, &run))
    tell(from: before, run.thinning)
    guard case .shown(let length) = decision else { return }
    do {
      try run.encoder.push(
        picture, number: number * fieldCount, arrival: arrival, length: length)
    } catch let error as FFmpegError {
      // Calling the source again would not help.
      throw LiveEncodingError(.failed, error.message)
    }
  }

  /// Says what viewers will notice, and lets the decoder leave out what is not needed.
  private func tell(from before: PictureThinning, _ now: PictureThinning) {
    if now.pace != before.pace {
      switch now.pace {
      case .none: input?.haste = .keyFrames
      case .every(let distance):
        input?.haste = distance == plan?.partLength ? .references : .none
      case .all: input?.haste = .none
      }
      if now.pace == .none, !saysSegmentsAreLeftOut {
        saysSegmentsAreLeftOut = true
        say(
          "encoding is more than \(PictureThinning.longLateness) s behind: segments are left out, of all "
            + "rungs; --max-height makes a smaller ladder")
      }
    }
    guard now.isBehind != before.isBehind else { return }
    saysSegmentsAreLeftOut = false
    say(
      now.isBehind
        ? "encoding has fallen behind: pictures are left out of all rungs, down to one in each part, until "
          + "it has caught up; --max-height makes a smaller ladder"
        : "encoding has caught up; pictures that were left out: \(now.leftCount)")
  }

  /// Seconds by which encoding is behind: of a file behind the clock.
  private func lateness(_ number: Int64, _ run: inout Run) -> Double {
    let (now, time) = (clock(), timeline?.time(of: number) ?? 0)
    guard isFile else {
      let waited = input.map { (ContinuousClock.now - $0.lastWait) / .seconds(1) } ?? 0
      return run.lag.seconds(at: now, waited: waited, time: time)
    }
    let late = Double(now - time) / 1e9
    let isRealTime = run.isRealTime ?? (late < Self.longAgo)
    run.isRealTime = isRealTime
    return isRealTime ? late : 0
  }

  private func take(_ event: LiveEvent) throws {
    switch event {
    case .track(var track):
      timescales[track.number] = track.timescale
      track.number += Self.soundBase
      emit(.track(track))
    case .restart(let isSeamless):
      timeline?.restart(isSeamless: isSeamless)
    case .splice(let splice):
      guard case .running = phase, let placed = timeline?.place(splice) else { return }
      emit(.splice(placed))
    case .sample(let sample):
      guard case .running(var run) = phase else { return }
      defer { phase = .running(run) }
      guard timeline?.isPlacing ?? false else {
        waiting.append(sample)
        if waiting.count > LiveLimits.waitingSampleCount { waiting.removeFirst() }
        return
      }
      try place(sample, &run)
    }
  }

  /// Gives out the sound that has waited for the first picture.
  private func release(_ run: inout Run) {
    let samples = waiting
    waiting = []
    for sample in samples { try? place(sample, &run) }
  }

  private func place(_ sample: LiveSample, _ run: inout Run) throws {
    guard let timescale = timescales[sample.track],
      var placed = timeline?.place(sample, timescale)
    else { return }
    placed.track += Self.soundBase
    emit(.sample(placed))
    guard let last = run.last,
      let numbers = timeline?.hold(until: MediaTime(placed.presentationTime, timescale))
    else { return }
    for number in numbers { try show(last, at: number, sample.arrival, &run) }
  }
}
