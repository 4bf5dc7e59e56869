import ArgumentParser
import Origin

/// What goes wrong on request, for tests of players and edges.
struct FaultOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Lets something go wrong, to test players and edges; may be given several times.",
      discussion: """
        Which requests: route=segment (header, media_playlist, …), title=NAME, track=video-* (* stands for anything), \
        rate=0.1, first=3. What: delay=2s, hang, status=503, reset, truncate=1000 or truncate=50%, slow=100000 (bytes in \
        a second), corrupt. Example: --fault route=segment,rate=0.1,delay=2s
        """, valueName: "rule"),
    transform: { try Self.rule($0) })
  var fault: [FaultRule] = []

  @Option(
    help: ArgumentHelp(
      "Another seed lets --fault with a rate meet other requests.", valueName: "number"))
  var faultSeed: UInt64 = 0

  @Flag(
    help: "Requests may ask for faults themselves: Dougong-Fault: delay=2s. Not for the public.")
  var faultHeader = false

  private static func rule(_ text: String) throws -> FaultRule {
    do {
      return try FaultRule(text)
    } catch {
      throw ValidationError(error.message)
    }
  }

  func set(_ configuration: inout OriginServer.Configuration) {
    configuration.faults = fault
    configuration.faultSeed = faultSeed
    configuration.allowsFaultField = faultHeader
  }
}
