/// A file that is not served as a title, told in one sentence that viewers may read.
package struct OnTheFlyError: Error, Hashable, CustomStringConvertible {
  package var message: String

  /// - Parameter reason: a sentence without its end, which may name the file already.
  package init(name: String, _ reason: String) {
    message = reason.contains(name) ? reason : "\(name): \(reason)"
  }

  package var description: String { message }
}
