import CFFmpeg
package import MediaCore

/// A picture of a live source, decoded.
package struct LivePicture: Sendable {
  package var picture: Picture
  /// When it is presented in the source.
  package var time: MediaTime
  /// In ticks of the time; 0 if the source does not say.
  package var duration: Int64
  /// When it came in, nanoseconds since 1970; `nil` of a file.
  package var arrival: Int64?
  /// Pictures in a second by the container's word, which may be a guess.
  package var frameRate: Rational?
  /// Of the stream; the picture's own word goes first.
  package var masteringDisplay: MasteringDisplay?
  package var contentLight: ContentLight?
  /// How long decoding it has taken.
  package var decoding: Duration
}

/// The pictures of a live source's stream, decoded as they come in.
///
/// Decoding begins at a key frame. What is damaged is shown as the decoder fills it in, and told by the picture; what
/// cannot be decoded at all is left out.
final class LivePictures {
  private var decoder: PictureDecoder
  private let stream: StreamDescription
  private let timescale: Timescale
  private var hasBegun = false
  private var haste = PictureDecoder.Haste.none
  private var wantedHaste = PictureDecoder.Haste.none
  /// What decoding has taken since the last picture.
  private var spent = Duration.zero
  /// Turns pictures of cameras that were held otherwise.
  private var turning: FilterStage?

  /// Of the decoder: as many as a picture of 4K keeps busy at 60 a second.
  private static let threadCount = 4

  init(
    _ pointer: UnsafeMutablePointer<AVStream>, _ stream: StreamDescription, path: String
  ) throws(FFmpegError) {
    let place = "\(path), video track \(stream.number)"
    guard stream.timeBase.0 > 0, let ticks = UInt32(exactly: stream.timeBase.1),
      let timescale = Timescale(ticks)
    else { throw FFmpegError(.damaged, "\(place) has no time base") }
    self.stream = stream
    self.timescale = timescale
    decoder = try unsafe PictureDecoder.open(pointer, name: place, threads: Self.threadCount)
    if stream.turn != nil, let rate = Rational(Int64(ticks), 1) {
      turning = FilterStage(rate: rate)
    }
  }

  /// From the next packet on. What was left out is not referred to: after key frames alone it waits for one.
  func hurry(_ haste: PictureDecoder.Haste) { wantedHaste = haste }

  /// The picture as it is to be looked at.
  private func upright(_ picture: Picture, _ time: Int64) throws(FFmpegError) -> Picture {
    let numbered = NumberedPicture(picture: picture, number: time, arrival: nil)
    let turned = try turning?.take(numbered, form: picture.form) { _ in stream.turn }
    return turned?.first?.picture ?? picture
  }

  func take(
    _ pointer: UnsafePointer<AVPacket>, _ packet: Packet, arrival: Int64?,
    _ give: (LivePicture) throws -> Void
  ) throws {
    guard hasBegun || packet.isKey else { return }
    hasBegun = true
    if wantedHaste != haste, haste != .keyFrames || packet.isKey {
      haste = wantedHaste
      decoder.hurry(haste)
    }
    let begin = ContinuousClock.now
    try unsafe decoder.send(pointer)
    spent += ContinuousClock.now - begin
    try receive(arrival, give)
  }

  /// Gives out what the decoder holds back.
  func finish(_ give: (LivePicture) throws -> Void) throws {
    guard hasBegun else { return }
    try decoder.finish()
    try receive(nil, give)
  }

  private func receive(_ arrival: Int64?, _ give: (LivePicture) throws -> Void) throws {
    while true {
      let begin = ContinuousClock.now
      let received = try decoder.receivePicture()
      spent += ContinuousClock.now - begin
      guard let picture = received else { return }
      // Without a time nobody knows where it belongs.
      guard let time = picture.presentationTime else { continue }
      let factor = stream.timeBase.0
      let (ticks, overflows) = time.multipliedReportingOverflow(by: factor)
      guard !overflows, ticks.magnitude < 1 << 60 else { continue }
      try give(
        LivePicture(
          picture: try upright(picture, ticks), time: MediaTime(ticks, timescale),
          duration: max(0, picture.duration) * factor, arrival: arrival,
          frameRate: stream.frameRate,
          masteringDisplay: picture.masteringDisplay ?? stream.sideData.masteringDisplay,
          contentLight: picture.contentLight ?? stream.sideData.contentLight,
          decoding: spent))
      spent = .zero
    }
  }
}

extension StreamDescription {
  /// The filter that does what the container's matrix asks for, in quarters of a turn (ISO/IEC 14496-12 §8.3.2); `nil` if
  /// pictures are upright, or anything else is asked for.
  fileprivate var turn: String? {
    guard let displayMatrix, displayMatrix.count == 9 else { return nil }
    let corners = [0, 1, 3, 4].map { displayMatrix[$0].signum() }
    switch corners {
    case [0, 1, -1, 0]: return "transpose=dir=clock"
    case [0, -1, 1, 0]: return "transpose=dir=cclock"
    case [-1, 0, 0, -1]: return "hflip,vflip"
    default: return nil
    }
  }
}
