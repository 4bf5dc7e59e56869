import Foundation
import PostgreSQL
import Synchronization
import Testing

@testable import Choices

/// Where a ledger of a test is kept: the same has to hold in both places.
enum LedgerPlace: CaseIterable, CustomTestStringConvertible {
  case file, server

  /// Without PostgreSQL on the machine (Debian: postgresql), the file alone.
  static let available: [LedgerPlace] = TestServer.programs == nil ? [.file] : allCases

  var testDescription: String { self == .file ? "SQLite" : "PostgreSQL" }

  /// A place of its own, empty.
  func database(_ folder: LedgerFolder) throws -> any LedgerDatabase {
    switch self {
    case .file: LedgerFile(path: folder.file)
    case .server: LedgerServer(try TestServer.shared.makeDatabase())
    }
  }
}

extension LedgerDatabase {
  /// The first value of each row.
  func values(_ sql: String) throws -> [LedgerValue] {
    try read { transaction in
      var values: [LedgerValue] = []
      try transaction.rows(sql, []) { values.append($0[0]) }
      return values
    } ?? []
  }

  func count(of table: String) throws -> Int {
    Int(try values("SELECT count(*) FROM \(table)").first?.integer ?? 0)
  }
}

/// A server of PostgreSQL in a folder of its own, on a Unix socket, which ends with this process.
final class TestServer: Sendable {
  struct NotInstalled: Error {}

  /// The folder of `initdb` and `postgres`; `nil` if they are not installed.
  static let programs: String? = {
    let root = "/usr/lib/postgresql"
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    guard let newest = versions.compactMap({ Int($0) }).max() else { return nil }
    let folder = "\(root)/\(newest)/bin"
    return FileManager.default.isExecutableFile(atPath: "\(folder)/initdb") ? folder : nil
  }()

  static var shared: TestServer {
    get throws { try started.get() }
  }
  private static let started = Result { try TestServer() }

  private let folder: String
  private let programs: String
  private let number = Mutex(0)
  private let process = Mutex<Process?>(nil)

  init() throws {
    guard let programs = Self.programs else { throw NotInstalled() }
    self.programs = programs
    // The path of a Unix socket has to be short.
    folder = "/tmp/pg-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    if getuid() == 0 { try Self.run("/bin/chown", ["postgres", folder]) }
    try Self.run(
      "/bin/sh",
      [
        "-c",
        Self.asUser("\(programs)/initdb -D \(folder)/data -U test -A trust -N") + " >/dev/null",
      ])
    try start()
  }

  deinit {
    stop()
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// PostgreSQL refuses to run as root.
  private static func asUser(_ command: String) -> String {
    getuid() == 0 ? "setpriv --reuid=postgres --regid=postgres --clear-groups \(command)" : command
  }

  private static func run(_ program: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
  }

  /// Returns when connections are taken. The shell ends the server when it is told to, or with this
  /// process if nobody told it.
  func start() throws {
    try? FileManager.default.removeItem(atPath: "\(folder)/stop")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    let server = Self.asUser(
      "\(programs)/postgres -D \(folder)/data -k \(folder) -c listen_addresses= "
        + "-c log_min_messages=fatal")
    process.arguments = [
      "-c",
      """
      \(server) </dev/null >\(folder)/log 2>&1 &
      while kill -0 \(getpid()) 2>/dev/null && [ ! -e \(folder)/stop ]; do sleep 0.1; done
      kill -QUIT $(head -1 \(folder)/data/postmaster.pid)
      wait
      [ -e \(folder)/stop ] || rm -rf \(folder)
      """,
    ]
    // Not those of this process: who runs the tests reads them to their end, and this outlives it.
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    self.process.withLock { $0 = process }
    try Self.run(
      "/bin/sh",
      [
        "-c",
        "for i in $(seq 300); do \(programs)/pg_isready -q -h \(folder) && exit 0; sleep 0.1; done; exit 1",
      ])
  }

  /// Ends at once, whatever is under way, and can be started again.
  func stop() {
    _ = FileManager.default.createFile(atPath: "\(folder)/stop", contents: nil)
    process.withLock { process in
      process?.waitUntilExit()
      process = nil
    }
  }

  func makeDatabase() throws -> PostgreSQLAddress {
    let name = "ledger\(number.withLock { number in number += 1; return number })"
    try PostgreSQLSession(address("postgres")).run("CREATE DATABASE \(name)")
    return try address(name)
  }

  private func address(_ database: String) throws -> PostgreSQLAddress {
    try PostgreSQLAddress(
      "postgres://test@/\(database)?host=\(folder.replacing("/", with: "%2F"))")
  }
}
