package import NIOCore

/// One sample of a live source, its payload with it.
package struct LiveSample: Sendable {
  /// Number of the track in the source.
  package var track: Int
  /// Decode and presentation time in the source, ticks of the track.
  package var decodeTime: Int64
  package var presentationTime: Int64
  /// Ticks of the track; 0 if the source does not say.
  package var duration: Int64
  package var randomAccess: RandomAccess
  /// When the sample came in, nanoseconds since 1970; `nil` of a file, which waits for whoever reads it.
  package var arrival: Int64?
  package var payload: ByteBuffer

  package init(
    track: Int, decodeTime: Int64, presentationTime: Int64, duration: Int64,
    randomAccess: RandomAccess, arrival: Int64? = nil, payload: ByteBuffer
  ) {
    self.track = track
    self.decodeTime = decodeTime
    self.presentationTime = presentationTime
    self.duration = duration
    self.randomAccess = randomAccess
    self.arrival = arrival
    self.payload = payload
  }
}

/// What a live source delivers, in the order in which it comes in.
package enum LiveEvent: Sendable {
  /// Samples with the track's number are coded in this way from here on. The table has no samples.
  case track(SourceTrack)
  case sample(LiveSample)
  /// A message about splice points, with times of the source.
  case splice(Splice)
  /// What follows is another run of the source: its times have nothing to do with those before.
  /// Where it continues what was before, as a loop does, decoders notice nothing.
  case restart(isSeamless: Bool)
}

/// Something that goes on and on: a device, a network's stream, a file that is played.
package protocol LiveSource: AnyObject {
  /// As the user named it.
  var name: String { get }
  /// Whether pictures may come; known once something has.
  var expectsPictures: Bool { get }
  /// The next event, which it waits for; `nil` at the end.
  func next() throws -> LiveEvent?
}
