import Glibc
import NIOCore

/// One parser under libFuzzer: whatever the bytes are, it returns or throws; it never traps, hangs or
/// asks for much memory.
///
/// `scripts/fuzz NAME SECONDS` builds this program with `-sanitize=fuzzer,address` and runs the target
/// of that name. To add one: a static function that takes bytes, and its row in `all`.
struct FuzzTarget: Sendable {
  var name: String
  var run: @Sendable (ByteBuffer) -> Void

  static let all: [FuzzTarget] =
    videoTargets + audioTargets + boxTargets + documentTargets + textTargets + eventTargets
    + episodeTargets + choiceTargets + originTargets

  /// Of the environment variable `DOUGONG_FUZZ_TARGET`.
  static let chosen: FuzzTarget = {
    let name = unsafe getenv("DOUGONG_FUZZ_TARGET").map { unsafe String(cString: $0) } ?? ""
    guard let target = all.first(where: { $0.name == name }) else {
      print(all.map(\.name).joined(separator: "\n"))
      fflush(nil)
      // Without the handlers of libFuzzer, which would take the end for a crash.
      _exit(2)
    }
    return target
  }()
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  var bytes = ByteBuffer()
  unsafe bytes.writeBytes(UnsafeRawBufferPointer(start: start, count: count))
  FuzzTarget.chosen.run(bytes)
  return 0
}

/// What must hold. Unlike `precondition` it also says what in a build that is optimised.
func demand(_ condition: Bool, _ message: @autoclosure () -> String) {
  if !condition { fatalError(message()) }
}

/// Errors are what bad bytes are meant to give.
func tolerant(_ body: () throws -> Void) {
  do { try body() } catch {}
}
