internal import COpenSSL

/// Bytes that nobody but their owner may see: they are in no description, and are wiped when the last owner lets go.
///
///     let key = try SecretKey(hexadecimal: "00112233445566778899aabbccddeeff")
///     key.authenticationCode(of: text.utf8)  // HMAC-SHA256
package final class SecretKey: Sendable, CustomStringConvertible, CustomReflectable {
  /// Shorter keys are guessed.
  package static let minimumByteCount = 16
  package static let maximumByteCount = 1024

  private let storage: SecretBytes

  /// - Throws: `ProtectionError` for a key that is too short or too long.
  package init(_ bytes: some Collection<UInt8>) throws(ProtectionError) {
    guard (Self.minimumByteCount...Self.maximumByteCount).contains(bytes.count) else {
      throw ProtectionError(
        "a key has \(Self.minimumByteCount) to \(Self.maximumByteCount) bytes, not \(bytes.count)")
    }
    storage = SecretBytes(bytes)
  }

  /// - Throws: `ProtectionError` for what is not hexadecimal, or no good length.
  package convenience init(hexadecimal text: some StringProtocol) throws(ProtectionError) {
    var bytes: [UInt8] = []
    var high: UInt8?
    for digit in text.utf8 {
      let value: UInt8
      switch digit {
      case 0x30...0x39: value = digit - 0x30
      case 0x41...0x46: value = digit - 0x41 + 10
      case 0x61...0x66: value = digit - 0x61 + 10
      default: throw ProtectionError("a key is written in hexadecimal digits")
      }
      if let first = high {
        bytes.append(first << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
    guard high == nil else {
      throw ProtectionError("a key has two hexadecimal digits for each byte")
    }
    try self.init(bytes)
  }

  /// HMAC-SHA256 (RFC 2104, FIPS 180-4): 32 bytes.
  package func authenticationCode(of message: some Collection<UInt8>) -> [UInt8] {
    unsafe storage.withBytes { key in
      let message = Array(message)
      var code = [UInt8](repeating: 0, count: 32)
      var count: UInt32 = 0
      let done = unsafe HMAC(
        EVP_sha256(), key.baseAddress, Int32(key.count), message, message.count, &code, &count)
      let isDone = unsafe done != nil
      precondition(isDone && count == 32, "HMAC: OpenSSL has no SHA-256")
      return code
    }
  }

  /// Whether these are the key's bytes; takes as long whatever they are.
  package func isEqual(to other: some Collection<UInt8>) -> Bool {
    unsafe storage.withBytes { key in unsafe constantTimeEqual(Array(key), Array(other)) }
  }

  package var description: String { "a secret key" }
  package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Whether two codes are equal, in a time that does not tell where they differ. The lengths are no secret.
package func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
  guard left.count == right.count else { return false }
  return unsafe CRYPTO_memcmp(left, right, left.count) == 0
}

/// The memory of a key.
@safe private final class SecretBytes: Sendable {
  // Written in `init` alone, read until `deinit`.
  private nonisolated(unsafe) let bytes: UnsafeMutableBufferPointer<UInt8>

  init(_ source: some Collection<UInt8>) {
    unsafe bytes = .allocate(capacity: source.count)
    _ = unsafe bytes.initialize(from: source)
  }

  deinit {
    unsafe OPENSSL_cleanse(bytes.baseAddress, bytes.count)
    unsafe bytes.deallocate()
  }

  func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    unsafe body(UnsafeBufferPointer(bytes))
  }
}

/// A key or a protection that cannot be used. Never says what the secret is.
package struct ProtectionError: Error, Hashable, Sendable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
