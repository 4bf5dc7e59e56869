import ArgumentParser
import FileIO
import Library
import NIOCore
import Packaging
import Text

/// `LANG=FILE[,role=ROLE][,label=LABEL][,default]` as it is typed.
struct TextArgument: ExpressibleByArgument {
  let language: String
  let path: String
  private(set) var role = TextRole.subtitle
  private(set) var label: String?
  private(set) var isDefault = false

  /// Roles by the words that people type.
  static let roles: [(word: String, role: TextRole)] = [
    ("subtitle", .subtitle), ("caption", .caption), ("forced", .forced),
    ("description", .description), ("commentary", .commentary), ("easy", .easyReader),
  ]

  init?(argument: String) {
    guard let equals = argument.firstIndex(of: "=") else { return nil }
    let tag = LanguageTag.bcp47(String(argument[..<equals]))
    guard tag != "und" || argument[..<equals] == "und" else { return nil }
    language = tag
    // A file name may hold commas: options are what is known at the end.
    var parts = argument[argument.index(after: equals)...].split(
      separator: ",", omittingEmptySubsequences: false)
    while parts.count > 1, let last = parts.last {
      if last == "default" {
        isDefault = true
      } else if last.hasPrefix("label="), last.count > 6 {
        label = String(last.dropFirst("label=".count))
      } else if last.hasPrefix("role=") {
        let word = last.dropFirst("role=".count)
        guard let found = Self.roles.first(where: { $0.word == word }) else { return nil }
        role = found.role
      } else {
        break
      }
      parts.removeLast()
    }
    path = parts.joined(separator: ",")
    guard !path.isEmpty else { return nil }
  }

  /// Reads the file.
  func read() throws -> SidecarText {
    let file = try ReadableFile(path: path)
    guard file.byteCount <= CueList.maximumFileByteCount else {
      throw CommandFailure(
        .data,
        "\(path) has \(file.byteCount) bytes; subtitles of at most \(CueList.maximumFileByteCount) "
          + "are read")
    }
    let bytes = try file.read(at: 0, count: Int(file.byteCount))
    do throws(TextError) {
      let cues = bytes.readableBytes == 0 ? CueList() : try SubtitleFile.read(bytes)
      return SidecarText(
        name: path, cues: cues, language: language, role: role, label: label,
        isDefault: isDefault, isTTML: SubtitleFile.form(of: bytes) == .ttml)
    } catch {
      throw CommandFailure(.data, "\(path), \(error)")
    }
  }
}

/// An offset as it is typed: `1.5s`, `-0.25`.
struct TextOffset: ExpressibleByArgument {
  /// Milliseconds.
  let milliseconds: Int64

  /// Up to a day either way.
  init?(argument: String) {
    let plain = argument.hasSuffix("s") ? String(argument.dropLast()) : argument
    guard let seconds = Double(plain), seconds.magnitude <= 86_400 else { return nil }
    milliseconds = Int64((seconds * 1000).rounded())
  }

  init(milliseconds: Int64) { self.milliseconds = milliseconds }

  var defaultValueDescription: String { "0s" }
}

extension TextOptions.Captions: ExpressibleByArgument {}

/// What `package` is told of subtitles.
struct TextArguments: ParsableArguments {
  @Option(
    name: .customLong("text"),
    help: ArgumentHelp(
      "Subtitles in a file of their own: SRT, WebVTT, ASS, TTML or SCC. May stand again.",
      discussion: """
        As de=film.de.srt, with options behind commas: role= subtitle, caption, forced, \
        description, commentary or easy; label= for the viewer; default to show them unasked.
        """, valueName: "lang=file"))
  var sidecars: [TextArgument] = []

  @Option(help: "Move the subtitles of --text by so much, later if positive.")
  var textOffset = TextOffset(milliseconds: 0)

  @Flag(help: "Write subtitles as TTML tracks too; of TTML files they are written anyway.")
  var ttml = false

  @Option(
    help: """
      Captions (CEA-608, CEA-708) in the pictures: convert makes text tracks of them, keep only \
      names them in the playlists.
      """)
  var captions = TextOptions.Captions.convert

  /// Sidecars of one title, at most.
  static let maximumCount = 64

  func validate() throws {
    guard sidecars.count <= Self.maximumCount else {
      throw ValidationError("--text stands \(sidecars.count) times; \(Self.maximumCount) are read")
    }
    guard sidecars.count(where: \.isDefault) <= 1 else {
      throw ValidationError("two --text are the default; one can be shown unasked")
    }
  }

  /// Reads the files.
  func options() throws -> TextOptions {
    var options = TextOptions()
    options.sidecars = try sidecars.map { try $0.read() }
    options.offset = textOffset.milliseconds
    options.writesTTML = ttml
    options.captions = captions
    return options
  }
}
