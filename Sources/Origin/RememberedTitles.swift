import FileIO
import NIOCore

/// The titles that one event loop has asked its source for lately, so that most requests need
/// no thread but the loop's own.
final class RememberedTitles {
  private let source: any TitleSource
  private let eventLoop: any EventLoop
  private let threads: BlockingThreads
  private let limits: Limits
  private var remembered: [String: RememberedTitle] = [:]
  /// Of the remembered titles together.
  private var indexByteCount = 0
  private var hitCount: UInt64 = 0
  private var missCount: UInt64 = 0
  private var underWay: [String: EventLoopFuture<ServedTitle?>] = [:]

  init(
    source: any TitleSource, eventLoop: any EventLoop, threads: BlockingThreads, limits: Limits
  ) {
    self.source = source
    self.eventLoop = eventLoop
    self.threads = threads
    self.limits = limits
  }

  /// A title as it was at most `Limits.titleAge` ago, or is asked for anew this moment.
  func recall(_ name: String, now: NIODeadline) -> RememberedTitle? {
    guard let found = remembered[name], found.isBelieved(at: now) else {
      missCount += 1
      return nil
    }
    hitCount += 1
    return found
  }

  var figures: CacheFigures {
    CacheFigures(hitCount: hitCount, missCount: missCount, entryCount: remembered.count)
  }

  /// What is remembered of a title has proven wrong.
  func forget(_ name: String) {
    drop(name)
    source.doubt(name)
  }

  /// Asks the source on a thread; requests for one title share the question.
  func ask(_ name: String, now: NIODeadline) -> EventLoopFuture<ServedTitle?> {
    if let asked = underWay[name] { return asked }
    let answer = threads.run(on: eventLoop) { [source] in
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

  /// Asks anew for titles in use that will be believed no longer, before a request has to wait for that. Until the answer
  /// comes they are believed on, for `Limits.titleAge` at most.
  func renewUsed(now: NIODeadline) {
    for (name, known) in remembered where known.takesRenewal(now: now, grace: limits.titleAge) {
      _ = ask(name, now: now)
    }
  }

  /// Versions of a title that is not there.
  func vanishedVersions(of name: String) -> Set<String> { source.vanishedVersions(of: name) }

  private func remember(_ title: ServedTitle, _ name: String, until: NIODeadline) {
    indexByteCount += title.indexByteCount - (remembered[name]?.title.indexByteCount ?? 0)
    if let known = remembered[name], known.title.version == title.version {
      return known.renew(title, until: until)
    }
    remembered[name]?.forget()
    if remembered.count >= limits.rememberedTitleCount || indexByteCount > limits.fileIndexByteCount
    {
      for title in remembered.values { title.forget() }
      remembered = [:]
      indexByteCount = title.indexByteCount
    }
    remembered[name] = RememberedTitle(title, until: until)
  }

  private func drop(_ name: String) {
    guard let known = remembered.removeValue(forKey: name) else { return }
    known.forget()
    indexByteCount -= known.title.indexByteCount
  }

  /// Does work on a thread.
  func run<Result: Sendable>(
    _ work: @escaping @Sendable () -> Result
  ) -> EventLoopFuture<Result> {
    threads.run(on: eventLoop, work)
  }

  func names() -> EventLoopFuture<[String]> {
    threads.run(on: eventLoop) { [source] in try source.titleNames() }
  }
}

/// One version of a title, as long as it is believed to be the present one. Belongs to one event loop.
final class RememberedTitle {
  private(set) var title: ServedTitle
  /// `nil`: it has proven wrong, or was driven out.
  private var until: NIODeadline?
  /// Whether anybody has asked whether it is believed since it was learned, and it was.
  private var isUsed = false
  /// Whether it is asked for anew.
  private var isRenewing = false

  init(_ title: ServedTitle, until: NIODeadline) {
    (self.title, self.until) = (title, until)
  }

  func isBelieved(at now: NIODeadline) -> Bool {
    guard let until, now < until else { return false }
    isUsed = true
    return true
  }

  fileprivate func renew(_ title: ServedTitle, until: NIODeadline) {
    (self.title, self.until, isUsed, isRenewing) = (title, until, false, false)
  }

  /// Whether its time is up although it is in use; from then on it has another `grace`, once.
  fileprivate func takesRenewal(now: NIODeadline, grace: TimeAmount) -> Bool {
    guard isUsed, !isRenewing, let until, until <= now else { return false }
    (self.until, isRenewing) = (until + grace, true)
    return true
  }

  func forget() { until = nil }

  var isForgotten: Bool { until == nil }
}
