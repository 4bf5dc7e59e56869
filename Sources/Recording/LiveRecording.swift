import FileIO
package import Library
package import MediaCore
import Packaging
import Presentation

/// Makes a title at rest of a live one, in its place.
///
///     let recording = LiveRecording(of: store, name: "channel", library: "library")
///     let titles = try recording.publish(replacesTitle: false, progress: progress)
///
/// It holds what viewers could go back to, sample by sample. Where a header changed in that time no one title can hold
/// all: the longest stretch has the name, and the others have their number behind it.
package struct LiveRecording: Sendable {
  package struct Published: Sendable {
    /// Names of the titles in the library, the first one that of the live title; empty if nothing
    /// had come.
    package var names: [String] = []
    /// What is to be said of it, a sentence each.
    package var notes: [String] = []
  }

  private let store: LiveStore
  private let name: String
  private let library: String

  /// Segments of a title, at most, with some room: a `sidx` counts them in 16 bits.
  private static let segmentCount: Int64 = 60_000

  package init(of store: LiveStore, name: String, library: String) {
    self.store = store
    self.name = name
    self.library = library
  }

  /// Writes and publishes. Until a title is whole nobody sees it; one that an earlier attempt has made of the same
  /// media is made again.
  package func publish(replacesTitle: Bool, progress: WorkProgress) throws -> Published {
    let stretches = try store.stretches()
    guard
      let longest = stretches.indices.max(by: { stretches[$0].duration < stretches[$1].duration })
    else { return Published() }
    var published = Published(names: [name])
    // The one that has the name comes last: when it is there, all are.
    for index in stretches.indices where index != longest {
      let own = "\(name)-\(index + 1)"
      published.names.append(own)
      published.notes += try write(
        stretches[index], as: own, replacesTitle: replacesTitle, progress)
    }
    published.notes += try write(
      stretches[longest], as: name, replacesTitle: replacesTitle, progress)
    if stretches.count > 1 {
      let others = published.names.dropFirst().joined(separator: ", ")
      published.notes.append(
        "the coding changed: the longest stretch is \(name), the others are \(others)")
    }
    return published
  }

  /// Whether the title of a name in a library was made of a live one of that name.
  package static func isMade(of name: String, in library: String) throws -> Bool {
    guard Folder.entry(at: "\(library)/\(name)") != nil else { return false }
    let origin = (try? TitleDescription(folder: "\(library)/\(name)"))?.origin
    return origin?.hasPrefix("live \(name) ") == true
  }

  /// Whether all that was kept is in the library already.
  package func isPublished() throws -> Bool {
    let stretches = try store.stretches()
    guard
      let longest = stretches.indices.max(by: { stretches[$0].duration < stretches[$1].duration })
    else { return false }
    return isMade(of: stretches[longest], as: name)
  }

  private func write(
    _ stretch: LiveStretch, as own: String, replacesTitle: Bool, _ progress: WorkProgress
  ) throws -> [String] {
    let publication = try TitlePublication(
      path: "\(library)/\(own)",
      replacesTitle: replacesTitle || isMade(of: stretch, as: own))
    do {
      var options = PackagingOptions()
      options.segment = segmentDuration(of: stretch)
      let job = try PackagingJob([try RecordedSource(stretch, name: own)], options: options)
      let notes = try job.run(
        into: publication.folder, origin: origin(of: stretch), progress: progress)
      try publication.writeDocuments()
      try publication.publish()
      return job.notes + notes
    } catch {
      publication.abandon()
      throw error
    }
  }

  private func segmentDuration(of stretch: LiveStretch) -> MediaTime {
    let length = stretch.segmentDuration
    guard length.value > 0 else { return PackagingOptions().segment }
    let count = Int64(stretch.duration.seconds / length.seconds)
    return MediaTime(length.value * (count / Self.segmentCount + 1), length.timescale)
  }

  /// What `title.json` says of where the title comes from.
  private func origin(of stretch: LiveStretch) -> String { "live \(name) \(stretch.first)" }

  private func isMade(of stretch: LiveStretch, as own: String) -> Bool {
    (try? TitleDescription(folder: "\(library)/\(own)"))?.origin == origin(of: stretch)
  }
}
