import ArgumentParser

/// `0`, `500M`, `20G`, `2T`: powers of 1024.
struct ByteSize: ExpressibleByArgument, CustomStringConvertible {
  var byteCount: Int64

  init(byteCount: Int64) { self.byteCount = byteCount }

  private static let units: [Character: Int64] = ["M": 1 << 20, "G": 1 << 30, "T": 1 << 40]

  init?(argument: String) {
    if argument == "0" {
      byteCount = 0
      return
    }
    guard let unit = argument.last.flatMap({ Self.units[$0] }),
      let count = Int64(argument.dropLast()), (1...1_000_000).contains(count),
      case let (bytes, hasOverflow) = count.multipliedReportingOverflow(by: unit), !hasOverflow
    else { return nil }
    byteCount = bytes
  }

  var description: String {
    guard byteCount > 0 else { return "0" }
    let unit = Self.units.sorted { $0.value > $1.value }.first { byteCount % $0.value == 0 }
    return unit.map { "\(byteCount / $0.value)\($0.key)" } ?? "\(byteCount)"
  }
}
