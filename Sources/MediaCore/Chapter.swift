/// A part of the presentation with a name.
package struct Chapter: Hashable, Sendable {
  /// On the source's timeline, as its tracks' samples are.
  package var start: MediaTime
  /// `nil` if it lasts until the next one or the end.
  package var end: MediaTime?
  package var title: String

  package init(start: MediaTime, end: MediaTime? = nil, title: String) {
    self.start = start
    self.end = end
    self.title = title
  }
}
