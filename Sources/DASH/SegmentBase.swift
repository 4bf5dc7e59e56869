package import MediaCore

/// One file that indexes itself: SegmentBase with `@indexRange` (ISO/IEC 23009-1 §5.3.9.2).
package struct SegmentBase: Hashable, Sendable {
  package var timescale: Timescale
  /// Ticks of the track at the Period's start.
  package var presentationTimeOffset: Int64
  /// The `sidx` boxes, exactly.
  package var indexRange: ByteRange?
  /// The header: `ftyp` and `moov`.
  package var initialization: ByteRange?

  package init(
    timescale: Timescale, presentationTimeOffset: Int64 = 0, indexRange: ByteRange? = nil,
    initialization: ByteRange? = nil
  ) {
    self.timescale = timescale
    self.presentationTimeOffset = presentationTimeOffset
    self.indexRange = indexRange
    self.initialization = initialization
  }

  init(_ element: XMLElement) throws(DASHError) {
    timescale = try element.timescale("timescale") ?? Timescale(literal: 1)
    presentationTimeOffset = try element.integer("presentationTimeOffset") ?? 0
    indexRange = try element.byteRange("indexRange")
    initialization = try element.child("Initialization")?.byteRange("range")
  }

  var element: XMLElement {
    var element = XMLElement("SegmentBase")
    element.set("timescale", timescale)
    if presentationTimeOffset != 0 { element.set("presentationTimeOffset", presentationTimeOffset) }
    element.set("indexRange", indexRange.map(rendered))
    if indexRange != nil { element.set("indexRangeExact", true) }
    if let initialization {
      var child = XMLElement("Initialization")
      child.set("range", rendered(initialization))
      element.children.append(child)
    }
    return element
  }
}
