import NIOCore
import NIOHTTP1
import Testing

@testable import Origin

@Suite struct ReadyResponseTests {
  /// What is in memory at one request may have to be read at the next, within the same second.
  @Test func `a body is behind its head if it is given, and only then`() throws {
    let request = Request(
      HTTPRequestHead(
        version: .http1_1, method: .GET, uri: "/film/video/a1/init.mp4", headers: ["Host": "a"]),
      limits: Limits())
    let response = Response(.ok, text: "header", cacheControl: .immutable)
    let title = RememberedTitle(try MediaFolder().title("film"), until: .distantFuture)
    var ready = ReadyResponses(capacity: 1)
    ready.keep(
      response, to: request, .header(title: "film", track: "video", version: "a1"), of: title)
    let kept = try #require(ready.find(request, now: .now()))
    let head = "Timing-Allow-Origin: *\r\nX-Content-Type-Options: nosniff\r\n\r\n"
    for isInMemory in [false, true, true, false, true] {
      let body = isInMemory ? ByteBuffer(string: "header") : nil
      let message = String(buffer: kept.message(date: "now", body: body))
      #expect(message.hasSuffix(isInMemory ? head + "header" : head))
    }
  }
}
