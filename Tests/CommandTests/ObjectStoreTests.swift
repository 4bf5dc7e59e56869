import Foundation
import TestSupport
import Testing

/// A library in an object store, which checks signatures, is served as the same one in a folder.
@Suite(
  .enabled(
    if: Program.isBuilt && StoreServer.program != nil && Program.has("curl"),
    "rclone is not there; scripts/setup test fetches it"), .serialized)
struct ObjectStoreTests {
  /// What curl says of each path: all of it with its head, a range, and its head alone.
  private func answers(_ origin: RunningOrigin, _ paths: [String]) throws -> [String] {
    try Program.shell(
      """
      for path in \(paths.joined(separator: " ")); do
        for way in "-D -" "-r 1000-70000" "-I"; do
          echo "$path $way $(curl -sS $way "\(origin.url)$path" | grep -avi '^date:' | sha256sum)"
        done
      done
      """
    ).output.split(separator: "\n").map(String.init)
  }

  private func paths(_ origin: RunningOrigin, _ title: String) throws -> [String] {
    let names = try Program.shell(
      "curl -sSf '\(origin.url)\(title)/main.m3u8' | grep -aoE '[a-z0-9.-]+\\.m3u8' | sort -u")
    var paths = ["\(title)/main.m3u8", "\(title)/manifest.mpd", "\(title)/video-540p.mp4"]
    for name in names.output.split(separator: "\n") {
      paths.append("\(title)/\(name)")
      let media = try Program.shell(
        "curl -sSf '\(origin.url)\(title)/\(name)' | grep -aoE '/?[a-zA-Z0-9/._-]+\\.(mp4|m4s)' | sort -u"
      )
      paths += media.output.split(separator: "\n").prefix(3).map {
        $0.hasPrefix("/") ? String($0.dropFirst()) : "\(title)/\($0)"
      }
    }
    return paths
  }

  @Test func `titles in a store are served like those in a folder, and survive its absence`() throws
  {
    let store = try StoreServer()
    let library = "\(store.folder)/media/lib a"
    try FileManager.default.createDirectory(atPath: library, withIntermediateDirectories: true)
    let sources = ["1080p", "540p"].map { "\(Program.root)/Media/dougong-\($0).mp4" }
    for (title, layout) in [("film", "tracks"), ("files", "files")] {
      let packaged = try Program.run(
        ["package"] + sources + ["-o", "\(library)/\(title)", "--segments", layout])
      try #require(packaged.code == 0, "\(packaged.errors)")
    }
    let folder = try RunningOrigin(library: library)
    let cache = try TemporaryFolder()
    let arguments =
      ["serve", "s3://media/lib a", "--s3-endpoint", store.url, "--cache", "\(cache.path)/blocks"]
    let remote = try RunningOrigin(arguments, environment: store.environment)
    for title in ["film", "files"] {
      let paths = try paths(folder, title)
      #expect(paths.count > 10)
      #expect(try answers(remote, paths) == answers(folder, paths))
    }
    let missing = try Program.shell(
      "curl -s -o /dev/null -w '%{http_code}' '\(remote.url)none/main.m3u8'")
    #expect(missing.output == "404")

    // What has been read is still there without the store, what has not is a failure of its own.
    let segment = try paths(folder, "film").first { $0.hasSuffix("/1.m4s") } ?? ""
    store.stop()
    let status = "curl -s -o /dev/null -w '%{http_code} ' '\(remote.url)"
    let away = try Program.shell(
      "\(status)film/main.m3u8'; \(status)\(segment)'; \(status)other/main.m3u8'")
    #expect(away.output == "200 200 503 ")
    #expect(remote.stop() == 0)
  }

  @Test func `a file in a store is packaged as it is asked for`() throws {
    let store = try StoreServer()
    let library = "\(store.folder)/media/library/season 1"
    try FileManager.default.createDirectory(atPath: library, withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: "\(Program.root)/Media/dougong-540p.mp4", toPath: "\(library)/film.mp4")
    let folder = try RunningOrigin(library: "\(store.folder)/media/library")
    let remote = try RunningOrigin(
      ["serve", "s3://media/library", "--s3-endpoint", store.url], environment: store.environment)
    // Header and segments in their order; their URLs have other versions.
    let sums = try [folder, remote].map { origin in
      try Program.shell(
        """
        base='\(origin.url)season%201/film.mp4'
        curl -sSf "$base/video-540p.m3u8" | grep -aoE 'video[^"]*\\.(mp4|m4s)' |
          while read -r name; do curl -sSf "$base/$name"; done | sha256sum
        """
      ).output
    }
    let nothing = try Program.shell("sha256sum </dev/null").output
    #expect(sums[0] == sums[1] && sums[0] != nothing)
    #expect(remote.stop() == 0)
  }

  @Test func `a wrong key is told without being shown`() throws {
    let store = try StoreServer()
    try FileManager.default.createDirectory(
      atPath: "\(store.folder)/media/film", withIntermediateDirectories: true)
    var environment = store.environment
    environment["AWS_SECRET_ACCESS_KEY"] = "wrong-secret"
    let origin = try RunningOrigin(
      ["serve", "s3://media", "--s3-endpoint", store.url], environment: environment)
    let got = try Program.shell(
      "curl -s -w '%{http_code}' '\(origin.url)film/main.m3u8'")
    #expect(got.output.hasSuffix("500"))
    #expect(!got.output.contains("wrong-secret"))
    #expect(origin.stop() == 0)
  }

  @Test(arguments: [
    (["serve", "s3://"], Int32(1)),
    (["serve", "s3://media", "--s3-endpoint", "nowhere"], Int32(1)),
    (["serve", "s3://media", "--cache-size", "1M"], Int32(2)),
    (["serve", "/tmp", "--cache", "/tmp/x"], Int32(2)),
  ])
  func `what cannot be is refused in a sentence`(arguments: [String], code: Int32) throws {
    let result = try Program.run(arguments)
    #expect(result.code == code)
    #expect(!result.errors.isEmpty)
  }
}

/// rclone as an S3-compatible server of a folder, whose folders are buckets.
final class StoreServer {
  static let program: String? = {
    let fetched = "\(Program.root)/.tools/rclone"
    if FileManager.default.isExecutableFile(atPath: fetched) { return fetched }
    return Program.has("rclone") ? "rclone" : nil
  }()

  let url: String
  private let temporary: TemporaryFolder
  private let process = Process()

  var folder: String { temporary.path }
  let environment = ["AWS_ACCESS_KEY_ID": "dougong-key", "AWS_SECRET_ACCESS_KEY": "dougong-secret"]

  init() throws {
    temporary = try TemporaryFolder()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      Self.program ?? "rclone", "serve", "s3", "--config", "/dev/null", "--addr", "127.0.0.1:0",
      "--vfs-cache-mode", "off", "--dir-cache-time", "0s",
      "--auth-key", "dougong-key,dougong-secret", temporary.path,
    ]
    let pipe = Pipe()
    process.standardError = pipe
    try process.run()
    var text = ""
    var found: Substring?
    while found == nil {
      let data = pipe.fileHandleForReading.availableData
      guard !data.isEmpty else { break }
      text += String(decoding: data, as: UTF8.self)
      found = text.firstMatch(of: /http:\/\/127[0-9.]+:[0-9]+/)?.output
    }
    guard let found else { throw CocoaError(.fileReadUnknown) }
    url = String(found)
  }

  func stop() {
    guard process.isRunning else { return }
    process.terminate()
    process.waitUntilExit()
  }

  deinit { stop() }
}
