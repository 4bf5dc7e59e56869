/// Text from a file, made harmless for a terminal.
package enum SafeText {
  /// Characters that are shown, at most.
  package static let maximumCount = 64

  /// In quotation marks; control characters and quotation marks as `?`.
  package static func quoted(_ text: String) -> String {
    let plain = text.unicodeScalars.prefix(maximumCount).map { scalar -> Unicode.Scalar in
      scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
        || scalar == "\"" ? "?" : scalar
    }
    return "\"" + String(String.UnicodeScalarView(plain)) + "\""
  }
}
