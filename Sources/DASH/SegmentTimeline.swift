/// When each segment starts and how long it lasts, run-length coded (ISO/IEC 23009-1 §5.3.9.6).
package struct SegmentTimeline: Hashable, Sendable {
  /// `S`: segments of one duration that follow each other.
  package struct Run: Hashable, Sendable {
    /// `@t`; `nil` when the run follows the one before without a gap.
    package var start: Int64?
    /// `@d`
    package var duration: Int64
    /// `@r`: further segments after the first.
    package var repeats: Int

    package init(start: Int64? = nil, duration: Int64, repeats: Int = 0) {
      self.start = start
      self.duration = duration
      self.repeats = repeats
    }
  }

  package var runs: [Run]

  package init(runs: [Run]) { self.runs = runs }

  /// - Parameter segments: start and duration, in the template's timescale.
  package init(_ segments: some Sequence<(start: Int64, duration: Int64)>) {
    runs = []
    var end: Int64?
    for (start, duration) in segments {
      let follows = start == end
      if follows, let last = runs.indices.last, runs[last].duration == duration {
        runs[last].repeats += 1
      } else {
        runs.append(Run(start: follows ? nil : start, duration: duration))
      }
      let (sum, overflow) = start.addingReportingOverflow(duration)
      end = overflow ? nil : sum
    }
  }

  /// Start and duration of every segment; times beyond `Int64` end the list.
  package var segments: [(start: Int64, duration: Int64)] {
    var segments: [(start: Int64, duration: Int64)] = []
    var next: Int64 = 0
    for run in runs {
      next = run.start ?? next
      for _ in 0...max(0, run.repeats) {
        segments.append((next, run.duration))
        let (sum, overflow) = next.addingReportingOverflow(run.duration)
        guard !overflow else { return segments }
        next = sum
      }
    }
    return segments
  }

  init(_ element: XMLElement) throws(DASHError) {
    runs = []
    var count = 0
    for child in element.children("S") {
      let duration = try child.required("d", child.integer("d", 1...Int64.max))
      let repeats = try child.integer("r", -1...Int64(MPDLimits.segmentCount)) ?? 0
      guard repeats >= 0 else {
        throw DASHError(.unsupported, line: child.line, "S@r=\"-1\" is not read")
      }
      count += Int(repeats) + 1
      guard count <= MPDLimits.segmentCount else {
        throw DASHError(
          .tooLarge, line: child.line, "more than \(MPDLimits.segmentCount) segments")
      }
      runs.append(
        Run(start: try child.integer("t"), duration: duration, repeats: Int(repeats)))
    }
  }

  var element: XMLElement {
    var element = XMLElement("SegmentTimeline")
    for run in runs {
      var child = XMLElement("S")
      child.set("t", run.start)
      child.set("d", run.duration)
      if run.repeats > 0 { child.set("r", run.repeats) }
      element.children.append(child)
    }
    return element
  }
}
