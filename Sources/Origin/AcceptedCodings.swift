import Compression

/// Which content codings a client takes (RFC 9110 §12.5.3).
///
///     AcceptedCodings("gzip;q=0.5, br").best(of: [.gzip])  // .coded(.gzip)
struct AcceptedCodings: Hashable, Sendable {
  enum Choice: Hashable, Sendable {
    case coded(ContentCoding)
    case identity
    /// Nothing that is here would be taken.
    case none
  }

  /// Thousandths; `nil`: not named.
  private var weights: [ContentCoding: Int] = [:]
  private var identity: Int?
  private var other: Int?

  /// - Parameter field: `nil` if the client says nothing: it is sent no coding then, though it would have to take
  ///   any.
  init(_ field: String?) {
    guard let field else { return }
    for member in field.split(separator: ",") {
      let parts = member.split(separator: ";", omittingEmptySubsequences: false).map(\.trimmed)
      guard let weight = Self.weight(parts.dropFirst()) else { continue }
      switch parts[0].lowercased() {
      case "identity": identity = weight
      case "*": other = weight
      case "gzip", "x-gzip": weights[.gzip] = weight
      case "br": weights[.brotli] = weight
      default: continue
      }
    }
  }

  /// The heaviest; among equals the first of `there`, and what is coded before what is not.
  ///
  /// - Parameter there: codings to choose from besides none at all.
  func best(of there: some Sequence<ContentCoding>) -> Choice {
    var best: (choice: Choice, weight: Int) = (.none, 0)
    for coding in there {
      let weight = weights[coding] ?? other ?? 0
      if weight > best.weight { best = (.coded(coding), weight) }
    }
    // "If the representation has no content coding, then it is acceptable by default unless specifically excluded".
    if (identity ?? other ?? 0) > best.weight { return .identity }
    if best.choice == .none, identity ?? other ?? 1 > 0 { return .identity }
    return best.choice
  }

  /// - Returns: `nil` for what is no weight (§12.4.2).
  private static func weight(_ parameters: some Sequence<Substring>) -> Int? {
    var weight = 1000
    for parameter in parameters {
      guard parameter.utf8.count >= 3, parameter.lowercased().hasPrefix("q=") else { return nil }
      let digits = parameter.dropFirst(2).utf8.map { $0 }
      guard digits.count <= 5, digits.count == 1 || (digits[1] == UInt8(ascii: ".")) else {
        return nil
      }
      var thousandths = 0
      for (place, digit) in zip([1000, 0, 100, 10, 1], digits) where place > 0 {
        guard (0x30...0x39).contains(digit) else { return nil }
        thousandths += Int(digit - 0x30) * place
      }
      guard thousandths <= 1000 else { return nil }
      weight = thousandths
    }
    return weight
  }
}
