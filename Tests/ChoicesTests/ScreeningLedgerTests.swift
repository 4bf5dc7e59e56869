import Episodes
import Foundation
import Testing

@testable import Choices

/// Screenings, votes and verdicts, in both databases.
@Suite struct ScreeningLedgerTests {
  private static let now: Int64 = 1_800_000_000_000

  private static func screening(_ number: Int = 1, start: Int64 = now) -> Screening {
    Screening(
      id: "000000000000000\(number)", episode: "offer", version: Story.version, start: start)
  }

  private static func vote(_ viewer: String, _ option: Int) -> ScreeningVote {
    ScreeningVote(choice: "k1", occurrence: 1, option: option, viewer: viewer)
  }

  private static func cast(
    _ vote: ScreeningVote, _ ordinal: Int = 0, in ledger: ScreeningLedger
  ) async throws -> ScreeningLedger.VoteAnswer {
    try await withCheckedThrowingContinuation { continuation in
      do {
        try ledger.vote(vote, in: screening().id, ordinal: ordinal) {
          continuation.resume(with: $0)
        }
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }

  @Test(arguments: LedgerPlace.available)
  func `votes count once for each viewer, and a verdict is written once`(place: LedgerPlace)
    async throws
  {
    let folder = try LedgerFolder()
    let database = try place.database(folder)
    let (one, other) = (ScreeningLedger(database), ScreeningLedger(database))
    #expect(try one.open(Self.screening(), now: Self.now))
    for (viewer, option) in [("a", 0), ("b", 1), ("c", 1), ("a", 1), ("a", 0)] {
      #expect(try await Self.cast(Self.vote(viewer, option), in: one) == .counted)
    }
    #expect(try await Self.cast(Self.vote("d", 0), 1, in: other) == .counted)
    #expect(try other.counts(Self.screening().id, ordinal: 0) == [0: 1, 1: 2])
    let verdict = ScreeningVerdict(option: 1, isVoted: true, counts: [0: 1, 1: 2])
    let made = try one.decide(Self.screening().id, ordinal: 0) { counts, viewerCount in
      #expect(viewerCount == 4)
      return ScreeningVerdict(option: 1, isVoted: true, counts: counts)
    }
    #expect(made == verdict)
    let again = try other.decide(Self.screening().id, ordinal: 0) { _, _ in
      Issue.record("it was decided before")
      return ScreeningVerdict(option: 0, isVoted: false, counts: [:])
    }
    #expect(again == verdict)
    #expect(try await Self.cast(Self.vote("e", 0), in: other) == .late(verdict))
    #expect(try other.counts(Self.screening().id, ordinal: 0) == [0: 1, 1: 2])
    let found = try other.screening(Self.screening().id)
    #expect(found?.screening == Self.screening())
    #expect(found?.verdicts == [verdict])
    #expect(try other.screening("none") == nil)
  }

  @Test(arguments: LedgerPlace.available)
  func `old screenings go, and so many of an episode are under way`(place: LedgerPlace)
    async throws
  {
    let folder = try LedgerFolder()
    let database = try place.database(folder)
    let ledger = ScreeningLedger(database)
    let age = 1000 * ChoiceLimits.screeningAge
    #expect(try ledger.open(Self.screening(1), now: Self.now))
    #expect(try await Self.cast(Self.vote("a", 0), in: ledger) == .counted)
    _ = try ledger.decide(Self.screening().id, ordinal: 0) { counts, _ in
      ScreeningVerdict(option: 0, isVoted: true, counts: counts)
    }
    #expect(try ledger.open(Self.screening(2, start: Self.now + age), now: Self.now + age + 1))
    #expect(try ledger.screening(Self.screening(1).id) == nil)
    for table in ["vote", "verdict"] { #expect(try database.count(of: table) == 0) }
    for number in 1..<ChoiceLimits.screeningCount {
      var next = Self.screening(3, start: Self.now + age)
      next.id += "-\(number)"
      #expect(try ledger.open(next, now: Self.now + age))
    }
    #expect(try !ledger.open(Self.screening(4, start: Self.now + age), now: Self.now + age))
    try ledger.end(Self.screening(2).id, now: Self.now + age)
    #expect(try ledger.open(Self.screening(4, start: Self.now + age), now: Self.now + age))
  }

  @Test(
    arguments: [
      // Votes; viewers that voted at all; quorum; tie; the option and whether votes decided.
      ([:], 0, 0, "default", 1, false), ([0: 1], 1, 0, "default", 0, true),
      ([0: 2, 1: 3], 5, 0, "default", 1, true), ([0: 3, 1: 3], 6, 0, "default", 1, false),
      ([0: 3, 1: 3], 6, 0, "random", 0, true), ([0: 3], 10, 0.5, "default", 1, false),
      ([0: 5], 10, 0.5, "default", 0, true),
      // What cannot be chosen is not counted.
      ([0: 1, 2: 9], 10, 0, "default", 0, true),
    ] as [([Int: Int], Int, Double, String, Int, Bool)])
  func `silence, ties and too few voters take the default`(
    counts: [Int: Int], viewerCount: Int, quorum: Double, tie: String, option: Int, isVoted: Bool
  ) throws {
    let walk = try Walk(Story.graph(), path: .beginning)
    var decision = try #require(walk.openChoice)
    decision.choice.vote = Choice.Vote(quorum: quorum, tie: tie)
    let verdict = ScreeningVerdict(
      counting: counts, of: decision, viewerCount: viewerCount, draw: 4)
    #expect(verdict.option == option)
    #expect(verdict.isVoted == isVoted)
    #expect(ScreeningVerdict.counts(verdict.tally) == verdict.counts)
    #expect(verdict.counts[2] == nil)
  }
}
