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
