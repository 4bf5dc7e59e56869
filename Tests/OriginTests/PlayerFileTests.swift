import NIOCore
import Testing

@testable import Origin

struct PlayerFileTests {
  @Test(arguments: ["player.html", "episode.html"])
  func `every file that a player page names is served`(_ page: String) throws {
    let text = String(
      decoding: page == "player.html"
        ? PackageResources.player_html : PackageResources.episode_html, as: UTF8.self)
    var names: Set<String> = [], queue = [text]
    while let next = queue.popLast() {
      let found =
        next.matches(of: /\/play\/assets\/([a-z]+\.(?:js|css))/).map { String($0.output.1) }
        + next.matches(of: /from '\.\/([a-z]+\.js)'/).map { String($0.output.1) }
      for name in found where names.insert(name).inserted {
        let file = try PlayerFiles.file(named: name)
        let isScript = name.hasSuffix(".js")
        #expect(file.contentType == "text/\(isScript ? "javascript" : "css"); charset=utf-8")
        guard case .bytes(let bytes) = file.body else {
          Issue.record("\(name) has no bytes")
          continue
        }
        queue.append(String(buffer: bytes))
      }
    }
    #expect(names.contains("player.css") && names.contains("controls.js"))
    #expect(page == "player.html" || names.contains("stitcher.js"))
  }

  @Test func `a name that is no file of the player is refused`() {
    #expect(throws: Rejection.self) { try PlayerFiles.file(named: "player.html") }
  }
}
