import Foundation
import NIOCore
import Testing

@testable import Origin

/// What is refused before everything becomes slow.
@Suite struct AdmissionTests {
  @Test(
    arguments: [
      // What of whole files, media, playlists, health is answered after a wait of so many milliseconds.
      (0, true, true, true), (100, true, true, true), (101, false, true, true),
      (200, false, true, true), (201, false, false, true), (400, false, false, true),
      (401, false, false, false), (3_600_000, false, false, false),
    ] as [(Int64, Bool, Bool, Bool)])
  func `whole files are refused first, then media, then playlists`(
    milliseconds: Int64, track: Bool, segment: Bool, playlist: Bool
  ) {
    let control = AdmissionControl(longestWait: .milliseconds(200))
    for (kind, expected) in [
      (ObjectClass.track, track), (.image, track), (.segment, segment), (.header, segment),
      (.mediaPlaylist, playlist), (.multivariant, playlist), (.mpd, playlist), (.report, playlist),
      (.probe, true), (.other, true),
    ] {
      #expect(control.admits(kind, after: .milliseconds(milliseconds)) == expected, "\(kind)")
    }
  }

  // MARK: Over sockets

  /// All threads for the disk are held while a title is asked for, so that whatever needs one waits.
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

  @Test func `while the disk is stuck what needs it is refused, all else is answered`()
    async throws
  {
    let folder = try MediaFolder()
    let titles = StuckTitles(FakeTitles([try folder.title("film"), try folder.title("stuck")]))
    let wait = TimeAmount.milliseconds(5)
    try await withOrigin(titles) {
      $0.limits.longestWait = wait
      $0.limits.titleAge = .hours(1)
      $0.loopCount = 1
      $0.diskThreadCount = 1
    } _: { origin in
      #expect(try await origin.fetch("/film/main.m3u8").status == 200)
      try await origin.speakHTTP2 { connection in
        try await connection.request("/stuck/main.m3u8", stream: 1)
        try await connection.request("/film/video.m3u8", stream: 3)
        try await connection.request("/waiting/main.m3u8", stream: 5)
        // Once this has been answered, all of the above are where they wait.
        try await connection.send(
          Frame(kind: .ping, payload: ByteBuffer(repeating: 0, count: 8)))
        _ = try await connection.frame(.ping)
        let since = NIODeadline.now()
        while .now() - since <= wait * 2 { await Task.yield() }

        let refused = try await origin.fetch("/third/main.m3u8")
        #expect(refused.status == 503)
        #expect(refused["Retry-After"] == "1")
        #expect(refused["Cache-Control"] == "public, max-age=1")
        #expect(try await origin.fetch("/film/video/cafe01/1.m4s").status == 503)
        #expect(try await origin.fetch("/film/main.m3u8").status == 200)
        #expect(try await origin.fetch("/film/video/cafe01/1.m4s", method: "OPTIONS").status == 204)
        #expect(try await origin.fetch("/healthz").status == 200)

        titles.open()
        let replies = try await connection.replies([1, 5])
        #expect(replies[1]?.status == 200)
        #expect(replies[5]?.status == 404)
        #expect(try await origin.fetch("/film/video/cafe01/1.m4s").status == 200)
      }
    }
  }
}
