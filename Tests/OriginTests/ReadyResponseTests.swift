import NIOCore
import NIOHTTP1
import Testing

@testable import Origin

@Suite struct ReadyResponseTests {
  private let title: RememberedTitle
  private let request = Request(
    HTTPRequestHead(
      version: .http1_1, method: .GET, uri: "/film/video/a1/init.mp4", headers: ["Host": "a"]),
    limits: Limits())
  private var ready = ReadyResponses(capacity: 1)

  init() throws {
    title = RememberedTitle(try MediaFolder().title("film"), until: .distantFuture)
    ready.keep(
      Response(.ok, text: "header", cacheControl: .immutable), to: request,
      .header(title: "film", track: "video", version: "a1"), of: title)
  }

  /// What is in memory at one request may have to be read at the next, within the same second.
  @Test func `a body is behind its head if it is given, and only then`() throws {
    let kept = try #require(ready.find(request, now: .now()))
    let head = "Timing-Allow-Origin: *\r\nX-Content-Type-Options: nosniff\r\n\r\n"
    for isInMemory in [false, true, true, false, true] {
      let body = isInMemory ? ByteBuffer(string: "header") : nil
      let message = String(buffer: kept.message(date: "now", body: body))
      #expect(message.hasSuffix(isInMemory ? head + "header" : head))
    }
  }

  @Test func `a version of a title that is no more is let go of`() {
    var ready = ready
    ready.dropForgotten()
    #expect(ready.count == 1)
    title.forget()
    ready.dropForgotten()
    #expect(ready.count == 0)
  }
}
