import ArgumentParser
import Foundation
import Probe

extension HTTPChoice: ExpressibleByArgument {}

struct ProbeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe",
    abstract: "Plays HLS or DASH as players do, low-latency or not, and measures.",
    discussion: """
      The stream of any server is played by as many viewers as are wanted, without decoding: parts, \
      segments and chunks are fetched, a buffer fills and empties, a rung is chosen by what the link carries. \
      Reported are the median, p90, p99 and maximum of what was measured, and the rules of the \
      protocol that the server broke. docs/probe.md says what each figure means. Exit code 1 if a \
      viewer could not play, or a rule was broken.

      Examples:
        dougong probe http://127.0.0.1:8080/film/main.m3u8 --seconds 30
        dougong probe https://example.com/live/main.m3u8 --viewers 500 --joining 10 --html report.html
        dougong probe http://127.0.0.1:8080/live/manifest.mpd --trace 5g.csv --json | jq .latency.p99
        dougong probe https://example.com/live/main.m3u8 --http 2 --rtt 80
      """)

  @Argument(help: ArgumentHelp("Of a playlist or an MPD.", valueName: "url"))
  var url: String

  @Option(help: ArgumentHelp("How long it is played.", valueName: "seconds"))
  var seconds = 60.0

  @Option(help: ArgumentHelp("How many play at once.", valueName: "count"))
  var viewers = 1

  @Option(
    help: ArgumentHelp(
      "Over so many seconds they begin, one after the other.", valueName: "seconds"))
  var joining = 0.0

  @Option(
    help: ArgumentHelp(
      "Lines time_s,downlink_kbps[,rtt_ms]: how fast each viewer's link is over time, again and again.",
      valueName: "file"))
  var trace: String?

  @Option(
    help: ArgumentHelp(
      "What the way to the server and back takes, whatever --trace has.", valueName: "milliseconds")
  )
  var rtt: Double?

  @Option(
    help: ArgumentHelp(
      "1.1, 2 (without TLS: by prior knowledge), or auto: over TLS what the server chooses, else 1.1."
    ))
  var http = HTTPChoice.automatic

  @Flag(help: "Accept any certificate.")
  var insecure = false

  @Flag(help: "Print one JSON object.")
  var json = false

  @Option(help: ArgumentHelp("Write the report as one page with plots.", valueName: "file"))
  var html: String?

  func validate() throws {
    guard seconds > 0, seconds <= Double(Limits.runSeconds) else {
      throw ValidationError("--seconds must be more than 0, and at most \(Limits.runSeconds)")
    }
    guard (1...Limits.viewerCount).contains(viewers) else {
      throw ValidationError("--viewers must be 1 to \(Limits.viewerCount), not \(viewers)")
    }
    guard (0...Double(Limits.roundTripMilliseconds)).contains(rtt ?? 0) else {
      throw ValidationError("--rtt must be 0 to \(Limits.roundTripMilliseconds)")
    }
    guard joining >= 0, joining < seconds else {
      throw ValidationError("--joining must be 0 or more, and less than --seconds")
    }
  }

  func run() async throws {
    let report: ProbeReport
    do {
      report = try await measure()
      if let html { try write(report.page, to: html) }
    } catch let error as ProbeError {
      throw CommandFailure(error.code == .system ? .system : .data, error.message)
    } catch { throw CommandFailure(error) }
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      print(String(decoding: try encoder.encode(report), as: UTF8.self))
    } else {
      print(report.text)
    }
    if !report.passes { throw ExitCode(CommandFailure.Code.data.rawValue) }
  }

  private func measure() async throws -> ProbeReport {
    let plan = try ProbePlan(
      address: WebAddress(url), length: .seconds(seconds), viewerCount: viewers,
      trace: trace.map(read), roundTrip: rtt.map { .milliseconds($0) }, http: http,
      isInsecure: insecure, joining: .seconds(joining))
    Interruption.watch()
    return try await ProbeRun.measure(
      plan, wallClock: .seconds(Date().timeIntervalSince1970)
    ) { Interruption.isRequested }
  }

  private func read(_ path: String) throws -> NetworkTrace {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw CommandFailure(.data, "\(path): the trace cannot be read")
    }
    guard data.count <= Limits.traceByteCount else {
      throw CommandFailure(.data, "\(path): a trace has at most \(Limits.traceByteCount) bytes")
    }
    do { return try NetworkTrace(csv: String(decoding: data, as: UTF8.self)) } catch {
      throw CommandFailure(.data, "\(path): \(error)")
    }
  }

  private func write(_ page: String, to path: String) throws {
    do { try page.write(toFile: path, atomically: true, encoding: .utf8) } catch {
      throw CommandFailure(.system, "\(path): the page cannot be written")
    }
  }
}
