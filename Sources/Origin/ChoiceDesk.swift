import Choices
import FileIO
import Logging
import NIOCore
import NIOHTTP1
import Presentation
import Synchronization

/// Takes reports in and says what was chosen. Nothing here runs on an event loop but the last step.
final class ChoiceDesk: Sendable {
  /// `nil`: this origin keeps no choices.
  private let ledger: ChoiceLedger?
  private let titles: any TitleSource
  private let threads: BlockingThreads
  private let logger: Logger
  /// One line in the log for a ledger that cannot be written, not one for each report.
  private let hasComplained = Mutex(false)

  init(
    ledger: ChoiceLedger?, titles: any TitleSource, threads: BlockingThreads, logger: Logger
  ) {
    self.ledger = ledger
    self.titles = titles
    self.threads = threads
    self.logger = logger
  }

  // MARK: Reports

  func record(
    _ body: ByteBuffer, title: String, on eventLoop: any EventLoop
  ) -> EventLoopFuture<Response> {
    let promise = eventLoop.makePromise(of: Response.self)
    threads.submit { [self] isActive in
      guard isActive else { return promise.succeed(Response(.stopping)) }
      do {
        let (ledger, episode) = try open(title)
        let report = try ChoiceReport(Array(body.readableBytesView))
        try ledger.submit(report, of: episode) { [self] answer in
          switch answer {
          case .success(let answer): promise.succeed(Response(answer))
          case .failure(let error): promise.succeed(refusal(error))
          }
        }
      } catch {
        promise.succeed(refusal(error))
      }
    }
    return promise.futureResult
  }

  /// An episode, and the ledger that has its choices. Blocks.
  private func open(_ title: String) throws -> (ChoiceLedger, ChoiceEpisode) {
    guard let ledger else { throw Rejection.notFound("This origin keeps no choices.") }
    guard let episode = try titles.title(named: title)?.episode?.presented else {
      throw Rejection.notFound("There is no episode of this name.")
    }
    return (
      ledger, ChoiceEpisode(name: title, version: episode.version, graph: episode.graph)
    )
  }

  private func refusal(_ error: any Error) -> Response {
    var response: Response
    switch error {
    case let error as Rejection: response = Response(error)
    case let error as ChoicesError:
      switch error.code {
      case .malformed: response = Response(Rejection(.badRequest, error.message))
      case .full: response = Response(.tooManyReports)
      case .storage:
        let isFirst = hasComplained.withLock { hasComplained in
          defer { hasComplained = true }
          return !hasComplained
        }
        logger.log(
          level: isFirst ? .error : .debug, "choices cannot be kept",
          metadata: ["error": "\(error)"])
        response = Response(.choicesFailed)
      }
    default:
      logger.error("episode cannot be read", metadata: ["error": "\(error)"])
      response = Response(.sourceFailed)
    }
    response.cacheControl = .none
    return response
  }

  // MARK: Statistics

  func statistics(
    _ query: StatisticsQuery, title: String, for request: Request, on eventLoop: any EventLoop
  ) -> EventLoopFuture<Response> {
    let promise = eventLoop.makePromise(of: Response.self)
    threads.submit { [self] isActive in
      guard isActive else { return promise.succeed(Response(.stopping)) }
      do {
        let (ledger, episode) = try open(title)
        ledger.statistics(of: episode, version: query.version) { [self] result in
          switch result {
          case .success(.some(let made)):
            promise.succeed(Response(Representation(made, query.format), to: request))
          case .success(.none):
            promise.succeed(Response(.notFound("Nothing is known of this version.")))
          case .failure(let error): promise.succeed(refusal(error))
          }
        }
      } catch {
        promise.succeed(refusal(error))
      }
    }
    return promise.futureResult
  }
}

extension Response {
  init(_ answer: ChoiceAnswer) {
    self.init(
      HTTPResponseStatus(statusCode: answer.status), text: answer.body,
      contentType: answer.isJSON ? "application/json" : "text/plain; charset=utf-8",
      cacheControl: .none)
  }

  /// The answer to the CORS preflight of a report.
  static let reportOptions: Response = {
    var response = Response.options
    response.extraFields = [
      Field(.allow, Rejection.reportMethods), Field(.allowMethods, Rejection.reportMethods),
      Field(.allowHeaders, "Content-Type"), Field(.maxAge, "86400"),
    ]
    return response
  }()
}
