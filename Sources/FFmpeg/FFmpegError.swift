import CFFmpeg

/// A failure of FFmpeg's libraries or of what they read, told in one sentence.
package struct FFmpegError: Error, Hashable, CustomStringConvertible {
  package enum Code: Sendable {
    case notFound, noPermission, notMedia, damaged, unsupported, limit, system
    /// A stream goes on in another size or coding.
    case changed
    case cancelled
  }

  package var code: Code
  package var message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}

/// Passes a return code through, or throws what it says (`av_strerror`).
func check(_ code: CInt, _ action: @autoclosure () -> String) throws(FFmpegError) {
  guard code < 0 else { return }
  var text = [CChar](repeating: 0, count: 256)
  unsafe av_strerror(code, &text, text.count)
  let reason = String(
    decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  let kind: FFmpegError.Code =
    switch code {
    case -ENOENT: .notFound
    case -EACCES, -EPERM: .noPermission
    case -ENOMEM: .system
    default: .notMedia
    }
  throw FFmpegError(kind, "\(action()): \(reason)")
}
