import NIOCore
import NIOPosix

/// The titles that one event loop has asked its source for lately, so that most requests need
/// no thread but the loop's own.
final class RememberedTitles {
  private struct Remembered {
    var title: ServedTitle
    var until: NIODeadline
  }

  private let source: any TitleSource
  private let eventLoop: any EventLoop
  private let pool: NIOThreadPool
  private let limits: Limits
  private var remembered: [String: Remembered] = [:]
  /// Of the remembered titles together.
  private var indexByteCount = 0
  private var hitCount: UInt64 = 0
  private var missCount: UInt64 = 0
  private var underWay: [String: EventLoopFuture<ServedTitle?>] = [:]

  init(
    source: any TitleSource, eventLoop: any EventLoop, pool: NIOThreadPool, limits: Limits
  ) {
    self.source = source
    self.eventLoop = eventLoop
    self.pool = pool
    self.limits = limits
  }

  /// A title as it was at most `Limits.titleAge` ago, if it has been asked for since.
  func recall(_ name: String, now: NIODeadline) -> ServedTitle? {
    guard let found = remembered[name], now < found.until else {
      missCount += 1
      return nil
    }
    hitCount += 1
    return found.title
  }

  var figures: CacheFigures {
    CacheFigures(hitCount: hitCount, missCount: missCount, entryCount: remembered.count)
  }

  /// What is remembered of a title has proven wrong.
  func forget(_ name: String) {
    drop(name)
    source.doubt(name)
  }

  /// Asks the source on the thread pool; requests for one title share the question.
  func ask(_ name: String, now: NIODeadline) -> EventLoopFuture<ServedTitle?> {
    if let asked = underWay[name] { return asked }
    let answer = pool.runIfActive(eventLoop: eventLoop) { [source] in
      try source.title(named: name)
    }
    underWay[name] = answer
    answer.assumeIsolated().whenComplete { result in
      self.underWay[name] = nil
      guard case .success(.some(let title)) = result else {
        self.drop(name)
        return
      }
      self.remember(title, name, until: now + self.limits.titleAge)
    }
    return answer
  }

  private func remember(_ title: ServedTitle, _ name: String, until: NIODeadline) {
    indexByteCount += title.indexByteCount - (remembered[name]?.title.indexByteCount ?? 0)
    if remembered.count >= limits.rememberedTitleCount || indexByteCount > limits.fileIndexByteCount
    {
      remembered = [:]
      indexByteCount = title.indexByteCount
    }
    remembered[name] = Remembered(title: title, until: until)
  }

  private func drop(_ name: String) {
    indexByteCount -= remembered.removeValue(forKey: name)?.title.indexByteCount ?? 0
  }

  /// Does work on the thread pool.
  func run<Result: Sendable>(
    _ work: @escaping @Sendable () -> Result
  ) -> EventLoopFuture<Result> {
    pool.runIfActive(eventLoop: eventLoop, work)
  }

  func names() -> EventLoopFuture<[String]> {
    pool.runIfActive(eventLoop: eventLoop) { [source] in try source.titleNames() }
  }
}
