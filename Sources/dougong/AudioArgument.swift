import ArgumentParser
import FFmpeg
import Library
import MediaCore
import Packaging

/// `LANG=FILE[,role=ROLE][,label=LABEL][,track=N][,default]` as it is typed.
struct AudioArgument: ExpressibleByArgument {
  let path: String
  private(set) var description: SoundDescription

  /// Roles by the words that people type, and in the scheme of DASH.
  static let roles: [(word: String, role: String)] = [
    ("main", "main"), ("alternate", "alternate"), ("commentary", "commentary"),
    ("description", "description"), ("dub", "dub"), ("easy", "easyreader"),
    ("speech", "enhanced-audio-intelligibility"),
  ]

  init?(argument: String) {
    guard let equals = argument.firstIndex(of: "=") else { return nil }
    let tag = LanguageTag.bcp47(String(argument[..<equals]))
    guard tag != "und" || argument[..<equals] == "und" else { return nil }
    description = SoundDescription(language: tag)
    // A file name may hold commas: options are what is known at the end.
    var parts = argument[argument.index(after: equals)...].split(
      separator: ",", omittingEmptySubsequences: false)
    while parts.count > 1, let last = parts.last {
      if last == "default" {
        description.isDefault = true
      } else if last.hasPrefix("label="), last.count > 6 {
        description.label = String(last.dropFirst("label=".count))
      } else if last.hasPrefix("track="), let number = Int(last.dropFirst("track=".count)) {
        description.track = number
      } else if last.hasPrefix("role=") {
        let word = last.dropFirst("role=".count)
        guard let found = Self.roles.first(where: { $0.word == word }) else { return nil }
        description.roles = (description.roles ?? []) + [found.role]
      } else {
        break
      }
      parts.removeLast()
    }
    path = parts.joined(separator: ",")
    guard !path.isEmpty else { return nil }
  }
}

extension AudioCodecChoice: ExpressibleByArgument {}

/// What `package` is told of sound.
struct AudioArguments: ParsableArguments {
  @Option(
    name: .customLong("audio"),
    help: ArgumentHelp(
      "Sound in a file of its own, or what to call the sound of a source. May stand again.",
      discussion: """
        As de=commentary.m4a, with options behind commas: role= main, alternate, commentary, \
        description, dub, easy or speech; label= for the viewer; track= the number that inspect \
        shows, where the file has several; default to play it unasked. A file that is also named \
        as a source is not added again: its sound is described.
        """, valueName: "lang=file"))
  var added: [AudioArgument] = []

  @Option(
    help: """
      What sound is encoded to that players do not take as it is (PCM, Vorbis, ALAC, MP2, MP3, DTS, \
      TrueHD): aac, opus or eac3. All else is copied.
      """)
  var audioCodec = AudioCodecChoice.aac

  @Flag(
    name: .customLong("keep-mp3"),
    help: "Copy MP3 instead: Safari and Firefox play it in MP4, Chromium does not.")
  var keepMP3 = false

  @Flag(
    inversion: .prefixedNo,
    help: """
      Where some sound is in AAC, encode the languages and roles that there are in other codings \
      alone to AAC as well, so that players without their decoders have them.
      """)
  var aacTwins = true

  /// Files of sound, at most.
  static let maximumCount = 64

  func validate() throws {
    guard added.count <= Self.maximumCount else {
      throw ValidationError("--audio stands \(added.count) times; \(Self.maximumCount) are read")
    }
  }

  /// Opens the sources, and the files of sound beside them.
  /// - Parameter sounds: what a ladder has their sound in; empty leaves it as it is, as far as players take it.
  func open(
    _ sources: [String], by opener: SourceOpener, sounds: [SoundForm] = []
  ) throws -> [any MediaSource] {
    var opened: [SourceOpener.Opened] = []
    var known: [String] = []
    for path in sources + added.map(\.path) where !known.contains(path) {
      known.append(path)
      var one = try opener.opened(path)
      let own = added.filter { $0.path == path }.map(\.description)
      if !own.isEmpty {
        one.source = try DescribedSource(
          one.source, own, soundOnly: !sources.contains(path))
      }
      if sounds.isEmpty {
        try opener.complete(&one, codec: audioCodec, keepsMP3: keepMP3)
      } else {
        try opener.encode(&one, into: sounds)
      }
      opened.append(one)
    }
    return aacTwins && sounds.isEmpty ? try opener.addTwins(opened) : opened.map(\.source)
  }
}
