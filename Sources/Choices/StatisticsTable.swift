package import Foundation

/// What viewers chose, for people at a terminal.
///
///     print(StatisticsTable(try EpisodeStatistics(json: data), isColoured: true).text)
///
/// Texts may come from anywhere: what a terminal would obey is shown as `?`.
package struct StatisticsTable {
  private let statistics: EpisodeStatistics
  private let isColoured: Bool

  /// Columns of a label; longer ones are cut.
  private static let labelWidth = 36
  /// Columns of a bar that stands for all.
  private static let barWidth = 20

  package init(_ statistics: EpisodeStatistics, isColoured: Bool) {
    self.statistics = statistics
    self.isColoured = isColoured
  }

  package var text: String {
    var lines = [bold(label(statistics.title, or: statistics.episode)) + "  " + version]
    guard statistics.reports > 0 else {
      return (lines + ["Nobody has chosen yet."]).joined(separator: "\n")
    }
    let defaults = statistics.choices.reduce(0) { $0 + $1.defaults }
    lines.append(
      [
        counted(statistics.runs, "run"), counted(statistics.reports, "choice"),
        percent(statistics.endingsReached, of: statistics.runs) + " came to an end",
        percent(defaults, of: statistics.reports) + " left to the default",
      ].joined(separator: " · "))
    for choice in statistics.choices { lines += self.lines(choice) }
    if !statistics.endings.isEmpty {
      lines += ["", bold("Endings")]
      lines += rows(
        statistics.endings.map {
          Row(
            label: label($0.title, or: $0.id), count: $0.count, share: $0.share,
            expected: $0.expected)
        })
    }
    return lines.joined(separator: "\n")
  }

  private var version: String {
    let name = label([:], or: statistics.version)
    let others = statistics.versions.count { $0.version != statistics.version }
    return dim(
      name + (statistics.isPresent ? "" : ", an older version")
        + (others == 0 ? "" : ", beside \(counted(others, "other version"))"))
  }

  private func lines(_ choice: EpisodeStatistics.ChoiceCount) -> [String] {
    var facts = [label([:], or: choice.scene), counted(choice.count, "report")]
    if choice.count > 0 {
      facts.append(Self.plain(StatisticsText.percent(choice.defaultShare)) + " by default")
    }
    if let median = choice.medianSeconds {
      facts.append(StatisticsText.decimal(median) + " s to decide")
    }
    return ["", bold(label(choice.prompt, or: choice.id)), dim(facts.joined(separator: " · "))]
      + rows(
        choice.options.map {
          Row(
            label: label($0.text, or: $0.id), count: $0.count, share: $0.share,
            expected: $0.expected)
        })
  }

  // MARK: Rows

  private struct Row {
    var label: String
    var count: Int
    var share: Double
    var expected: Double?
  }

  private func rows(_ rows: [Row]) -> [String] {
    let width = rows.map { Self.columns($0.label) }.max() ?? 0
    let digits = rows.map { Self.plain(StatisticsText.count($0.count)).count }.max() ?? 0
    let most = rows.map(\.count).max() ?? 0
    return rows.map { row in
      let bar = Self.bar(row.share)
      let leads = row.count > 0 && row.count == most
      return "  " + row.label + String(repeating: " ", count: width - Self.columns(row.label))
        + "  "
        + (leads ? green(bar) : bar) + "  "
        + Self.right(Self.plain(StatisticsText.percent(row.share)), 5) + "  "
        + Self.right(Self.plain(StatisticsText.count(row.count)), digits)
        + (row.expected.map {
          dim("  expected " + Self.plain(StatisticsText.percent($0)))
        } ?? "")
    }
  }

  private static func bar(_ share: Double) -> String {
    let filled = Int((min(1, max(0, share)) * Double(barWidth)).rounded())
    return String(repeating: "█", count: filled)
      + String(repeating: "░", count: barWidth - filled)
  }

  private static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  // MARK: Words

  private func label(_ texts: [String: String], or id: String) -> String {
    let known = statistics.languages.lazy.compactMap { texts[$0] }.first { !$0.isEmpty }
    var (kept, taken) = ("", 0)
    for character in known ?? id {
      let harmless = character.unicodeScalars.allSatisfy { scalar in
        ![.control, .format, .lineSeparator, .paragraphSeparator].contains(
          scalar.properties.generalCategory)
      }
      let shown = harmless ? character : "?"
      let width = Self.columns(String(shown))
      guard taken + width < Self.labelWidth else { return kept + "…" }
      taken += width
      kept.append(shown)
    }
    return kept
  }

  /// Columns on a terminal: Chinese, Japanese and Korean characters take two.
  private static func columns(_ text: String) -> Int {
    text.reduce(0) { $0 + (($1.unicodeScalars.first?.value ?? 0) >= 0x2e80 ? 2 : 1) }
  }

  /// Thin spaces as the terminal's own.
  private static func plain(_ text: String) -> String {
    text.replacingOccurrences(of: "\u{202f}", with: " ")
  }

  private func counted(_ count: Int, _ noun: String) -> String {
    "\(Self.plain(StatisticsText.count(count))) \(noun)\(count == 1 ? "" : "s")"
  }

  private func percent(_ count: Int, of whole: Int) -> String {
    Self.plain(StatisticsText.percent(whole == 0 ? 0 : min(1, Double(count) / Double(whole))))
  }

  // MARK: Colours

  private func bold(_ text: String) -> String { painted(text, 1) }
  private func dim(_ text: String) -> String { painted(text, 2) }
  private func green(_ text: String) -> String { painted(text, 32) }

  private func painted(_ text: String, _ code: Int) -> String {
    isColoured ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
  }
}

extension EpisodeStatistics {
  /// Statistics as an origin tells them.
  package init(json: Data) throws(ChoicesError) {
    do {
      self = try JSONDecoder().decode(Self.self, from: json)
    } catch {
      throw ChoicesError(.malformed, "these are no statistics of an episode")
    }
  }
}
