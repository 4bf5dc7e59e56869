import ArgumentParser
import Foundation
import Publishing

/// A publishing point as it is typed: `https://user:password@host/channel`.
struct PublishingArgument: ExpressibleByArgument {
  let address: PublishingAddress

  init?(argument: String) {
    guard let url = URLComponents(string: argument), let host = url.host, !host.isEmpty,
      url.scheme == "http" || url.scheme == "https", url.query == nil, url.fragment == nil
    else { return nil }
    var path = url.percentEncodedPath
    while path.last == "/" { path.removeLast() }
    let isSecure = url.scheme == "https"
    let credentials = url.user.map {
      Data("\($0):\(url.password ?? "")".utf8).base64EncodedString()
    }
    address = PublishingAddress(
      host: host.trimmingCharacters(in: ["[", "]"]), port: url.port ?? (isSecure ? 443 : 80),
      isSecure: isSecure, path: path, authorization: credentials.map { "Basic \($0)" })
  }
}
