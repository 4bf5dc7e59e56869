/// What the probe takes from a server or a file, at most, and how it plays where the stream leaves
/// that to the player.
package enum Limits {
  /// Viewers of one run.
  package static let viewerCount = 20_000
  /// Seconds of one run: a day.
  package static let runSeconds = 86_400
  /// Bytes of an address, after it was resolved.
  static let addressByteCount = 8192
  /// Bytes of a playlist or an MPD.
  static let documentByteCount = 32 << 20
  /// Bytes of a segment, a part or a header.
  static let mediaByteCount = 256 << 20
  /// Redirections that are followed in a row.
  static let redirectCount = 5
  /// Connections of one viewer to one server.
  static let connectionCount = 8
  /// Seconds from a request to the last byte of its answer.
  static let exchangeSeconds = 60
  /// Seconds until a connection stands.
  static let connectSeconds = 10
  /// Arrivals of pieces of one answer that are kept apart; later ones are added to the last.
  static let arrivalCount = 4096

  /// Bytes that a server may send on one stream of HTTP/2 before it hears of them, and on all of a connection: as
  /// browsers have it, so that the window is no limit on long ways.
  static let streamWindowByteCount = 6 << 20
  static let connectionWindowByteCount = 15 << 20

  /// Documents of one generation that are kept as they were read.
  static let cachedDocumentCount = 64
  /// Segments and parts of one playlist, together.
  static let playlistPieceCount = 200_000
  /// Tags of one kind that stand once for each rendition: hints, reports.
  static let reportCount = 1000

  /// Bytes of a trace.
  package static let traceByteCount = 16 << 20
  /// Lines of a trace: a day of seconds.
  static let traceStepCount = 86_400
  /// Kilobits in a second of a trace.
  static let traceKilobits: Int64 = 100_000_000
  /// Bytes that are taken from a socket at once where a trace says how fast they come.
  static let shapedReadByteCount = 16 << 10
  /// Bytes of one connection that are held back at once.
  static let shapedHeldByteCount = 8 << 20
  /// Milliseconds of a round trip.
  package static let roundTripMilliseconds = 60_000
  /// Bytes that the kernel may hold of a connection that is read by a trace.
  static let shapedSocketByteCount = 64 << 10

  /// Media that a player gathers ahead of what it shows.
  static let bufferLength = Duration.seconds(30)
  /// After a failed request, until it is made again.
  static let retryDelay = Duration.milliseconds(500)
  /// Requests of one track that fail in a row before a viewer gives up.
  static let failureCount = 20
  /// Points of a plotted line: more are thinned.
  static let plotPointCount = 1200
  /// Findings that are kept: the rest is counted.
  static let findingCount = 200
}
