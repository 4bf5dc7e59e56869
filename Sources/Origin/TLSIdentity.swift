import FileIO
import Logging
import NIOSSL
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Who the origin says it is by TLS: a certificate with its chain, and its key, from two PEM files. When these change, the new
/// pair is taken, or the old one kept and the reason told; connections go on with what they began with.
///
///     let identity = try TLSIdentity(certificate: "origin.pem", key: "origin.key")
///     NIOSSLServerHandler(context: identity.context)
package final class TLSIdentity: Sendable {
  private struct Stamps: Hashable {
    var certificate: FileStamp?
    var key: FileStamp?
  }

  private struct State {
    var context: NIOSSLContext
    /// Of the files that `context` was made of, or that could not be used.
    var tried: Stamps
    /// As the files were when they were looked at last.
    var seen: Stamps
  }

  private let certificate: String
  private let key: String
  private let state: Mutex<State>

  /// - Parameters:
  ///   - certificate: path of a PEM file: the origin's certificate first, then those that vouch for it.
  ///   - key: path of a PEM file with its private key, without a passphrase.
  /// - Throws: `OriginError` if they cannot be used.
  package init(certificate: String, key: String) throws {
    (self.certificate, self.key) = (certificate, key)
    let stamps = Self.stamps(certificate, key)
    state = Mutex(
      State(context: try Self.load(certificate, key), tried: stamps, seen: stamps))
  }

  /// For connections that begin now.
  var context: NIOSSLContext { state.withLock { $0.context } }

  /// Looks whether the files have changed, and takes them when they have come to rest: both names are seldom given to new
  /// files in one moment. Blocks.
  func refresh(_ logger: Logger) {
    let stamps = Self.stamps(certificate, key)
    let isDue = state.withLock { state in
      defer { state.seen = stamps }
      guard stamps == state.seen, stamps != state.tried else { return false }
      state.tried = stamps
      return true
    }
    guard isDue else { return }
    do {
      let context = try Self.load(certificate, key)
      state.withLock { $0.context = context }
      logger.notice("certificate has been read again", metadata: ["file": "\(certificate)"])
    } catch {
      logger.error(
        "certificate cannot be read again, the old one stays", metadata: ["error": "\(error)"])
    }
  }

  private static func stamps(_ certificate: String, _ key: String) -> Stamps {
    Stamps(certificate: Folder.stamp(of: certificate), key: Folder.stamp(of: key))
  }

  // MARK: What is offered

  private static func load(_ certificate: String, _ key: String) throws -> NIOSSLContext {
    let chain: [NIOSSLCertificate]
    do {
      chain = try NIOSSLCertificate.fromPEMFile(certificate)
    } catch {
      throw unusable(certificate, "it is no PEM file of certificates")
    }
    guard let first = chain.first else { throw unusable(certificate, "it holds no certificate") }
    guard first.notValidAfter > time(nil) else { throw unusable(certificate, "it has expired") }
    let privateKey: NIOSSLPrivateKey
    do {
      privateKey = try NIOSSLPrivateKey(file: key, format: .pem)
    } catch {
      throw unusable(key, "it is no PEM file of a private key without a passphrase")
    }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(privateKey))
    configuration.minimumTLSVersion = .tlsv12
    configuration.cipherSuiteValues = cipherSuites
    configuration.applicationProtocols = [HTTPProtocol.http2, HTTPProtocol.http1]
    configuration.renegotiationSupport = .none
    do {
      return try NIOSSLContext(configuration: configuration)
    } catch {
      throw unusable(key, "it is not the key of \(certificate)")
    }
  }

  private static func unusable(_ path: String, _ reason: String) -> OriginError {
    OriginError(.unreadableFile, "\(path) cannot be used for TLS: \(reason).")
  }

  /// Of TLS 1.2: those with forward secrecy and authenticated encryption, which are also those that HTTP/2 takes (RFC 9113
  /// §9.2.2). TLS 1.3 has no others.
  private static let cipherSuites: [NIOTLSCipher] = [
    .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
  ]
}

/// Names of protocols (RFC 7301).
enum HTTPProtocol {
  static let http2 = "h2"
  static let http1 = "http/1.1"
}
