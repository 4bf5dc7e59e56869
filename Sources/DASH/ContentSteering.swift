/// A base of the references below it (ISO/IEC 23009-1 §5.6), and the name of the place that it leads to.
package struct BaseURL: Hashable, Sendable {
  package var url: String
  package var serviceLocation: String?

  package init(_ url: String, serviceLocation: String? = nil) {
    self.url = url
    self.serviceLocation = serviceLocation
  }

  init(_ element: XMLElement) {
    self.init(element.text, serviceLocation: element["serviceLocation"])
  }

  var element: XMLElement {
    var element = XMLElement("BaseURL")
    element.set("serviceLocation", serviceLocation)
    element.text = url
    return element
  }
}

/// Who says which service location is to be taken (DASH-IF CTS, Content Steering for DASH §4).
package struct ContentSteering: Hashable, Sendable {
  /// Of the steering manifest.
  package var url: String
  package var defaultServiceLocation: String?
  /// Whether players ask before they fetch anything.
  package var queriesBeforeStart: Bool

  package init(_ url: String, defaultServiceLocation: String?, queriesBeforeStart: Bool = false) {
    self.url = url
    self.defaultServiceLocation = defaultServiceLocation
    self.queriesBeforeStart = queriesBeforeStart
  }

  init(_ element: XMLElement) {
    self.init(
      element.text, defaultServiceLocation: element["defaultServiceLocation"],
      queriesBeforeStart: element["queryBeforeStart"] == "true")
  }

  var element: XMLElement {
    var element = XMLElement("ContentSteering")
    element.set("defaultServiceLocation", defaultServiceLocation)
    if queriesBeforeStart { element.set("queryBeforeStart", "true") }
    element.text = url
    return element
  }
}
