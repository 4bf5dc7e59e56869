package import FileIO
import NIOCore

/// Who asks an object store. Never printed: a description says no more than that there are some.
package struct StoreCredentials: Hashable, Sendable, CustomStringConvertible,
  CustomDebugStringConvertible, CustomReflectable
{
  let accessKey: String
  let secretKey: String
  let sessionToken: String?

  package init(accessKey: String, secretKey: String, sessionToken: String? = nil) {
    self.accessKey = accessKey
    self.secretKey = secretKey
    self.sessionToken = sessionToken
  }

  package var description: String { "credentials" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// What the environment and the files of the AWS tools say of an object store.
///
///     let profile = try StoreProfile(environment: ProcessInfo.processInfo.environment)
///
/// Credentials stand in `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`, or in
/// the section `AWS_PROFILE` (`default`) of `AWS_SHARED_CREDENTIALS_FILE` (`~/.aws/credentials`); the
/// region in `AWS_REGION` or `AWS_DEFAULT_REGION`, the endpoint in `AWS_ENDPOINT_URL_S3` or
/// `AWS_ENDPOINT_URL`, both also in `AWS_CONFIG_FILE` (`~/.aws/config`). Without credentials requests
/// are not signed.
package struct StoreProfile: Hashable, Sendable {
  package var credentials: StoreCredentials?
  package var region: String?
  package var endpoint: String?

  static let maximumByteCount: Int64 = 1 << 20

  package init(environment: [String: String]) throws(FileIOError) {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    let home = value("HOME") ?? ""
    let name = value("AWS_PROFILE") ?? "default"
    let shared = try Self.section(
      [name], in: value("AWS_SHARED_CREDENTIALS_FILE") ?? "\(home)/.aws/credentials")
    let config = try Self.section(
      ["profile \(name)", name], in: value("AWS_CONFIG_FILE") ?? "\(home)/.aws/config")
    region = value("AWS_REGION") ?? value("AWS_DEFAULT_REGION") ?? config["region"]
    endpoint =
      value("AWS_ENDPOINT_URL_S3") ?? value("AWS_ENDPOINT_URL") ?? config["endpoint_url"]
    if let key = value("AWS_ACCESS_KEY_ID"), let secret = value("AWS_SECRET_ACCESS_KEY") {
      credentials = StoreCredentials(
        accessKey: key, secretKey: secret, sessionToken: value("AWS_SESSION_TOKEN"))
    } else {
      let file = config.merging(shared) { $1 }
      if let key = file["aws_access_key_id"], let secret = file["aws_secret_access_key"] {
        credentials = StoreCredentials(
          accessKey: key, secretKey: secret, sessionToken: file["aws_session_token"])
      } else if environment["AWS_PROFILE"] != nil {
        throw FileIOError(
          .other,
          "AWS_PROFILE names '\(name)', which has no aws_access_key_id and aws_secret_access_key in "
            + "the credentials file; profiles of other kinds are not read")
      }
    }
  }

  /// The values of the first of some sections that a file has; none if there is no file.
  private static func section(
    _ names: [String], in path: String
  ) throws(FileIOError) -> [String: String] {
    guard Folder.entry(at: path) != nil else { return [:] }
    let file = try ReadableFile(path: path)
    guard file.byteCount <= maximumByteCount else {
      throw FileIOError(.other, "\(path) has more than \(maximumByteCount) bytes")
    }
    let bytes = try file.read(at: 0, count: Int(file.byteCount))
    return values(names, in: String(decoding: bytes.readableBytesView, as: UTF8.self))
  }

  static func values(_ names: [String], in text: String) -> [String: String] {
    var values: [String: String] = [:]
    var isInside = false
    for line in text.split(whereSeparator: \.isNewline) {
      let line = trimmed(line)
      if line.hasPrefix("#") || line.hasPrefix(";") { continue }
      if line.hasPrefix("[") {
        isInside =
          line.hasSuffix("]") && names.contains(String(trimmed(line.dropFirst().dropLast())))
      } else if isInside, let mark = line.firstIndex(of: "=") {
        values[String(trimmed(line[..<mark]))] = String(trimmed(line[line.index(after: mark)...]))
      }
    }
    return values
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }
}
