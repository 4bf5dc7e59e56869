/// The values of all variables at one moment of a run.
package struct EpisodeState: Hashable, Sendable {
  /// `[variable]`, in the episode's order; each within its bounds.
  package var values: [Int]

  package init(values: [Int]) { self.values = values }

  /// The values that a checkpoint carries, as the text between the dots of a path.
  ///
  /// Each value less its minimum, in as few bits as its variable needs, the first in the highest;
  /// filled up with zeros to sixes; base64url without padding (RFC 4648 §5). `-` if there is nothing
  /// to carry.
  package func packed(_ variables: [Int], of graph: EpisodeGraph) -> String {
    var bits: [UInt8] = []
    for index in variables {
      let variable = graph.episode.variables[index]
      let value = values[index] - variable.minimum
      for bit in (0..<variable.bitCount).reversed() { bits.append(UInt8(value >> bit & 1)) }
    }
    guard !bits.isEmpty else { return "-" }
    while bits.count % 6 != 0 { bits.append(0) }
    return String(
      decoding: stride(from: 0, to: bits.count, by: 6).map { start in
        Self.alphabet[bits[start..<start + 6].reduce(0) { $0 << 1 | Int($1) }]
      }, as: UTF8.self)
  }

  /// Reads what `packed` wrote into a state whose other variables have their initial values.
  package init(packed text: String, _ variables: [Int], of graph: EpisodeGraph)
    throws(EpisodesError)
  {
    values = graph.initialState.values
    let bitCount = variables.reduce(0) { $0 + graph.episode.variables[$1].bitCount }
    let digits = Array(text.utf8)
    guard digits.count == max(1, (bitCount + 5) / 6), bitCount > 0 || text == "-" else {
      throw EpisodesError(
        .malformedPath,
        "the state of this checkpoint has \(max(1, (bitCount + 5) / 6)) characters, not \(digits.count)"
      )
    }
    guard bitCount > 0 else { return }
    var bits: [Int] = []
    for digit in digits {
      guard let value = Self.alphabet.firstIndex(of: digit) else {
        throw EpisodesError(.malformedPath, "the state holds a character that is not base64url")
      }
      for bit in (0..<6).reversed() { bits.append(value >> bit & 1) }
    }
    var next = 0
    for index in variables {
      let variable = graph.episode.variables[index]
      let value = bits[next..<next + variable.bitCount].reduce(0) { $0 << 1 | $1 }
      next += variable.bitCount
      guard value < variable.valueCount else {
        throw EpisodesError(
          .malformedPath, "the state gives \(variable.name) a value that it cannot have")
      }
      values[index] = variable.minimum + value
    }
    guard bits[next...].allSatisfy({ $0 == 0 }) else {
      throw EpisodesError(.malformedPath, "the state has bits behind its last variable")
    }
  }

  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
}
