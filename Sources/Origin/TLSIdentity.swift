import FileIO
package import Logging
import NIOSSL
import Synchronization

/// Who the origin says it is by TLS: a certificate with its chain, and its key, from two PEM files. When these change, the new
/// pair is taken, or the old one kept and the reason told; connections go on with what they began with. A certificate that
/// has expired is offered nevertheless, with a warning in the log: some clients may still be content with it, while without
/// one all are turned away.
///
///     let identity = try TLSIdentity(certificate: "origin.pem", key: "origin.key")
///     NIOSSLServerHandler(context: identity.context)
package final class TLSIdentity: Sendable {
  private struct Stamps: Hashable {
    var certificate: FileStamp?
    var key: FileStamp?
  }

  private struct Pair {
    var context: NIOSSLContext
    /// The last second in which the certificate is valid, since 1970.
    var expiry: Int64

    var hasExpired: Bool { WallClock.nanoseconds() / 1_000_000_000 >= expiry }
  }

  private struct State {
    var pair: Pair
    /// Whether it has been told that it is no longer valid.
    var isExpiryTold = false
    /// Of the files that `pair` was made of, or that could not be used.
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
      State(pair: try Self.load(certificate, key), tried: stamps, seen: stamps))
  }

  /// For connections that begin now.
  var context: NIOSSLContext { state.withLock { $0.pair.context } }

  /// Looks whether the files have changed, and takes them when they have come to rest: both names are seldom given to new
  /// files in one moment. Tells when the certificate has expired. Blocks.
  ///
  /// - Parameter isAsked: whether somebody has said that the files are as they should be: they are taken as they are.
  package func refresh(_ logger: Logger, isAsked: Bool = false) {
    let stamps = Self.stamps(certificate, key)
    let isDue = state.withLock { state in
      defer { state.seen = stamps }
      guard isAsked || (stamps == state.seen && stamps != state.tried) else { return false }
      state.tried = stamps
      return true
    }
    if isDue { replace(logger) }
    let isToTell = state.withLock { state in
      guard state.pair.hasExpired, !state.isExpiryTold else { return false }
      state.isExpiryTold = true
      return true
    }
    guard isToTell else { return }
    logger.warning(
      "certificate has expired, most clients will refuse it", metadata: ["file": "\(certificate)"])
  }

  private func replace(_ logger: Logger) {
    do {
      let pair = try Self.load(certificate, key)
      let isBetter = state.withLock { state in
        guard !pair.hasExpired || state.pair.hasExpired else { return false }
        (state.pair, state.isExpiryTold) = (pair, false)
        return true
      }
      guard isBetter else { throw Self.unusable(certificate, "it has expired") }
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

  private static func load(_ certificate: String, _ key: String) throws -> Pair {
    let chain: [NIOSSLCertificate]
    do {
      chain = try NIOSSLCertificate.fromPEMFile(certificate)
    } catch {
      throw unusable(certificate, "it is no PEM file of certificates")
    }
    guard let first = chain.first else { throw unusable(certificate, "it holds no certificate") }
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
      return Pair(
        context: try NIOSSLContext(configuration: configuration),
        expiry: Int64(first.notValidAfter))
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
