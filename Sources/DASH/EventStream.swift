package import MediaCore

/// Events that the MPD itself lists (ISO/IEC 23009-1 §5.10.2).
package struct EventStream: Hashable, Sendable {
  /// The scheme, and a value of it: what the events mean.
  package var scheme: Descriptor
  package var timescale: Timescale
  /// Time of an event that happens as the Period starts, ticks.
  package var presentationTimeOffset: Int64
  package var events: [Event]

  package init(
    scheme: Descriptor, timescale: Timescale, presentationTimeOffset: Int64 = 0, events: [Event]
  ) {
    self.scheme = scheme
    self.timescale = timescale
    self.presentationTimeOffset = presentationTimeOffset
    self.events = events
  }

  init(_ element: XMLElement) throws(DASHError) {
    scheme = try Descriptor(element)
    timescale = try element.timescale("timescale") ?? Timescale(literal: 1)
    presentationTimeOffset = try element.integer("presentationTimeOffset") ?? 0
    events = []
    for child in element.children("Event") { events.append(try Event(child)) }
  }

  var element: XMLElement {
    var element = scheme.element("EventStream")
    element.set("timescale", timescale)
    if presentationTimeOffset != 0 {
      element.set("presentationTimeOffset", presentationTimeOffset)
    }
    element.children = events.map(\.element)
    return element
  }
}

/// One event of a stream (§5.10.2.3).
package struct Event: Hashable, Sendable {
  /// What the event says, as its scheme wants it.
  package enum Message: Hashable, Sendable {
    case text(String)
    /// A splice_info_section, written in base 64 inside `Signal` and `Binary` (SCTE 35 §12, SCTE
    /// 214-1 §6.7): the message of `urn:scte:scte35:2014:xml+bin`.
    case splice([UInt8])
  }

  /// Ticks of the stream's timescale; what is before its offset is before the Period.
  package var presentationTime: Int64
  /// `nil` if it is not known.
  package var duration: Int64?
  /// Events of one id and stream are the same event.
  package var id: Int64?
  package var message: Message

  package init(
    presentationTime: Int64, duration: Int64? = nil, id: Int64? = nil, message: Message
  ) {
    self.presentationTime = presentationTime
    self.duration = duration
    self.id = id
    self.message = message
  }

  /// Namespace of `Signal` and `Binary`.
  static let spliceNamespace = "http://www.scte.org/schemas/35/2016"

  init(_ element: XMLElement) throws(DASHError) {
    presentationTime = try element.integer("presentationTime") ?? 0
    duration = try element.integer("duration")
    id = try element.integer("id", 0...Int64(UInt32.max))
    if let signal = element.children.first(where: { $0.localName == "Signal" }),
      let binary = signal.children.first(where: { $0.localName == "Binary" })
    {
      guard let bytes = Base64.bytes(binary.text) else {
        throw DASHError(.syntax, line: binary.line, "Binary holds no base 64")
      }
      message = .splice(bytes)
    } else {
      message = .text(element["messageData"] ?? element.text)
    }
  }

  var element: XMLElement {
    var element = XMLElement("Event")
    element.set("presentationTime", presentationTime)
    element.set("duration", duration)
    element.set("id", id)
    switch message {
    case .text(let text): element.text = text
    case .splice(let bytes):
      var signal = XMLElement("Signal")
      signal.set("xmlns", Self.spliceNamespace)
      var binary = XMLElement("Binary")
      binary.text = Base64.text(bytes)
      signal.children = [binary]
      element.children = [signal]
    }
    return element
  }
}
