/// What a run is to do.
package struct ProbePlan: Sendable {
  package var address: WebAddress
  package var length: Duration
  package var viewerCount: Int
  package var trace: NetworkTrace?
  /// `nil`: as the trace has it, else what the network takes.
  package var roundTrip: Duration?
  package var http: HTTPChoice
  /// Certificates are not looked at.
  package var isInsecure: Bool
  /// From the first viewer to the last one's start.
  package var joining: Duration

  /// - Throws: `ProbeError` for counts beyond `Limits`.
  package init(
    address: WebAddress, length: Duration, viewerCount: Int = 1, trace: NetworkTrace? = nil,
    roundTrip: Duration? = nil, http: HTTPChoice = .automatic, isInsecure: Bool = false,
    joining: Duration = .zero
  ) throws(ProbeError) {
    guard (1...Limits.viewerCount).contains(viewerCount) else {
      throw ProbeError(.input, "1 to \(Limits.viewerCount) viewers are expected")
    }
    guard length > .zero, length <= .seconds(Limits.runSeconds), joining >= .zero, joining < length
    else {
      throw ProbeError(
        .input, "a run lasts at most \(Limits.runSeconds) seconds, longer than its viewers join")
    }
    guard (roundTrip ?? .zero) >= .zero,
      (roundTrip ?? .zero) <= .milliseconds(Limits.roundTripMilliseconds)
    else {
      throw ProbeError(
        .input, "a round trip takes 0 to \(Limits.roundTripMilliseconds) milliseconds")
    }
    self.address = address
    self.length = length
    self.viewerCount = viewerCount
    self.trace = trace
    self.roundTrip = roundTrip
    self.http = http
    self.isInsecure = isInsecure
    self.joining = joining
  }
}
