/// A title that cannot be read or published, told in one sentence.
package struct LibraryError: Error, Hashable, CustomStringConvertible {
  package enum Code: Sendable { case notFound, exists, notATitle, damaged, limit }

  package var code: Code
  package var message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}
