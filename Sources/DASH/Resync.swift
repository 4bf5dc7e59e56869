/// Where in a segment a player may begin (ISO/IEC 23009-1 §5.3.13).
package struct Resync: Hashable, Sendable {
  /// 0: by the bytes of a chunk alone, which may have to be decoded from an earlier one on.
  package var type: Int64
  /// Ticks of the template, between two such points at the most.
  package var maximumTime: Int64?
  /// Each begins with a marker: the `styp` of a chunk.
  package var hasMarker: Bool

  package init(type: Int64, maximumTime: Int64?, hasMarker: Bool) {
    self.type = type
    self.maximumTime = maximumTime
    self.hasMarker = hasMarker
  }

  init(_ element: XMLElement) throws(DASHError) {
    type = try element.integer("type") ?? 0
    maximumTime = try element.integer("dT")
    hasMarker = try element.flag("marker")
  }

  var element: XMLElement {
    var element = XMLElement("Resync")
    element.set("dT", maximumTime)
    if hasMarker { element.set("marker", true) }
    element.set("type", type)
    return element
  }
}
