import ArgumentParser
import FileIO
import Foundation
import Library
import MediaCore
import Origin
import Recording

/// What stays of a live title when it has ended, as it is typed.
enum LiveKeeping: String, ExpressibleByArgument, CaseIterable {
  /// A title of the library, under the same name.
  case vod
  /// What a packager that starts again goes on with.
  case dvr
  case none
}

/// The end of a live title: it becomes a title of the library, and players that still follow it come to its end.
struct LiveEnd: Sendable {
  let name: String
  let library: String
  let keeping: LiveKeeping
  let replacesTitle: Bool

  /// Refuses a title that could not take its place afterwards; and removes what an earlier run has left that is a
  /// title already.
  func prepare() throws {
    guard keeping == .vod else { return }
    try checkPlace()
    guard let left = try? LiveStore(left: name, in: library) else { return }
    let lock = try FolderLock(left.folder)
    defer { withExtendedLifetime(lock) {} }
    if try LiveRecording(of: left, name: name, library: library).isPublished() {
      try left.remove()
    }
  }

  /// - Throws: if something stands in the library that may not be replaced.
  func checkPlace() throws {
    try TitlePublication.checkPlace("\(library)/\(name)", replacesTitle: replacesTitle)
  }

  /// Does all that is to be done after the last chunk; blocks for as long as media may be fetched.
  /// - Parameters:
  ///   - target: the target duration of the title, seconds.
  ///   - isStopped: nobody is served any more.
  func conclude(
    _ store: LiveStore, in titles: LiveTitles, target: Int, window: MediaTime,
    isStopped: @Sendable () -> Bool
  ) throws {
    guard keeping != .dvr else { return }
    if keeping == .vod { try record(store, isCancelled: { Interruption.isRequested }) }
    // Playlists with their end stay for whoever was answered a moment ago: as long as caches
    // may keep an answer (draft-pantos-hls-rfc8216bis Appendix B.1).
    Self.wait(seconds: Double(6 * target), isStopped)
    if keeping == .vod { titles.rest(name) }
    // "… equal to the duration of the segment plus the duration of the longest Playlist" (§6.2.2).
    Self.wait(seconds: max(window.seconds, Double(3 * target)) + Double(target), isStopped)
    titles.remove(name)
    try store.remove()
  }

  /// Makes a title of what was kept.
  func record(_ store: LiveStore, isCancelled: @escaping @Sendable () -> Bool) throws {
    let line = ProgressLine("Keeping \(name)")
    let progress = WorkProgress(
      total: { line.start(total: $0) }, moved: { line.add($0) }, isCancelled: isCancelled)
    defer { line.finish() }
    let published: LiveRecording.Published
    do {
      published = try LiveRecording(of: store, name: name, library: library)
        .publish(replacesTitle: replacesTitle, progress: progress)
    } catch {
      throw CommandFailure(
        CommandFailure(error).code,
        "\(CommandFailure(error).message); 'dougong finish \(library) --name \(name)' makes the title "
          + "of what was live")
    }
    for note in published.notes { Terminal.say("note: \(note)") }
    for name in published.names { Terminal.say("\(library)/\(name) holds what was live") }
  }

  private static func wait(seconds: Double, _ isStopped: () -> Bool) {
    let end = Date(timeIntervalSinceNow: seconds)
    while !isStopped(), Date() < end { Thread.sleep(forTimeInterval: 0.1) }
  }
}
