/// A player without sockets: it says what it wants to have, and is told what came.
///
/// Pure: moments are passed in, each answer carries its own.
protocol PlayerSession {
  var playhead: Playhead { get }
  var state: SessionState { get }
  /// Of the ladder that is being played.
  var rung: Int { get }
  var rungs: [Rung] { get }
  var switchCount: Int { get }
  /// Of the link; `nil` while nothing is known.
  var bitsPerSecond: Int64? { get }
  /// What is to be added to this machine's clock to have the server's; `nil` if nobody said.
  var clockOffset: Duration? { get }

  /// What to do now: requests to make, each once, and when to be asked again if nothing comes before.
  mutating func turn(at now: Duration) -> Turn
  /// Takes what there is of an answer that comes as it is made: `Piece.isGrowing`.
  mutating func takeProgress(_ exchange: Exchange)
  /// - Returns: chunks of media, if the answer was any.
  mutating func take(_ exchange: Exchange) -> [ChunkArrival]
}

struct Turn: Sendable {
  var requests: [ProbeRequest] = []
  var next: Duration?

  mutating func wake(at moment: Duration) { next = min(next ?? moment, moment) }
}

enum SessionState: Hashable, Sendable {
  case playing
  /// All of it was shown.
  case over
  /// Why it cannot go on, in a sentence.
  case failed(String)
}

/// One encoding among which a player may choose.
package struct Rung: Hashable, Sendable, Encodable {
  package var name: String
  /// As the document says it.
  package var bitsPerSecond: Int64
}
