import CFileIO
package import NIOCore

/// A running content digest: XXH3, 64 bits. It names versions and finds rot; it proves no author.
@safe package struct ContentDigest: ~Copyable {
  private let state: OpaquePointer

  package init() {
    // XXH3_createState fails only when memory is exhausted, which Swift traps on as well.
    unsafe state = XXH3_createState()!
    unsafe XXH3_64bits_reset(state)
  }

  deinit { unsafe XXH3_freeState(state) }

  /// Adds all readable bytes of `bytes`.
  package mutating func add(_ bytes: ByteBuffer) {
    unsafe bytes.withUnsafeReadableBytes {
      _ = unsafe XXH3_64bits_update(state, $0.baseAddress, $0.count)
    }
  }

  /// The digest of everything added so far, which starts anew with the next `add`.
  package mutating func take() -> UInt64 {
    let value = unsafe XXH3_64bits_digest(state)
    unsafe XXH3_64bits_reset(state)
    return value
  }
}
