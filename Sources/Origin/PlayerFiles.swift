import NIOCore

/// The style sheets and scripts of the player pages, at `/play/assets/{name}`.
///
/// To add one: the file in `Player`, and its line here.
enum PlayerFiles {
  static let names = Set(files.keys)

  static func file(named name: String) throws(Rejection) -> Representation {
    guard let file = files[name] else {
      throw .notFound("The player has no file of this name.")
    }
    return file
  }

  private static let files: [String: Representation] = [
    "atlas.js": file(PackageResources.atlas_js, "text/javascript"),
    "choices.css": file(PackageResources.choices_css, "text/css"),
    "choices.js": file(PackageResources.choices_js, "text/javascript"),
    "controls.js": file(PackageResources.controls_js, "text/javascript"),
    "episode.css": file(PackageResources.episode_css, "text/css"),
    "episode.js": file(PackageResources.episode_js, "text/javascript"),
    "graph.js": file(PackageResources.graph_js, "text/javascript"),
    "joins.js": file(PackageResources.joins_js, "text/javascript"),
    "loader.js": file(PackageResources.loader_js, "text/javascript"),
    "map.js": file(PackageResources.map_js, "text/javascript"),
    "memory.js": file(PackageResources.memory_js, "text/javascript"),
    "path.js": file(PackageResources.path_js, "text/javascript"),
    "player.css": file(PackageResources.player_css, "text/css"),
    "reports.js": file(PackageResources.reports_js, "text/javascript"),
    "screening.js": file(PackageResources.screening_js, "text/javascript"),
    "sphere.js": file(PackageResources.sphere_js, "text/javascript"),
    "stitcher.js": file(PackageResources.stitcher_js, "text/javascript"),
    "story.js": file(PackageResources.story_js, "text/javascript"),
    "subtitles.js": file(PackageResources.subtitles_js, "text/javascript"),
    "texts.js": file(PackageResources.texts_js, "text/javascript"),
    "voice.js": file(PackageResources.voice_js, "text/javascript"),
  ]

  private static func file(_ bytes: [UInt8], _ contentType: String) -> Representation {
    Representation(
      contentType: contentType + "; charset=utf-8", cacheControl: .document,
      document: ServedDocument(bytes: ByteBuffer(bytes: bytes)))
  }
}
