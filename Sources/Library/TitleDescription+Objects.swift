import FileIO
import NIOCore

extension TitleDescription {
  /// Gives what is newer than the description a version of its own.
  ///
  /// A folder takes another's place in one step; objects are replaced one by one, `title.json` last. Until
  /// then the others may not be what it describes, and must not be served under the versions, and so
  /// the immutable URLs, that it gives them. The same objects give the same versions everywhere. Files
  /// are left as they are.
  mutating func distrustNewer(in folder: String, of tree: any FileTree) throws {
    guard let own = try tree.stamp(of: "\(folder)/\(Self.fileName)"), own.entityTag != nil else {
      return
    }
    func settled(_ digest: String, _ paths: [String]) throws -> String {
      let stamps = try paths.compactMap { try tree.stamp(of: $0) }
      guard stamps.contains(where: { $0.modified > own.modified }) else { return digest }
      var settled = ContentDigest()
      settled.add(ByteBuffer(string: digest))
      for stamp in stamps { settled.add(ByteBuffer(string: "\n" + (stamp.entityTag ?? ""))) }
      return TrackDigest.text(settled.take())
    }
    func below(_ name: String) throws -> [String] {
      try tree.names(in: "\(folder)/\(name)").map { "\(folder)/\(name)/\($0)" }
    }
    for index in tracks.indices {
      let name = tracks[index].name
      tracks[index].digest = try settled(
        tracks[index].digest,
        segments == .files ? below(name) : ["\(folder)/\(name).mp4"])
      tracks[index].webVTT = try tracks[index].webVTT.map {
        try settled($0, ["\(folder)/\(WebVTTIndex.fileName(of: name))"])
      }
    }
    if let thumbnails = images?.thumbnails {
      images?.thumbnails?.digest = try settled(thumbnails.digest, below(thumbnails.name))
    }
    if let poster = images?.poster {
      images?.poster?.digest = try settled(
        poster.digest, ["\(folder)/\(TitleImages.posterName)"])
    }
  }
}
