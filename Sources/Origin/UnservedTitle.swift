/// A title that is there and is not served, for a reason that concerns whoever put it there.
package struct UnservedTitle: Error, Hashable {
  /// One sentence, which names files as viewers do.
  package var reason: String
  /// It was found out just now: worth a line in the log, which later requests are not.
  package var isNews: Bool
}
