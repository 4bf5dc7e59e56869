import MP4
import MediaCore

extension StreamFragment {
  /// - Throws: for times that no source has.
  func check(_ name: String, _ timescale: Timescale) throws(IngestError) {
    let longest = IngestLimits.longestSample * Int64(timescale.ticksPerSecond)
    for sample in samples {
      guard sample.duration <= longest,
        abs(sample.presentationTime - sample.decodeTime) <= longest
      else {
        throw IngestError(
          .malformed,
          "\(name): a sample at \(sample.decodeTime) lasts, or waits to be presented, longer than a minute"
        )
      }
    }
  }

  /// The same with times in other ticks.
  func rescaled(from: Timescale, to: Timescale) -> StreamFragment {
    var copy = self
    copy.end = rescale(end, from: from, to: to)
    for index in copy.samples.indices {
      copy.samples[index].decodeTime = rescale(samples[index].decodeTime, from: from, to: to)
      copy.samples[index].presentationTime = rescale(
        samples[index].presentationTime, from: from, to: to)
      copy.samples[index].duration = rescale(samples[index].duration, from: from, to: to)
    }
    if let reference {
      copy.reference = (rescale(reference.mediaTime, from: from, to: to), reference.wallClock)
    }
    return copy
  }
}
