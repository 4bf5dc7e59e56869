import DASH
import MediaCore

/// Where the segments of a representation lie, in time and by name (ISO/IEC 23009-1 §5.3.9).
struct DASHSegments {
  struct Place: Hashable, Sendable {
    var number: Int64
    /// `$Time$`
    var time: Int64
    /// Since the presentation's start.
    var position: Duration
    var duration: Duration
  }

  let representation: Representation
  let template: SegmentTemplate
  private let base: WebAddress
  private let start: Duration
  /// Of the period; `nil` while it goes on.
  private let end: Duration?
  /// Start and duration of each, in ticks; `nil`: all have one duration.
  private let listed: [(start: Int64, duration: Int64)]?

  /// - Throws: `ProbeError` for what has no template.
  init(
    _ representation: Representation, in set: AdaptationSet, base: WebAddress, start: Duration,
    end: Duration?
  ) throws(ProbeError) {
    guard let template = representation.segmentTemplate ?? set.segmentTemplate else {
      throw ProbeError(
        .input, "\(base): only SegmentTemplate is played, and \(representation.id) has none")
    }
    guard template.timeline != nil || template.duration != nil else {
      throw ProbeError(.input, "\(base): SegmentTemplate says nothing of how long segments last")
    }
    self.representation = representation
    self.template = template
    self.base =
      try representation.baseURL.map { url throws(ProbeError) in try base.resolved(url) }
      ?? base
    (self.start, self.end) = (start, end)
    listed = template.timeline?.segments
  }

  private func position(_ ticks: Int64) -> Duration {
    let (since, overflow) = ticks.subtractingReportingOverflow(template.presentationTimeOffset)
    return start
      + .microseconds(
        rescale(overflow ? 0 : since, from: template.timescale, to: .microseconds))
  }

  private func place(_ index: Int64, _ ticks: Int64, _ duration: Int64) -> Place {
    let first = position(ticks)
    let (sum, overflow) = ticks.addingReportingOverflow(duration)
    return Place(
      number: template.startNumber &+ index, time: ticks, position: first,
      duration: max(.milliseconds(1), (overflow ? first : position(sum)) - first))
  }

  /// The segment at a place on the timeline, or the next one behind a hole.
  /// - Returns: `nil` if it is not there yet, or the period is over.
  func segment(at wanted: Duration) -> Place? {
    // Half a tick of rounding must not lead back to the segment before.
    let wanted = wanted + .milliseconds(1)
    if let listed {
      guard
        let index = listed.firstIndex(where: {
          let place = self.place(0, $0.start, $0.duration)
          return place.position + place.duration > wanted
        })
      else { return nil }
      let place = place(Int64(index), listed[index].start, listed[index].duration)
      return isInside(place) ? place : nil
    }
    guard let duration = template.duration else { return nil }
    let ticks = rescale(
      max(.zero, wanted - start).inMicroseconds, from: .microseconds, to: template.timescale)
    let index = ticks / duration
    let (offset, overflow) = index.multipliedReportingOverflow(by: duration)
    guard !overflow else { return nil }
    let place = place(index, template.presentationTimeOffset &+ offset, duration)
    return isInside(place) ? place : nil
  }

  private func isInside(_ place: Place) -> Bool {
    end.map { place.position + .milliseconds(1) < $0 } ?? true
  }

  func address(of place: Place) throws(ProbeError) -> WebAddress {
    try base.resolved(filled(template.media ?? "", place))
  }

  /// Of the header; `nil` if segments initialize themselves.
  func initialization() throws(ProbeError) -> WebAddress? {
    guard let name = template.initialization else { return nil }
    return try base.resolved(filled(name, nil))
  }

  /// A template with its identifiers replaced (§5.3.9.4.4).
  private func filled(_ text: String, _ place: Place?) -> String {
    var result = ""
    for (index, piece) in text.split(separator: "$", omittingEmptySubsequences: false).enumerated()
    {
      guard index % 2 == 1 else {
        result += piece
        continue
      }
      let (name, format) = (piece.prefix { $0 != "%" }, piece.drop { $0 != "%" })
      switch name {
      case "": result += "$"
      case "RepresentationID": result += representation.id
      case "Number": result += Self.padded(place?.number ?? 0, format)
      case "Time": result += Self.padded(place?.time ?? 0, format)
      case "Bandwidth": result += Self.padded(representation.bandwidth, format)
      default: result += "$\(piece)$"
      }
    }
    return result
  }

  /// `%0[width]d`
  private static func padded(_ number: Int64, _ format: Substring) -> String {
    let width = Int(format.dropFirst(2).dropLast()) ?? 1
    let digits = String(number)
    return String(repeating: "0", count: max(0, min(width, 32) - digits.count)) + digits
  }
}
