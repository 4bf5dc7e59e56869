import Testing

@testable import Probe

@Suite struct NetworkTraceTests {
  /// A second of 8 Mb/s, one without anything, half a second of 16 Mb/s.
  private static let csv = """
    time_s,downlink_kbps,rtt_ms
    0,8000,20
    1,0,
    2,16000,30
    2.5,800,
    """

  @Test(arguments: [
    // Bytes, from (milliseconds), to: a megabyte takes a second at 8 Mb/s.
    (0, 250, 250),
    (1_000_000, 0, 1000),
    (500_000, 250, 750),
    // Ends in the next step that carries anything.
    (1_000_001, 0, 2000),
    (1_000_000, 500, 2250),
    (1_000_000, 1000, 2500),
    // 1,000,000 + 1,000,000 + 50,000 bytes are a loop of three seconds.
    (2_050_000, 0, 3000),
    (2_050_000, 500, 3500),
    (20_500_000, 0, 30_000),
    (500_000, 3000, 3500),
    (50_000, 5500, 6000),
  ])
  func `bytes end when the trace has carried them`(byteCount: Int, from: Int, to: Int) throws {
    let trace = try NetworkTrace(csv: Self.csv)
    let end = trace.end(of: byteCount, from: .milliseconds(from))
    #expect(end >= .milliseconds(to) && end <= .milliseconds(to) + .microseconds(1))
  }

  @Test func `what comes in pieces ends when it would have come at once`() throws {
    let trace = try NetworkTrace(csv: Self.csv)
    var moment = Duration.milliseconds(123)
    for _ in 0..<1000 { moment = trace.end(of: 4321, from: moment) }
    let whole = trace.end(of: 4_321_000, from: .milliseconds(123))
    // Each end is rounded up to a microsecond.
    #expect(moment >= whole && moment - whole < .milliseconds(1))
  }

  @Test func `rates hold from their time on, and begin anew`() throws {
    let trace = try NetworkTrace(csv: Self.csv)
    #expect(trace.length == .seconds(3))
    let rates = [0, 999, 1000, 2400, 2500, 2999, 3000].map {
      trace.bitsPerSecond(at: .milliseconds($0))
    }
    #expect(rates == [8_000_000, 8_000_000, 0, 16_000_000, 800_000, 800_000, 8_000_000])
  }

  @Test func `round trips hold until another is given`() throws {
    let trace = try NetworkTrace(csv: Self.csv)
    let trips = [0, 1500, 2000, 2900, 3000].map { trace.roundTrip(at: .milliseconds($0)) }
    #expect(trips == [20, 20, 30, 30, 20].map { .milliseconds($0) })
    #expect(NetworkTrace(kilobits: 5).roundTrip(at: .seconds(9)) == .zero)
  }

  @Test(arguments: [
    ("", "the trace is empty"),
    ("time_s,downlink_kbps\n", "the trace is empty"),
    ("0,0\n1,0\n", "the trace carries nothing"),
    ("0,5\n0,6\n", "trace line 2: its time does not follow that of the line before"),
    ("0,5\n1,x\n", "trace line 2: seconds and kilobits in a second are expected"),
    ("0,5\n1\n", "trace line 2: seconds and kilobits in a second are expected"),
    ("0,5\n1,-3\n", "trace line 2: seconds and kilobits in a second are expected"),
    ("0,5\n1,nan\n", "trace line 2: seconds and kilobits in a second are expected"),
    (
      "0,5,20\n1,3,-1\n",
      "trace line 2: 0 to 60000 milliseconds of a round trip are expected"
    ),
    ("0,5\n90000,3\n", "the trace is longer than 86400 seconds"),
  ])
  func `what is no trace is refused in a sentence`(csv: String, message: String) {
    let error = #expect(throws: ProbeError.self) { try NetworkTrace(csv: csv) }
    #expect(error?.message == message)
  }
}
