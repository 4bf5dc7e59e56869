import Choices
import NIOCore
import NIOHTTP1

/// How the statistics of an episode are asked for: `?format=json|html&version=…`, and `Accept`.
struct StatisticsQuery: Hashable, Sendable {
  enum Format: String, Hashable, Sendable {
    case json, html
  }

  var format: Format
  /// `nil`: the present one.
  var version: String?

  /// - Throws: 400 for what the query cannot mean.
  init(target: String, accept: String?) throws(Rejection) {
    format = Self.prefersPage(accept) ? .html : .json
    guard let mark = target.firstIndex(of: "?") else { return }
    for member in target[target.index(after: mark)...].split(separator: "&") {
      let parts = member.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let value = parts.count == 2 ? String(parts[1]) : ""
      switch parts[0] {
      case "format":
        guard let asked = Format(rawValue: value) else {
          throw Rejection(.badRequest, "The format of statistics is json or html.")
        }
        format = asked
      case "version":
        let isVersion =
          value.utf8.count == ChoiceLimits.versionLength
          && value.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        guard isVersion else {
          throw Rejection(
            .badRequest, "A version has \(ChoiceLimits.versionLength) hexadecimal digits.")
        }
        version = value
      default: continue
      }
    }
  }

  /// Browsers name HTML before all; other clients take what there is.
  private static func prefersPage(_ accept: String?) -> Bool {
    for range in (accept ?? "").split(separator: ",") {
      switch range.split(separator: ";").first?.trimmed.lowercased() {
      case "text/html", "application/xhtml+xml": return true
      case "application/json": return false
      default: continue
      }
    }
    return false
  }
}

extension Representation {
  init(_ statistics: RenderedStatistics, _ format: StatisticsQuery.Format) {
    switch format {
    case .json:
      self.init(
        contentType: "application/json", cacheControl: .statistics,
        document: ServedDocument(bytes: ByteBuffer(bytes: statistics.json)))
    case .html:
      self.init(
        contentType: "text/html; charset=utf-8", cacheControl: .statistics,
        document: ServedDocument(text: statistics.page))
    }
    varies = ["Accept"]
  }
}
