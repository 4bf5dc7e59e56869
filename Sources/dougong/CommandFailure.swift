import Codecs
import DASH
import Encoding
import FFmpeg
import FileIO
import HLS
import ISOBMFF
import Library
import MP4
import Origin
import Packaging

/// How a command ends when it fails: one sentence and an exit code.
struct CommandFailure: Error {
  enum Code: Int32 {
    /// The input or output is wrong.
    case data = 1
    /// The command line is wrong.
    case usage = 2
    /// The system failed.
    case system = 3
  }

  var code: Code
  var message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// Sorts any error of the targets into the exit codes.
  init(_ error: any Error) {
    switch error {
    case let error as CommandFailure: self = error
    case let error as FileIOError: self.init(Self.code(of: error), error.message)
    case let error as FFmpegError:
      let isSystem = [.system, .noPermission, .cancelled].contains(error.code)
      self.init(isSystem ? .system : .data, error.message)
    case let error as PackagingError:
      self.init(error.code == .cancelled ? .system : .data, error.message)
    case let error as EncodingError:
      self.init(error.code == .cancelled ? .system : .data, error.message)
    case is CancellationError: self.init(.system, "interrupted")
    default: self.init(.data, String(describing: error))
    }
  }

  private static func code(of error: FileIOError) -> Code {
    switch error.code {
    case .notFound, .exists, .isDirectory, .notDirectory, .truncated, .noSuchPlace: .data
    case .noPermission, .full, .changed, .unavailable, .other: .system
    }
  }

  /// Runs a command's body and turns whatever it throws into a failure.
  static func catching(_ body: () throws -> Void) throws(CommandFailure) {
    do { try body() } catch { throw CommandFailure(error) }
  }
}
