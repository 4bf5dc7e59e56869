/// Figures in the text format of Prometheus, version 0.0.4.
///
///     var text = PrometheusText()
///     text.family("dougong_requests_total", .counter, "Requests that were answered.")
///     text.sample([("class", "segment")], 12)
struct PrometheusText {
  enum Kind: String { case counter, gauge, histogram, summary }

  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  private(set) var text = ""
  private var name = ""

  /// Begins a metric: all its samples follow.
  mutating func family(_ name: String, _ kind: Kind, _ help: String) {
    self.name = name
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
  }

  /// - Parameters:
  ///   - suffix: `_bucket`, `_sum` or `_count` of a histogram.
  ///   - labels: names and values that are the origin's own; nothing from outside belongs here.
  ///   - value: a number as text.
  mutating func sample(
    _ suffix: String = "", _ labels: [(name: String, value: String)] = [], text value: String
  ) {
    text += name + suffix
    if !labels.isEmpty {
      text += "{" + labels.map { "\($0.name)=\"\($0.value)\"" }.joined(separator: ",") + "}"
    }
    text += " \(value)\n"
  }

  mutating func sample(_ labels: [(name: String, value: String)] = [], _ value: UInt64) {
    sample("", labels, text: "\(value)")
  }

  /// The samples of one histogram of a family.
  mutating func histogram(
    _ labels: [(name: String, value: String)], cumulative: [UInt64], nanoseconds: UInt64
  ) {
    let bounds = Histograms.bounds.map(Self.seconds) + ["+Inf"]
    for (bound, count) in zip(bounds, cumulative) {
      sample("_bucket", labels + [("le", bound)], text: "\(count)")
    }
    sample("_sum", labels, text: Self.seconds(nanoseconds))
    sample("_count", labels, text: "\(cumulative.last ?? 0)")
  }

  /// The samples of a sum, of a summary without quantiles.
  mutating func sum(_ sum: PlayerFigures.Sum, _ unit: (UInt64) -> String) {
    sample("_sum", text: unit(sum.total))
    sample("_count", text: "\(sum.count)")
  }

  /// Exact, without zeros at the end: `0.0025`.
  static func seconds(_ nanoseconds: UInt64) -> String {
    let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    guard rest > 0 else { return "\(whole)" }
    let digits = String(rest)
    var fraction = String(repeating: "0", count: 9 - digits.count) + digits
    while fraction.last == "0" { fraction.removeLast() }
    return "\(whole).\(fraction)"
  }
}
