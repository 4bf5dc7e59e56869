import Choices
import Episodes
import FileIO
import Logging
import MediaCore
import NIOCore
import NIOHTTP1
import Presentation
import Synchronization

/// Opens screenings, keeps them going, and takes their votes. A screening that another origin opened, or
/// this one before it was started again, is found in the ledger when somebody asks for it.
final class ScreeningDesk: Sendable {
  /// `nil`: this origin keeps no choices, and so shows none that are made together.
  private let ledger: ScreeningLedger?
  private let titles: any TitleSource
  private let threads: BlockingThreads
  private let logger: Logger
  private let limits: Limits
  /// Milliseconds since 1970.
  private let clock: @Sendable () -> Int64
  private let screenings = Mutex<[Form: ScreeningTitle]>([:])
  /// One line in the log for a ledger that cannot be asked.
  private let hasComplained = Mutex(false)

  init(
    ledger: ScreeningLedger?, titles: any TitleSource, threads: BlockingThreads, logger: Logger,
    limits: Limits, clock: @escaping @Sendable () -> Int64
  ) {
    self.ledger = ledger
    self.titles = titles
    self.threads = threads
    self.logger = logger
    self.limits = limits
    self.clock = clock
  }

  /// A screening as its scenes are, or on one timeline.
  private struct Form: Hashable {
    var id: String
    var isContinuous = false
  }

  /// A screening that is known here.
  func screening(_ id: String, of title: String, isContinuous: Bool = false) -> ScreeningTitle? {
    screenings.withLock { $0[Form(id: id, isContinuous: isContinuous)] }
      .flatMap { $0.screening.episode == title ? $0 : nil }
  }

  /// Whether documents of a screening have given way to those of the path that it took.
  func isGone(_ screening: ScreeningTitle) -> Bool { screening.isGone(now: clock()) }

  // MARK: As time goes on

  /// Publishes in all screenings what is due. Called every `Limits.screeningInterval`; does not block.
  func advance() {
    let all = screenings.withLock { Array($0.values) }
    guard !all.isEmpty else { return }
    let now = clock()
    for screening in all { advance(screening, now: now) }
  }

  private func advance(_ screening: ScreeningTitle, now: Int64) {
    let due = screening.advance(now: now)
    let id = screening.screening.id
    if screening.leaves() {
      threads.submit { [self] isActive in
        guard isActive else { return }
        do { try ledger?.end(id, now: now) } catch { complain(error) }
      }
    }
    guard let open = due else { return }
    threads.submit { [self] isActive in
      guard isActive, let ledger else { return }
      do {
        let draw = UInt64(id, radix: 16) ?? 0
        let verdict = try ledger.decide(id, ordinal: open.ordinal) { counts, viewerCount in
          ScreeningVerdict(
            counting: counts, of: open.decision, viewerCount: viewerCount,
            draw: draw &+ UInt64(open.ordinal))
        }
        screening.decided(open.ordinal, verdict, now: clock())
        advance(screening, now: clock())
      } catch {
        screening.undecided(now: clock())
        complain(error)
      }
    }
  }

  // MARK: Finding

  /// - Returns: `nil` if there is no such screening; fails with a `Rejection`.
  func find(
    _ id: String, of title: String, isContinuous: Bool, on eventLoop: any EventLoop
  ) -> EventLoopFuture<ScreeningTitle?> {
    run(on: eventLoop) { [self] in try load(id, of: title, isContinuous: isContinuous) }
  }

  private func load(
    _ id: String, of title: String, isContinuous: Bool = false
  ) throws -> ScreeningTitle? {
    if let known = screening(id, of: title, isContinuous: isContinuous) { return known }
    let (ledger, episode) = try open(title)
    guard let (stored, verdicts) = try ledger.screening(id), stored.episode == title else {
      return nil
    }
    guard stored.version == episode.version else {
      throw Rejection(.gone, "The episode has changed since this screening was opened.")
    }
    let made = try ScreeningTitle(
      stored, of: episode, isContinuous: isContinuous, verdicts: verdicts)
    return try keep(made)
  }

  /// - Returns: the one that is known, if another thread was faster.
  private func keep(_ made: ScreeningTitle) throws(Rejection) -> ScreeningTitle {
    let now = clock()
    let form = Form(id: made.screening.id, isContinuous: made.isContinuous)
    advance(made, now: now)
    let kept = screenings.withLock { screenings -> ScreeningTitle? in
      if let known = screenings[form] { return known }
      if screenings.count >= limits.screeningCount {
        for (form, screening) in screenings where screening.isGone(now: now) {
          screenings[form] = nil
        }
      }
      guard screenings.count < limits.screeningCount else { return nil }
      screenings[form] = made
      return made
    }
    guard let kept else { throw Rejection.tooManyScreenings }
    return kept
  }

  /// An episode, and the ledger of its screenings. Blocks.
  private func open(_ title: String) throws -> (ScreeningLedger, PresentedEpisode) {
    guard let ledger else { throw Rejection.notFound("This origin keeps no choices.") }
    guard let episode = try titles.title(named: title)?.episode?.presented else {
      throw Rejection.notFound("There is no episode of this name.")
    }
    return (ledger, episode)
  }

  // MARK: Opening

  func open(
    _ body: ByteBuffer, title: String, on eventLoop: any EventLoop
  ) -> EventLoopFuture<Response> {
    answer(on: eventLoop) { [self] in
      let (ledger, episode) = try open(title)
      let now = clock()
      let opening = try ScreeningOpening(Array(body.readableBytesView), now: now)
      let screening = Screening(
        id: Screening.drawID(), episode: title, version: episode.version,
        start: opening.start ?? now)
      let made = try ScreeningTitle(screening, of: episode)
      guard try ledger.open(screening, now: now) else { throw Rejection.tooManyScreenings }
      _ = try keep(made)
      return Response(opened: made)
    }
  }

  // MARK: Votes

  func vote(
    _ body: ByteBuffer, for id: String, of title: String, by client: ClientIdentity,
    on eventLoop: any EventLoop
  ) -> EventLoopFuture<Response> {
    let promise = eventLoop.makePromise(of: Response.self)
    threads.submit { [self] isActive in
      guard isActive else { return promise.succeed(Response(.stopping)) }
      do {
        guard let ledger else { throw Rejection.notFound("This origin keeps no choices.") }
        let vote = try ScreeningVote(Array(body.readableBytesView))
        guard let screening = try load(id, of: title) else { throw Rejection.noScreening }
        switch screening.ballot(vote, now: clock()) {
        case .early: promise.succeed(.earlyVote)
        case .counting: promise.succeed(.countingVotes)
        case .decided(let verdict): promise.succeed(Response(vote, late: verdict))
        case .impossible(let sentence): throw Rejection.notFound(sentence)
        case .open(let ordinal):
          guard screening.admits(client, ordinal: ordinal, limit: limits.clientVoteCount) else {
            throw Rejection.tooManyVotes
          }
          try ledger.vote(vote, in: id, ordinal: ordinal) { [self] result in
            switch result {
            case .success(.counted): promise.succeed(Response(counted: vote))
            case .success(.late(let verdict)): promise.succeed(Response(vote, late: verdict))
            case .failure(let error): promise.succeed(refusal(error))
            }
          }
        }
      } catch {
        promise.succeed(refusal(error))
      }
    }
    return promise.futureResult
  }

  /// How the votes stand, and what was decided.
  func tally(
    of id: String, _ title: String, for request: Request, on eventLoop: any EventLoop
  ) -> EventLoopFuture<Response> {
    answer(on: eventLoop) { [self] in
      guard let ledger else { throw Rejection.notFound("This origin keeps no choices.") }
      guard let screening = try load(id, of: title) else { throw Rejection.noScreening }
      let now = clock()
      let document: ServedDocument
      if let known = screening.tally(now: now) {
        document = known
      } else {
        let course = screening.course
        let counts = try course.openChoice.map { try ledger.counts(id, ordinal: $0.ordinal) }
        document = ServedDocument(
          text: ScreeningTally(screening.screening, course, counts: counts ?? [:]).json)
        screening.keep(tally: document, until: now + 1000)
      }
      var made = Representation(
        contentType: "application/json", cacheControl: .none, document: document)
      made.lifetime = CachePolicy.Lifetime(fresh: 1)
      return Response(made, to: request)
    }
  }

  // MARK: Answers

  private func run<Value: Sendable>(
    on eventLoop: any EventLoop, _ body: @escaping @Sendable () throws -> Value
  ) -> EventLoopFuture<Value> {
    let promise = eventLoop.makePromise(of: Value.self)
    threads.submit { isActive in
      guard isActive else { return promise.fail(Rejection.stopping) }
      promise.completeWith(Result { try body() })
    }
    return promise.futureResult
  }

  private func answer(
    on eventLoop: any EventLoop, _ body: @escaping @Sendable () throws -> Response
  ) -> EventLoopFuture<Response> {
    run(on: eventLoop, body).flatMapErrorThrowing { [self] in refusal($0) }
  }

  func refusal(_ error: any Error) -> Response {
    switch error {
    case let error as Rejection: return Response(error)
    case let error as ChoicesError:
      switch error.code {
      case .malformed: return Response(Rejection(.badRequest, error.message))
      case .full: return Response(.tooManyReports)
      case .storage:
        complain(error)
        return Response(.choicesFailed)
      }
    default:
      logger.error("screening cannot be shown", metadata: ["error": "\(error)"])
      return Response(.sourceFailed)
    }
  }

  private func complain(_ error: any Error) {
    let isFirst = hasComplained.withLock { hasComplained in
      defer { hasComplained = true }
      return !hasComplained
    }
    logger.log(
      level: isFirst ? .error : .debug, "screenings cannot be kept", metadata: ["error": "\(error)"]
    )
  }
}

extension Rejection {
  static let noScreening = Rejection.notFound("There is no such screening, or no longer.")
  static let tooManyScreenings = Rejection(
    .serviceUnavailable, "Too many screenings are under way; open one when another has ended.")
  static let tooManyVotes = Rejection(
    .tooManyRequests, "Too many votes on this choice came from this network.")
}

extension Response {
  private static func json(_ status: HTTPResponseStatus, _ text: String) -> Response {
    Response(status, text: text + "\n", contentType: "application/json", cacheControl: .none)
  }

  static let earlyVote = json(.conflict, #"{"state": "early"}"#)
  static let countingVotes = json(.gone, #"{"state": "counting"}"#)

  init(counted vote: ScreeningVote) {
    self = Self.json(.ok, #"{"state": "counted", "option": \#(vote.option)}"#)
  }

  init(_ vote: ScreeningVote, late verdict: ScreeningVerdict) {
    self = Self.json(
      .gone,
      #"{"state": "decided", "option": \#(verdict.option), "by": "#
        + (verdict.isVoted ? #""vote"}"# : #""default"}"#))
  }

  /// 201, with where it is.
  init(opened title: ScreeningTitle) {
    let url = title.screening.url
    let start = UTCTime(millisecondsSince1970: title.screening.start)
    self = Self.json(
      .created,
      #"{"id": "\#(title.screening.id)", "start": "\#(start)", "hls": "\#(url)main.m3u8", "#
        + #""dash": "\#(url)manifest.mpd", "votes": "\#(url)votes", "#
        + #""player": "/play/\#(Pages.percentEncoded(title.screening.episode))?screening="#
        + title.screening.id + "\"}")
    extraFields.append(Field(.location, url + "main.m3u8"))
  }

  /// The document of the path that a screening took, in the place of its own.
  init(instead title: ScreeningTitle, document: String) {
    let folder = "/\(Pages.percentEncoded(title.screening.episode))/paths/"
    self.init(.found, text: "", cacheControl: .document)
    extraFields.append(
      Field(
        .location,
        folder + "\(title.screening.version)/\(title.path)/"
          + (title.isContinuous ? "\(EpisodeDocuments.continuousName)/" : "") + document))
  }
}
