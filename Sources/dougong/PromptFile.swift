import Episodes
import FFmpeg
import MediaCore
import Packaging

/// The file of one spoken prompt, with a path that can be opened.
struct PromptFile {
  var prompt: SpokenPrompt
  var path: String
  /// Where the episode file names it.
  var place: String

  private static let longest = EpisodeLimits.spokenPromptSeconds

  /// Its first sound in AAC, as a title of one track.
  func request(opener: SourceOpener) throws -> SceneRequest {
    let file = self
    let subject = "\(place): the spoken prompt \(prompt.name)"
    return try naming(subject) {
      var digest = OriginDigest()
      digest.add("prompt \(prompt.language)")
      try digest.add(file: path)
      return SceneRequest(
        name: prompt.folder, subject: subject, origin: digest.take(),
        longest: MediaTime(Self.longest, Timescale(literal: 1))
      ) {
        try file.naming(subject) { ([try file.source(opener)], TextOptions()) }
      }
    }
  }

  private func source(_ opener: SourceOpener) throws -> any MediaSource {
    let source = try opener.open(path)
    let sounds = source.tracks.filter { $0.kind == .audio }
    let number = (sounds.first(where: \.isDefault) ?? sounds.first)?.number
    let spoken = try number.map {
      try TranscodedSource.inAAC(
        source, track: $0, path: path, folder: opener.spoolFolder, longest: Self.longest,
        isCancelled: opener.isCancelled)
    }
    return try DescribedSource(
      spoken ?? source,
      [SoundDescription(language: prompt.language, label: prompt.name, track: number)],
      soundOnly: true)
  }

  private func naming<T>(_ subject: String, _ body: () throws -> T) throws -> T {
    do {
      return try body()
    } catch let error where !(error is CancellationError) {
      let failure = CommandFailure(error)
      throw CommandFailure(failure.code, "\(subject): \(failure.message)")
    }
  }
}
