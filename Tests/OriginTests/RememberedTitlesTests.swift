import Dispatch
import FileIO
import NIOCore
import NIOPosix
import Testing

@testable import Origin

@Suite struct RememberedTitlesTests {
  private let folder: MediaFolder
  private let source: FakeTitles
  private let loop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next()

  init() throws {
    folder = try MediaFolder()
    source = FakeTitles([try folder.title("film", version: "cafe01")])
  }

  /// What an event loop knows of a title, second by second.
  private final class Knowledge: Sendable {
    private let titles: NIOLoopBound<RememberedTitles>
    private let threads: BlockingThreads
    private let begin = NIODeadline.now()

    init(_ source: FakeTitles, on loop: any EventLoop, threads: BlockingThreads) async throws {
      self.threads = threads
      titles = try await loop.submit {
        NIOLoopBound(
          RememberedTitles(source: source, eventLoop: loop, threads: threads, limits: Limits()),
          eventLoop: loop)
      }.get()
    }

    /// Asks, and waits for the answer.
    func ask(second: Int64) async throws {
      let time = begin + .seconds(second)
      _ = try await titles.eventLoop.flatSubmit { [titles] in
        titles.value.ask("film", now: time).map { _ in }
      }.get()
    }

    /// What is known of the title at a time, at which it may be asked for anew first.
    func version(second: Int64, sweeping: Bool = false) async throws -> String? {
      let time = begin + .seconds(second)
      return try await titles.eventLoop.submit { [titles] in
        if sweeping { titles.value.renewUsed(now: time) }
        return titles.value.recall("film", now: time)?.title.versions.min()
      }.get()
    }
  }

  private func withKnowledge(_ body: (Knowledge, BlockingThreads) async throws -> Void) async throws
  {
    let threads = BlockingThreads(count: 1)
    try await body(try await Knowledge(source, on: loop, threads: threads), threads)
    try await threads.shutdownGracefully()
  }

  @Test func `a title in use is known on while it is asked for anew`() async throws {
    try await withKnowledge { known, _ in
      try await known.ask(second: 0)
      #expect(try await known.version(second: 0) == "cafe01")
      source.publish(try folder.title("film", version: "cafe02"))
      #expect(try await known.version(second: 1, sweeping: true) != nil)
      try await known.ask(second: 1)
      #expect(try await known.version(second: 1) == "cafe02")
    }
  }

  @Test func `a title that nobody uses is not asked for`() async throws {
    try await withKnowledge { known, _ in
      try await known.ask(second: 0)
      #expect(try await known.version(second: 1, sweeping: true) == nil)
    }
  }

  @Test func `a title whose answer does not come is known for its time once more, and no longer`()
    async throws
  {
    try await withKnowledge { known, threads in
      try await known.ask(second: 0)
      #expect(try await known.version(second: 0) == "cafe01")
      let gate = DispatchSemaphore(value: 0)
      defer { gate.signal() }
      threads.submit { _ in gate.wait() }
      #expect(try await known.version(second: 1, sweeping: true) == "cafe01")
      #expect(try await known.version(second: 2, sweeping: true) == nil)
      #expect(try await known.version(second: 3, sweeping: true) == nil)
    }
  }

  @Test func `a title that has vanished is not known on`() async throws {
    try await withKnowledge { known, _ in
      try await known.ask(second: 0)
      #expect(try await known.version(second: 0) == "cafe01")
      source.breakDown()
      _ = try await known.version(second: 1, sweeping: true)
      _ = try? await known.ask(second: 1)
      #expect(try await known.version(second: 1) == nil)
    }
  }
}
