import MediaCore
import Testing

@testable import Origin

@Suite struct ClientDataTests {
  private func data(_ field: String) -> ClientData { ClientData(target: "/", fields: [field]) }

  @Test func `the example of the specification is read`() {
    // CTA-5004 §2.2, as the query argument of its first example and with quotation marks percent-encoded.
    let data = ClientData(
      target:
        "/film/video/cafe/1.m4s?x=1&CMCD=bl%3D21300%2Cbr%3D3200%2Cbs%2Ccid%3D%22faec5fc2%22%2Cd%3D4004"
        + "%2Cdl%3D18500%2Cmtp%3D25400%2Cnor%3D%22..%252F300kbps%252Ftrack.m4v%22%2Cot%3Dv%2Cpr%3D1.08"
        + "%2Crtp%3D12000%2Csf%3Dd%2Csid%3D%226e2fb550-c457-11e9-bb97-0800200c9a66%22%2Cst%3Dv%2Csu%2Ctb%3D6000",
      fields: [])
    #expect(data.integer(.bufferLength) == 21_300 && data.integer(.bitrate) == 3200)
    #expect(data[.bufferStarvation] == .boolean(true) && data[.startup] == .boolean(true))
    #expect(data[.contentID] == .string("faec5fc2") && data[.objectType] == .token("v"))
    #expect(data[.nextObject] == .string("..%2F300kbps%2Ftrack.m4v"))
    #expect(data[.playbackRate] == .decimal(1.08) && data[.format] == .token("d"))
    #expect(data[.sessionID] == .string("6e2fb550-c457-11e9-bb97-0800200c9a66"))
    #expect(data.ignoredCount == 0)
  }

  @Test func `the four fields and the query are one`() {
    let data = ClientData(
      target: "/x?CMCD=v=2",
      fields: ["br=3200,d=4004,ot=v", "bl=21300", "sid=\"a\"", "bs"])
    #expect(data.values.count == 7 && data.ignoredCount == 0)
  }

  @Test func `lists of the second version count by their first item`() {
    let data = data(
      "br=(5000;v 128;a),sta=p,ltc=3100,com.example-key=\"x\",nor=(\"a\";r=\"0-9\" \"b\")")
    #expect(data.integer(.bitrate) == 5000 && data.integer(.latency) == 3100)
    #expect(data[.playerState] == .token("p") && data[.nextObject] == .string("a"))
    #expect(data.ignoredCount == 0, "keys of somebody's own are no junk")
  }

  @Test(arguments: [
    ("", 0, 0), ("br=1", 1, 0), ("br=x", 0, 1), ("br=-1", 0, 1), ("br=1.5", 0, 1), ("br", 0, 1),
    ("unknown=1,br=2", 1, 1), ("br=1,", 1, 0), ("br=1,,bl=2", 1, 1), ("br=1 bl=2", 1, 1),
    ("=1", 0, 1),
    ("ot=\"v\"", 0, 1), ("ot=vvv", 0, 1), ("sid=a", 0, 1), ("sid=\"a", 0, 1), ("sid=\"\\x\"", 0, 1),
    ("bs=?0", 1, 0), ("bs=?2", 0, 1), ("br=99999999999999999999", 0, 1), ("br=(1 2", 0, 1),
    ("br=()", 0, 1), ("br=1;x=2;y", 1, 0), ("pr=2", 1, 0), ("斗=1", 0, 1), ("br=2, bl=3", 2, 0),
    ("sid=\"\(String(repeating: "a", count: 65))\"", 0, 1), ("br=1-2", 0, 1), ("br=--", 0, 1),
  ])
  func `what is no client data is passed over and counted`(field: String, kept: Int, ignored: Int) {
    let data = data(field)
    #expect(data.values.count == kept)
    #expect((data.ignoredCount > 0) == (ignored > 0))
  }

  @Test func `what is too much is not read`() {
    let many = (1...1000).map { "a-\($0)=1" }.joined(separator: ",")
    #expect(data(many + ",br=1").values.isEmpty)
    #expect(data(String(repeating: "x", count: 5000)).ignoredCount == 1)
    let target = "/x?" + String(repeating: "CMCD=%zz&", count: 100)
    #expect(ClientData(target: target, fields: []).ignoredCount == 100)
  }

  @Test(
    arguments: [
      (40_000, 2000, 1000, "br=160,d=2000,nor=\"2.m4s\",ot=v,st=v"),
      (1, 1001, 30_000, "br=0,d=33,nor=\"2.m4s\",ot=v,st=v"),
      (1, 0, 1, "nor=\"2.m4s\",ot=v,st=v"), (Int64.max, 1, 1, "nor=\"2.m4s\",ot=v,st=v"),
    ] as [(Int64, Int64, UInt32, String)])
  func `a segment says its own length and rate`(
    byteCount: Int64, ticks: Int64, perSecond: UInt32, field: String
  ) {
    let data = ServerData(
      .video, byteCount: byteCount, ticks: ticks, Timescale(literal: perSecond), next: "2.m4s")
    #expect(data.field == field)
  }

  private static let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

  @Test func `a trace is taken over`() throws {
    let trace = try #require(TraceContext(parent: Self.parent, state: "congo=t61rcWkgMzE"))
    #expect(trace.traceID == "4bf92f3577b34da6a3ce929d0e0e4736")
    #expect(trace.parentID == "00f067aa0ba902b7" && trace.isSampled)
    #expect(trace.state == "congo=t61rcWkgMzE")
    #expect(TraceContext(parent: "01" + Self.parent.dropFirst(2) + "-more", state: nil) != nil)
  }

  @Test(arguments: [
    "", "00", parent + "-more", "ff" + parent.dropFirst(2), parent.uppercased(),
    String(parent.dropLast()), "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
    "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01", " " + parent,
  ])
  func `what is no trace is none`(parent: String) {
    #expect(TraceContext(parent: parent, state: "a=b") == nil)
  }

  @Test func `a state that is too long or no text is not passed on`() {
    for state in [
      "", String(repeating: "a", count: 513), "a=\u{1}",
      Array(repeating: "a=b", count: 33).joined(separator: ","),
    ] {
      #expect(TraceContext(parent: Self.parent, state: state)?.state == nil)
    }
  }
}
