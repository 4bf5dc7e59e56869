import Foundation
import Testing

@testable import Probe

@Suite struct ProbeRunTests {
  @Test(arguments: [nil, NetworkTrace(kilobits: 20_000)])
  func `viewers play a stream over sockets and measure it`(trace: NetworkTrace?) async throws {
    let now = Date().timeIntervalSince1970
    let part = Double(SyntheticStream.partMilliseconds) / 1000
    let stream = SyntheticStream(start: Int64((now - part * 85) * 1000), count: 85)
    let server = try await StreamServer(stream)
    let plan = try ProbePlan(
      address: server.address, length: .seconds(3), viewerCount: 5, trace: trace)
    let report = try await ProbeRun.measure(
      plan, wallClock: .seconds(Date().timeIntervalSince1970)
    ) { false }
    try await server.stop()
    #expect(report.viewers == 5)
    #expect(report.form == "LL-HLS")
    #expect(report.failures.isEmpty)
    #expect(report.startup?.count == 5)
    #expect(report.findings.filter { $0.severity == .error } == [])
    #expect(try #require(report.publishToFirstByte).count > 5)
    #expect(try #require(report.heldPlaylist).count > 5)
    #expect(report.latency != nil)
    #expect(report.text.contains("publish to first byte"))
    #expect(report.page.contains("</html>"))
    let json = try JSONEncoder().encode(report)
    #expect(json.count > 1000)
  }

  @Test func `viewers play over HTTP/2, each on one connection`() async throws {
    let now = Date().timeIntervalSince1970
    let part = Double(SyntheticStream.partMilliseconds) / 1000
    let server = try await StreamServer(
      SyntheticStream(start: Int64((now - part * 85) * 1000), count: 85), isHTTP2: true)
    let plan = try ProbePlan(
      address: server.address, length: .seconds(3), viewerCount: 5, http: .http2)
    let report = try await ProbeRun.measure(plan, wallClock: .seconds(now)) { false }
    try await server.stop()
    #expect(report.http == "2")
    #expect(report.failures.isEmpty)
    #expect(report.connections == 5)
    #expect(report.findings.filter { $0.severity == .error } == [])
    #expect(try #require(report.heldPlaylist).count > 5)
  }

  /// No answer comes before the request was there and the answer came back.
  @Test(arguments: [HTTPChoice.http1, .http2])
  func `a way takes as long as it is said to`(http: HTTPChoice) async throws {
    let now = Date().timeIntervalSince1970
    let part = Double(SyntheticStream.partMilliseconds) / 1000
    let server = try await StreamServer(
      SyntheticStream(start: Int64((now - part * 85) * 1000), count: 85), isHTTP2: http == .http2)
    let plan = try ProbePlan(
      address: server.address, length: .seconds(2), roundTrip: .milliseconds(150), http: http)
    let report = try await ProbeRun.measure(plan, wallClock: .seconds(now)) { false }
    try await server.stop()
    #expect(report.failures.isEmpty)
    #expect(try #require(report.firstByte).min >= 150_000)
    // One to connect, and at least three answers: two playlists or headers, and media.
    #expect(try #require(report.startup).min >= 600_000)
  }

  @Test func `what is no stream fails in one sentence`() async throws {
    let server = try await StreamServer(SyntheticStream(start: 0, count: 20))
    let address = server.address.with(target: "/init.mp4")
    let plan = try ProbePlan(address: address, length: .seconds(5))
    let error = await #expect(throws: ProbeError.self) {
      try await ProbeRun.measure(plan, wallClock: .zero) { false }
    }
    try await server.stop()
    #expect(error?.message == "\(address): it is neither a playlist nor an MPD")
  }
}
