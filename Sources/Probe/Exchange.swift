package import MediaCore
package import NIOCore

/// What is asked of a server.
package struct ProbeRequest: Hashable, Sendable {
  /// What the answer is for.
  package enum Purpose: Hashable, Sendable {
    /// The multivariant playlist or the MPD.
    case presentation
    /// The clock that the MPD names.
    case clock
    /// - Parameter generation: of the track's choice of playlist: an answer of an older one is dropped.
    case playlist(track: Int, generation: Int)
    case initialization(track: Int)
    case media(Piece)
    /// A question to which the answer is known: `ProtocolRules`.
    case question(ServerQuestion)
  }

  package var address: WebAddress
  package var range: ByteRange?
  package var purpose: Purpose

  init(_ address: WebAddress, range: ByteRange? = nil, for purpose: Purpose) {
    self.address = address
    self.range = range
    self.purpose = purpose
  }

  /// Bytes of the answer, at most.
  var maximumByteCount: Int {
    switch purpose {
    case .media, .initialization: Limits.mediaByteCount
    case .presentation, .clock, .playlist, .question: Limits.documentByteCount
    }
  }
}

/// A segment or a part that is played.
package struct Piece: Hashable, Sendable {
  package var track: Int
  /// Media sequence number, or `$Number$`.
  package var number: Int64
  /// `nil`: the whole segment.
  package var part: Int?
  /// Where it begins on the presentation's timeline.
  package var position: Duration
  package var duration: Duration
  /// Of the ladder; 0 is the lowest.
  package var rung: Int
  /// When its first sample was taken, as the document has it: since 1970.
  package var dated: Duration?
  /// Asked for before the document listed it.
  package var isHinted = false
  /// It comes as it is made.
  package var isGrowing = false
  /// The newest when it was asked for, or not even there: its way from the server is measured.
  package var isAtEdge = false
}

/// A request with its answer, and when each of it was there. All moments count from the run's start.
package struct Exchange: Sendable {
  package struct Arrival: Hashable, Sendable {
    package var moment: Duration
    package var byteCount: Int
  }

  package var request: ProbeRequest
  /// Handed to the connection.
  package var asked: Duration
  /// The head of the answer was there.
  package var firstByte: Duration?
  package var lastByte: Duration
  package var status = 0
  /// Of HTTP: `1.1`, `2`.
  package var version: String?
  package var date: String?
  package var location: String?
  package var body = ByteBuffer()
  /// Of the body.
  package var arrivals: [Arrival] = []
  /// What went wrong before the answer was whole, in a few words.
  package var failure: String?

  init(_ request: ProbeRequest, asked: Duration) {
    self.request = request
    self.asked = asked
    lastByte = asked
  }

  package var isGood: Bool { failure == nil && (status == 200 || status == 206) }

  /// Why it is of no use, for a finding.
  package var complaint: String { failure ?? "the status was \(status)" }

  mutating func arrived(_ byteCount: Int, at moment: Duration) {
    if arrivals.count < Limits.arrivalCount {
      arrivals.append(Arrival(moment: moment, byteCount: byteCount))
    } else {
      arrivals[arrivals.count - 1].moment = moment
      arrivals[arrivals.count - 1].byteCount += byteCount
    }
  }

  /// Bytes and the time that the link took for them, by which its rate is estimated: what came after
  /// the first arrival, whose own time nobody knows, without pauses in which the server had nothing.
  var transfer: (byteCount: Int, length: Duration) {
    var byteCount = 0
    var length = Duration.zero
    for (before, arrival) in zip(arrivals, arrivals.dropFirst()) {
      let gap = arrival.moment - before.moment
      if case .media(let piece) = request.purpose, piece.isGrowing, gap > Self.pause { continue }
      byteCount += arrival.byteCount
      length += gap
    }
    return (byteCount, length)
  }

  /// What grows is not being sent when nothing came for so long.
  private static let pause = Duration.milliseconds(20)
}
