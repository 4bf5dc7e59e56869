import Foundation
import FoundationNetworking
import MediaCore
import Synchronization

/// Where an origin has the statistics of an episode.
struct StatisticsAddress {
  let url: URL

  /// Bytes of an answer.
  static let maximumByteCount = 64 << 20
  /// Seconds without a byte, and for all of them.
  static let (patience, limit) = (10.0, 60.0)

  /// - Parameter text: of the episode, of its player, or of the statistics themselves.
  init(_ text: String, version: String?) throws(CommandFailure) {
    guard var parts = URLComponents(string: text), parts.host?.isEmpty == false else {
      throw CommandFailure(.data, "\(SafeText.quoted(text)) is no URL of an episode at an origin")
    }
    var path = parts.percentEncodedPath.split(separator: "/").map(String.init)
    if path.count == 2, path[0] == "play" { path.removeFirst() }
    if path.count == 1 { path.append("statistics") }
    guard path.count == 2, path[1] == "statistics" else {
      throw CommandFailure(
        .data,
        "\(SafeText.quoted(text)) is no episode at an origin; http://HOST/EPISODE is expected")
    }
    parts.percentEncodedPath = "/" + path.joined(separator: "/")
    parts.queryItems =
      [URLQueryItem(name: "format", value: "json")]
      + (version.map { [URLQueryItem(name: "version", value: $0)] } ?? [])
    parts.fragment = nil
    guard let url = parts.url else {
      throw CommandFailure(.data, "\(SafeText.quoted(text)) is no URL of an episode at an origin")
    }
    self.url = url
  }

  func read() async throws -> Data {
    let place =
      "\(url.scheme ?? "")://\(url.host ?? "")\(url.port.map { ":\($0)" } ?? "")\(url.path)"
    let (status, body) = try await Download(place: place).read(url)
    guard status == 200 else {
      // The origin tells the reason in one sentence.
      let reason = String(decoding: body.prefix(SafeText.maximumCount * 4), as: UTF8.self)
        .split(separator: "\n").first.map { ": \(SafeText.quoted(String($0)))" }
      throw CommandFailure(.data, "\(place) was answered \(status)\(reason ?? "")")
    }
    return body
  }
}

/// One answer, collected.
private final class Download: NSObject, URLSessionDataDelegate, Sendable {
  private struct State {
    var body = Data()
    var isTooLong = false
    var continuation: CheckedContinuation<(Int, Data), any Error>?
  }

  private let place: String
  private let state = Mutex(State())

  init(place: String) { self.place = place }

  func read(_ url: URL) async throws -> (Int, Data) {
    let configuration = URLSessionConfiguration.ephemeral
    configuration.timeoutIntervalForRequest = StatisticsAddress.patience
    configuration.timeoutIntervalForResource = StatisticsAddress.limit
    let session = URLSession(configuration: configuration, delegate: self, delegateQueue: nil)
    defer { session.finishTasksAndInvalidate() }
    return try await withCheckedThrowingContinuation { continuation in
      state.withLock { $0.continuation = continuation }
      session.dataTask(with: url).resume()
    }
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    let isTooLong = state.withLock { state -> Bool in
      state.body.append(data)
      state.isTooLong = state.body.count > StatisticsAddress.maximumByteCount
      return state.isTooLong
    }
    if isTooLong { dataTask.cancel() }
  }

  func urlSession(
    _ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?
  ) {
    let (body, isTooLong, continuation) = state.withLock { state in
      defer { state.continuation = nil }
      return (state.body, state.isTooLong, state.continuation)
    }
    if isTooLong {
      continuation?.resume(
        throwing: CommandFailure(
          .data,
          "\(place) was answered with more than \(StatisticsAddress.maximumByteCount) bytes"))
    } else if let response = task.response as? HTTPURLResponse, error == nil {
      continuation?.resume(returning: (response.statusCode, body))
    } else {
      continuation?.resume(
        throwing: CommandFailure(
          .system, "\(place) cannot be read: \(error?.localizedDescription ?? "no answer")"))
    }
  }
}
