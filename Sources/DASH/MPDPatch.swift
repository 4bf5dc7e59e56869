package import MediaCore

/// What makes an MPD a later version of itself (ISO/IEC 23009-1 §5.15): operations of RFC 5261.
///
///     let patch = try MPDPatch(from: base, to: current)
///     patch.render()
///
/// Elements are named by `@id`, those of a timeline by `@t`, others by their place. Names in selectors have no prefix and
/// what is added no namespace of its own, as in the standard's examples: players take them as names of the MPD.
package struct MPDPatch: Sendable {
  package static let namespace = "urn:mpeg:dash:schema:mpd-patch:2020"

  /// `MPD@id`.
  package let mpdID: String
  package let originalPublishTime: UTCTime
  package let publishTime: UTCTime
  private var operations: [XMLElement] = []

  /// - Returns: `nil` unless both are versions of one presentation that goes on.
  package init?(from base: MPD, to current: MPD) {
    guard let id = base.id, id == current.id, let old = base.dynamic, let new = current.dynamic
    else { return nil }
    mpdID = id
    originalPublishTime = old.publishTime
    publishTime = new.publishTime
    compare(base.element, current.element, at: "/MPD")
  }

  package func render() -> String {
    var element = XMLElement("Patch")
    element.set("xmlns", Self.namespace)
    element.set("mpdId", mpdID)
    element.set("originalPublishTime", originalPublishTime)
    element.set("publishTime", publishTime)
    element.children = operations
    var document = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    element.render(into: &document)
    return document
  }

  // MARK: What differs

  private mutating func compare(_ old: XMLElement, _ new: XMLElement, at path: String) {
    let (oldNames, newNames) = (Self.names(of: old.children), Self.names(of: new.children))
    let (oldSet, newSet) = (Set(oldNames), Set(newNames))
    let kept = newNames.filter(oldSet.contains)
    // What has nothing in common with what was there, or stands in another order, comes whole.
    guard old.text == new.text, oldSet.count == oldNames.count, newSet.count == newNames.count,
      kept == oldNames.filter(newSet.contains),
      !kept.isEmpty || old.children.isEmpty || new.children.isEmpty
    else {
      operations.append(Self.operation("replace", path, content: new))
      return
    }
    compareAttributes(old, new, at: path)
    for name in oldNames where !newSet.contains(name) {
      operations.append(Self.operation("remove", "\(path)/\(name)"))
    }
    let before = Dictionary(uniqueKeysWithValues: zip(oldNames, old.children))
    var last: String?
    for (name, child) in zip(newNames, new.children) {
      if let known = before[name] {
        compare(known, child, at: "\(path)/\(name)")
      } else if let last {
        var added = Self.operation("add", "\(path)/\(last)", content: child)
        added.set("pos", "after")
        operations.append(added)
      } else {
        var added = Self.operation("add", path, content: child)
        if !kept.isEmpty { added.set("pos", "prepend") }
        operations.append(added)
      }
      last = name
    }
  }

  private mutating func compareAttributes(
    _ old: XMLElement, _ new: XMLElement, at path: String
  ) {
    for (name, _) in old.attributes where new[name] == nil {
      operations.append(Self.operation("remove", "\(path)/@\(name)"))
    }
    for (name, value) in new.attributes where old[name] != value {
      var changed: XMLElement
      if old[name] == nil {
        changed = Self.operation("add", path)
        changed.set("type", "@\(name)")
      } else {
        changed = Self.operation("replace", "\(path)/@\(name)")
      }
      changed.text = value
      operations.append(changed)
    }
  }

  private static func operation(
    _ name: String, _ selector: String, content: XMLElement? = nil
  ) -> XMLElement {
    var element = XMLElement(name)
    element.set("sel", selector)
    if let content { element.children = [content] }
    return element
  }

  /// What each element is called in a selector: unique among its siblings. Places (from 1) hold while others of the
  /// same name neither come nor go.
  private static func names(of elements: [XMLElement]) -> [String] {
    var counts: [String: Int] = [:]
    return elements.map { element in
      for key in ["id", "t"] {
        if let value = element[key] { return "\(element.name)[@\(key)='\(value)']" }
      }
      let place = counts[element.name, default: 0] + 1
      counts[element.name] = place
      return "\(element.name)[\(place)]"
    }
  }
}
