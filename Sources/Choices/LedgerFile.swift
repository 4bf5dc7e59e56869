import Foundation
import GRDB
import Synchronization

/// The database of a ledger, opened when it is first needed.
final class LedgerFile: Sendable {
  private let path: String
  private let opened = Mutex<DatabasePool?>(nil)

  init(path: String) { self.path = path }

  /// `nil` if there is no such file.
  func existing() throws -> DatabasePool? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    return try make()
  }

  /// The file and its folder are made if they are not there.
  func make() throws -> DatabasePool {
    try opened.withLock { opened in
      if let opened { return opened }
      let folder = (path as NSString).deletingLastPathComponent
      if !folder.isEmpty {
        try FileManager.default.createDirectory(
          atPath: folder, withIntermediateDirectories: true)
      }
      var configuration = Configuration()
      configuration.label = "choices"
      // Another origin may write to the same file.
      configuration.busyMode = .timeout(5)
      configuration.maximumReaderCount = 2
      configuration.prepareDatabase { database in
        // What was answered survives a power failure, too; batches make that cheap.
        try database.execute(sql: "PRAGMA synchronous = FULL")
        try database.execute(sql: "PRAGMA max_page_count = \(ChoiceLimits.pageCount)")
      }
      let database = try DatabasePool(path: path, configuration: configuration)
      try LedgerSchema.migrator.migrate(database)
      opened = database
      return database
    }
  }
}
