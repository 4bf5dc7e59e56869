import Episodes
import FileIO
import NIOCore

/// An episode file with the paths of its media, as it is packaged.
struct EpisodeInput {
  let file: EpisodeFile
  var episode: Episode { file.episode }
  /// In the order of the episode's scenes, each with its viewpoints behind it.
  let scenes: [SceneFiles]
  let prompts: [PromptFile]

  init(path: String) throws {
    let bytes = try Self.read(path)
    file = try EpisodeFile(bytes.readableBytesView, name: path)
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    func located(_ name: String) -> String { name.hasPrefix("/") ? name : folder + name }
    let names = file.episode.scenes.flatMap { scene in
      [scene.id] + scene.viewpoints.map { "\(scene.id).\($0.id)" }
    }
    let (media, read) = (file.media, file)
    prompts = file.episode.spokenPrompts.map { prompt, _, file in
      let item = EpisodeSource.Item.spokenPrompt(choice: prompt.choice, language: prompt.language)
      return PromptFile(
        prompt: prompt, path: located(file),
        place: path + (read.source[item].map { ":\($0)" } ?? ""))
    }
    scenes = names.compactMap { name in
      media[name].map { media in
        SceneFiles(
          name: name, media: media.sources.map(located),
          audio: media.audio.map { ($0.language, located($0.path)) },
          text: media.text.map { ($0.language, located($0.path)) })
      }
    }
  }

  private static func read(_ path: String) throws -> ByteBuffer {
    let file = try ReadableFile(path: path)
    guard file.byteCount <= EpisodeLimits.fileByteCount else {
      throw CommandFailure(
        .data,
        "\(path) has \(file.byteCount) bytes; episode files of at most \(EpisodeLimits.fileByteCount) "
          + "are read")
    }
    return try file.read(at: 0, count: Int(file.byteCount))
  }
}
