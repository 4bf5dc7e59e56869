package import MediaCore

/// What stands at a presentation time on the clock of the encoder or of the camera
/// (ISO/IEC 23009-1 §5.12).
package struct ProducerReferenceTime: Hashable, Sendable {
  package enum ReferenceType: String, Sendable {
    /// When the encoder had it.
    case encoder
    /// When it was taken.
    case captured
  }

  package var id: Int64
  /// The segments say it too (`prft`).
  package var isInband: Bool
  package var type: ReferenceType
  package var wallClockTime: UTCTime
  /// Ticks of the representation's template.
  package var presentationTime: Int64
  /// The clock: one of the MPD's `UTCTiming`.
  package var utcTiming: Descriptor

  package init(
    id: Int64, isInband: Bool, type: ReferenceType, wallClockTime: UTCTime,
    presentationTime: Int64, utcTiming: Descriptor
  ) {
    self.id = id
    self.isInband = isInband
    self.type = type
    self.wallClockTime = wallClockTime
    self.presentationTime = presentationTime
    self.utcTiming = utcTiming
  }

  init(_ element: XMLElement) throws(DASHError) {
    id = try element.required("id", element.integer("id"))
    isInband = try element.flag("inband")
    let name = element["type"] ?? "encoder"
    guard let type = ReferenceType(rawValue: name) else {
      throw DASHError(.unsupported, line: element.line, "the type \(name) is not read")
    }
    self.type = type
    wallClockTime = try element.required("wallClockTime", element.time("wallClockTime"))
    presentationTime = try element.required(
      "presentationTime", element.integer("presentationTime"))
    guard let clock = element.child("UTCTiming") else {
      throw DASHError(.missing, line: element.line, "ProducerReferenceTime without UTCTiming")
    }
    utcTiming = try Descriptor(clock)
  }

  var element: XMLElement {
    var element = XMLElement("ProducerReferenceTime")
    element.set("id", id)
    if isInband { element.set("inband", true) }
    element.set("type", type.rawValue)
    element.set("wallClockTime", wallClockTime)
    element.set("presentationTime", presentationTime)
    element.children = [utcTiming.element("UTCTiming")]
    return element
  }
}
