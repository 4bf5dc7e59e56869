import Ingest
import Logging
import NIOCore
import NIOHTTP1

/// One upload on its way from a request to its publishing point. Belongs to one event loop.
final class Publication {
  private let point: PublishingPoint
  private let path: String
  /// `nil`: the body is all that there is.
  private let range: ContentRange?
  private let desk: PublishingDesk
  private let loop: LoopContext
  /// `nil`: there is none, and it is over.
  private let body: IncomingBody?
  private let answer: (Response) -> Void
  private var upload: Int?
  private var isOver = false
  /// Nobody waits for an answer any more.
  private var isUnheard = false

  /// - Parameters:
  ///   - range: which bytes the body has of what is sent to the path; `nil`: all.
  ///   - answer: called once, unless it is ended before.
  init(
    _ path: String, _ range: ContentRange? = nil, to point: PublishingPoint, desk: PublishingDesk,
    body: IncomingBody?,
    loop: LoopContext, answer: @escaping (Response) -> Void
  ) {
    (self.point, self.path, self.desk, self.loop) = (point, path, desk, loop)
    (self.range, self.body, self.answer) = (range, body, answer)
  }

  func begin() {
    run { [point, path, range] in
      try point.open(path, range)
    } then: { [self] upload in
      // Nobody may be there any more.
      guard !isOver else { return close(upload) }
      self.upload = upload
      read()
    }
  }

  /// Nobody waits for an answer any more. What has come whole is published all the same: encoders leave without
  /// waiting.
  func end() {
    isUnheard = true
    if !isOver, body?.isWhole ?? true { return }
    isOver = true
    body?.abandon()
    if let upload { close(upload) }
    upload = nil
  }

  private func read() {
    guard let body else { return finish() }
    body.read { [self] piece in
      guard !isOver, let upload else { return }
      switch piece {
      case .bytes(let bytes):
        run { [point] in
          try point.take(bytes, of: upload)
        } then: { [self] in
          wait($0)
        }
      case .end: finish()
      case .cutOff:
        refuse(Rejection(.badRequest, "The body ends before its end, or is not framed as HTTP is."))
      }
    }
  }

  /// Reads on when it is time to: a publisher that is ahead of the clock is slowed.
  private func wait(_ lead: Int64) {
    guard !isOver else { return }
    guard lead > 0 else { return read() }
    loop.eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(lead)) { self.wait(0) }
  }

  private func finish() {
    guard let upload else { return }
    self.upload = nil
    run { [point] in
      try point.close(upload, isWhole: true)
    } then: { [self] isUsed in
      done(
        isUsed
          ? Response(.ok, text: "Taken.\n", cacheControl: .none)
          : Response(.accepted, text: "Taken, and of no use here.\n", cacheControl: .none))
    }
  }

  private func close(_ upload: Int) {
    run { [point] in
      _ = try? point.close(upload, isWhole: false)
    } then: { _ in
    }
  }

  private func run<Value: Sendable>(
    _ work: @escaping @Sendable () throws -> Value, then: @escaping (Value) -> Void
  ) {
    desk.run(on: loop.eventLoop, work).assumeIsolated().whenComplete { [self] result in
      switch result {
      case .success(let value): then(value)
      case .failure(let error as IngestError): refuse(Rejection(error))
      case .failure(is CancellationError): refuse(.stopping)
      case .failure(let error):
        loop.logger.error(
          "an upload cannot be published",
          metadata: ["title": "\(point.name)", "error": "\(error)"])
        refuse(
          Rejection(.internalServerError, "It cannot be published; the origin's log says why."))
      }
    }
  }

  private func refuse(_ rejection: Rejection) { done(Response(rejection)) }

  private func done(_ response: Response) {
    guard !isOver else { return }
    isOver = true
    body?.abandon()
    if !isUnheard { answer(response) }
  }
}

extension Rejection {
  /// By DASH-IF Live Media Ingest §5.4.
  init(_ error: IngestError) {
    let status: HTTPResponseStatus =
      switch error.code {
      case .unsupported: .unsupportedMediaType
      case .noHeader: .preconditionFailed
      case .tooLarge: .payloadTooLarge
      case .busy: .serviceUnavailable
      case .malformed: .badRequest
      }
    self.init(status, error.message.last == "." ? error.message : "\(error.message).")
  }
}
