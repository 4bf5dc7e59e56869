import Foundation
import NIOCore
import Testing

@testable import Origin

/// What is refused before everything becomes slow.
@Suite struct AdmissionTests {
  private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

  /// Waits in milliseconds, one every ten milliseconds.
  private func control(_ waits: [Int64]) -> AdmissionControl {
    var control = AdmissionControl(longestWait: .milliseconds(200), now: Self.start)
    for (index, wait) in waits.enumerated() {
      control.observe(
        wait: .milliseconds(wait), now: Self.start + .milliseconds(Int64(index + 1) * 10))
    }
    return control
  }

  /// One look in ten milliseconds, ten looks in a window.
  private func windows(_ count: Int, of wait: Int64) -> [Int64] {
    Array(repeating: wait, count: count * 10)
  }

  /// Of a hundred requests of each, how many are answered.
  private func admitted(_ control: AdmissionControl) -> [ObjectClass: Int] {
    var control = control
    return ObjectClass.allCases.reduce(into: [:]) { counts, kind in
      counts[kind] = (0..<100).count { _ in control.admits(kind) }
    }
  }

  @Test(
    arguments: [
      // Short waits, and long ones with a short one among them: bursts, which pass.
      ([0, 5, 199], 0), (Array(repeating: 150, count: 100), 0),
      (Array(repeating: 5000, count: 9) + [3], 0),
      // A queue that stands.
      (Array(repeating: 201, count: 10), 0.1005), (Array(repeating: 400, count: 10), 0.2),
      (Array(repeating: 60_000, count: 10), 1), (Array(repeating: 60_000, count: 1000), 3),
    ] as [([Int64], Double)])
  func `pressure is of waits that do not pass`(waits: [Int64], pressure: Double) {
    #expect(abs(control(waits).pressure - pressure) < 0.0001)
  }

  @Test func `a queue that gets shorter is given time`() {
    let risen = windows(1, of: 2000)
    #expect(abs(control(risen).pressure - 1) < 0.0001)
    #expect(abs(control(risen + windows(1, of: 1500) + windows(1, of: 300)).pressure - 1) < 0.0001)
    #expect(abs(control(risen + windows(2, of: 1500)).pressure - 1.75) < 0.0001)
  }

  @Test func `between half of the limit and the limit all stays as it is`() {
    let risen = windows(5, of: 400)
    #expect(abs(control(risen).pressure - 1) < 0.0001)
    #expect(abs(control(risen + windows(50, of: 150)).pressure - 1) < 0.0001)
    #expect(abs(control(risen + windows(4, of: 99)).pressure - 0.8) < 0.0001)
    #expect(control(risen + windows(20, of: 0)).pressure == 0)
    #expect(admitted(control(risen + windows(20, of: 0))).values.allSatisfy { $0 == 100 })
  }

  @Test(arguments: [
    // Windows of twice the wait that is wanted, each 0.2; what is left of whole files, media, playlists.
    (0, 100, 100, 100), (1, 80, 100, 100), (4, 20, 100, 100), (5, 0, 100, 100), (7, 0, 60, 100),
    (10, 0, 0, 100), (11, 0, 0, 80), (15, 0, 0, 0), (99, 0, 0, 0),
  ])
  func `whole files are refused first, then media, then playlists`(
    count: Int, track: Int, segment: Int, playlist: Int
  ) {
    let left = admitted(control(windows(count, of: 400)))
    for (kind, expected) in [
      (ObjectClass.track, track), (.image, track), (.segment, segment), (.header, segment),
      (.mediaPlaylist, playlist), (.multivariant, playlist), (.mpd, playlist), (.report, playlist),
      (.probe, 100), (.other, 100),
    ] {
      #expect(abs(left[kind, default: 0] - expected) <= 1, "\(kind)")
    }
  }

  @Test func `refusals are spread`() {
    var control = control(windows(7, of: 400))
    let answers = (0..<20).map { _ in control.admits(.segment) }
    #expect(answers.prefix(10).contains(false))
    #expect(!zip(answers, answers.dropFirst()).contains { !$0 && !$1 })
  }

  // MARK: Over sockets

  /// All threads for the disk are held while titles are asked for, so that whatever needs one waits.
  private final class StuckTitles: TitleSource {
    private let titles: FakeTitles
    private let gate = DispatchSemaphore(value: 0)

    init(_ titles: FakeTitles) { self.titles = titles }

    func open() { gate.signal() }
    func title(named name: String) throws -> ServedTitle? {
      if name == "stuck" { gate.wait() }
      return try titles.title(named: name)
    }
    func titleNames() throws -> [String] { try titles.titleNames() }
  }

  @Test func `while the disk is stuck media is refused, health and what is under way are not`()
    async throws
  {
    let folder = try MediaFolder()
    let titles = StuckTitles(FakeTitles([try folder.title("film"), try folder.title("stuck")]))
    try await withOrigin(titles) {
      $0.limits.longestWait = .milliseconds(50)
      $0.limits.titleAge = .hours(1)
      $0.loopCount = 1
      $0.diskThreadCount = 1
    } _: { origin in
      #expect(try await origin.fetch("/film/main.m3u8").status == 200)
      try await origin.connect { stuck in
        try await stuck.send("GET", "/stuck/main.m3u8")
        var refused: Reply?
        while refused == nil {
          let reply = try await origin.fetch("/film/video/cafe01/1.m4s", method: "OPTIONS")
          #expect(reply.status == 204)
          // The playlist is remembered, so that it could be answered; it is the last to be refused.
          let playlist = try await origin.fetch("/film/main.m3u8")
          if playlist.status == 503 { refused = playlist }
        }
        #expect(refused?["Retry-After"] == "1")
        #expect(refused?["Cache-Control"] == "public, max-age=1")
        #expect(try await origin.fetch("/healthz").status == 200)
        #expect(try await origin.fetch("/film/video/cafe01/1.m4s").status == 503)
        titles.open()
        let reply = try await stuck.reply()
        #expect(reply.status == 200)
        var status = 503
        while status == 503 { status = try await origin.fetch("/film/video/cafe01/1.m4s").status }
        #expect(status == 200)
      }
    }
  }
}
