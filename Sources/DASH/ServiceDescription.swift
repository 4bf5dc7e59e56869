/// How a service wants to be played (ISO/IEC 23009-1 Annex K.4).
package struct ServiceDescription: Hashable, Sendable {
  package var id: Int64
  /// Which clients it is for; empty: all.
  package var scopes: [Descriptor] = []
  package var latency: Latency?
  package var playbackRate: PlaybackRate?

  /// Milliseconds behind the time that `ProducerReferenceTime` names.
  package struct Latency: Hashable, Sendable {
    /// Of the ProducerReferenceTime.
    package var referenceID: Int64?
    package var target: Int64
    package var min: Int64?
    package var max: Int64?

    package init(referenceID: Int64?, target: Int64, min: Int64? = nil, max: Int64? = nil) {
      self.referenceID = referenceID
      self.target = target
      self.min = min
      self.max = max
    }
  }

  /// Thousandths of the normal speed.
  package struct PlaybackRate: Hashable, Sendable {
    package var min: Int64
    package var max: Int64

    package init(min: Int64, max: Int64) {
      self.min = min
      self.max = max
    }
  }

  package init(id: Int64, latency: Latency?, playbackRate: PlaybackRate? = nil) {
    self.id = id
    self.latency = latency
    self.playbackRate = playbackRate
  }

  init(_ element: XMLElement) throws(DASHError) {
    id = try element.integer("id") ?? 0
    scopes = try element.descriptors("Scope")
    if let child = element.child("Latency") {
      latency = Latency(
        referenceID: try child.integer("referenceId"),
        target: try child.required("target", child.integer("target")),
        min: try child.integer("min"), max: try child.integer("max"))
    }
    if let child = element.child("PlaybackRate") {
      playbackRate = PlaybackRate(
        min: try child.thousandths("min") ?? 1000, max: try child.thousandths("max") ?? 1000)
    }
  }

  var element: XMLElement {
    var element = XMLElement("ServiceDescription")
    element.set("id", id)
    element.append("Scope", scopes)
    if let latency {
      var child = XMLElement("Latency")
      child.set("referenceId", latency.referenceID)
      child.set("target", latency.target)
      child.set("max", latency.max)
      child.set("min", latency.min)
      element.children.append(child)
    }
    if let playbackRate {
      var child = XMLElement("PlaybackRate")
      child.set("max", decimal(thousandths: playbackRate.max))
      child.set("min", decimal(thousandths: playbackRate.min))
      element.children.append(child)
    }
    return element
  }
}

/// `0.96` of 960, `1` of 1000.
func decimal(thousandths: Int64) -> String {
  let (whole, rest) = thousandths.quotientAndRemainder(dividingBy: 1000)
  guard rest > 0 else { return "\(whole)" }
  var digits = String(rest + 1000).dropFirst()
  while digits.last == "0" { digits.removeLast() }
  return "\(whole).\(digits)"
}
