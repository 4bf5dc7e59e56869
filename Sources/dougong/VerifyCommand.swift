import MediaCore
import ArgumentParser
import Foundation
import Verification

struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Reads titles byte by byte and reports what breaks a rule, with its clause.",
    discussion: """
      Every track file, playlist and MPD is held against what it should say, worked out anew from \
      the samples. Each finding is an ERROR or a WARNING with a stable code, the place, and the \
      clause of the standard that it breaks. Exit code 1 if there is an error.

      Examples:
        dougong verify library/film
        dougong verify library/*
        dougong verify library/film --json | jq '.titles[].findings[].code'
      """)

  @Argument(help: ArgumentHelp("Folders of titles.", valueName: "title"))
  var titles: [String]

  @Flag(help: "Print one JSON object about all titles.")
  var json = false

  func validate() throws {
    guard !titles.isEmpty, titles.count <= 10_000 else {
      throw ValidationError("1 to 10000 titles are expected, not \(titles.count)")
    }
  }

  func run() throws {
    var passes = true
    try CommandFailure.catching { passes = try verifyTitles() }
    // The findings say it all.
    if !passes { throw ExitCode(CommandFailure.Code.data.rawValue) }
  }

  /// - Returns: whether all titles pass.
  private func verifyTitles() throws -> Bool {
    Interruption.watch()
    var reports: [VerificationReport] = []
    var failure: CommandFailure?
    for title in titles {
      do {
        let report = try verify(title)
        if !json { print(VerificationText(report, isColoured: isatty(STDOUT_FILENO) == 1).text) }
        reports.append(report)
      } catch {
        // One title that cannot be read leaves the others to be verified.
        let failed = CommandFailure(error)
        if titles.count == 1 || Interruption.isRequested { throw failed }
        Terminal.say("dougong: \(failed.message)")
        if failure == nil || failed.code == .system { failure = failed }
      }
    }
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      let object = VerificationJSON(reports)
      print(String(decoding: try encoder.encode(object), as: UTF8.self))
    }
    if let failure {
      throw CommandFailure(failure.code, "\(titles.count - reports.count) titles could not be read")
    }
    return reports.allSatisfy(\.passes)
  }

  private func verify(_ title: String) throws -> VerificationReport {
    let line = ProgressLine("Verifying")
    defer { line.finish() }
    return try TitleVerification.verify(folder: title, progress: line.progress)
  }
}

/// Findings as aligned lines, and one line that sums them up.
private struct VerificationText {
  let text: String

  init(_ report: VerificationReport, isColoured: Bool) {
    func coloured(_ text: String, _ code: Int) -> String {
      isColoured ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }
    let width = report.findings.map(\.code.count).max() ?? 0
    var lines = report.findings.map { finding in
      let isError = finding.severity == .error
      let padding = String(repeating: " ", count: width - finding.code.count)
      return coloured(isError ? "ERROR  " : "WARNING", isError ? 31 : 33)
        + " \(finding.code)\(padding)  \(finding.place): \(finding.message) (\(finding.clause))"
    }
    let counts = [
      Self.count(report.errorCount, "error"), Self.count(report.warningCount, "warning"),
    ].joined(separator: ", ")
    let extent = [
      Self.count(report.trackCount, "track"), Self.count(report.segmentCount, "segment"),
      "\(report.byteCount) bytes read",
    ].joined(separator: ", ")
    lines.append(
      coloured(report.passes ? "PASS" : "FAIL", report.passes ? 32 : 31)
        + " \(report.name): \(counts) (\(extent))")
    text = lines.joined(separator: "\n")
  }

  private static func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }
}

/// The same for machines.
private struct VerificationJSON: Encodable {
  struct Finding: Encodable {
    var severity: String
    var code: String
    var place: String
    var message: String
    var clause: String
  }

  struct Title: Encodable {
    var name: String
    var passes: Bool
    var errors: Int
    var warnings: Int
    var tracks: Int
    var segments: Int
    var bytesRead: Int64
    var findings: [Finding]
  }

  var passes: Bool
  var titles: [Title]

  init(_ reports: [VerificationReport]) {
    passes = reports.allSatisfy(\.passes)
    titles = reports.map { report in
      Title(
        name: report.name, passes: report.passes, errors: report.errorCount,
        warnings: report.warningCount, tracks: report.trackCount, segments: report.segmentCount,
        bytesRead: report.byteCount,
        findings: report.findings.map {
          Finding(
            severity: $0.severity.rawValue, code: $0.code, place: $0.place, message: $0.message,
            clause: $0.clause)
        })
    }
  }
}
