import ArgumentParser
import Codecs
import FFmpeg
import FileIO
import Ladder
import LiveEncoding
import MediaCore
import NIOCore

/// What `live` is told of encoding.
struct LiveLadderOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Encode the pictures as a ladder: uhd, hd, mobile, or a file. (see docs/ladder.md)",
      discussion:
        "All rungs are made from pictures that are decoded once, with a key frame at the begin of each "
        + "segment. A ladder that this machine cannot hold is refused.",
      valueName: "name|file.yaml"))
  var ladder: String?

  @Flag(help: "Encode the pictures in their own size.")
  var encode = false

  @Option(
    help: ArgumentHelp(
      "What pictures are encoded in: one or more of h264, hevc and av1.", valueName: "codec,…"))
  var codec: VideoCodecList?

  @Option(help: ArgumentHelp("Leave out rungs of more lines.", valueName: "lines"))
  var maxHeight: Int?

  @Flag(help: "Encode also what this machine is found too slow for.")
  var anyway = false

  func validate() throws {
    guard !encode || ladder == nil else {
      throw ValidationError("--encode and --ladder exclude each other: a ladder is encoded")
    }
    if let maxHeight, maxHeight < RungEncoding.sideLength.lowerBound {
      throw ValidationError(
        "--max-height \(maxHeight): at least \(RungEncoding.sideLength.lowerBound) lines are encoded"
      )
    }
    guard ladder == nil, !encode else { return }
    let others = [
      (codec != nil, "--codec"), (maxHeight != nil, "--max-height"), (anyway, "--anyway"),
    ]
    if let (_, option) = others.first(where: { $0.0 }) {
      throw ValidationError("\(option) says how to encode: it needs --ladder or --encode")
    }
  }

  /// Decides what is encoded, by a source's first pictures; `nil` if pictures stay as they are.
  /// - Throws: what is wrong with the ladder.
  func choice(
    segment: MediaTime, part: MediaTime
  ) throws -> (@Sendable (PictureStudy) throws -> LiveLadder)? {
    let (codecs, maximum) = (codec?.codecs, maxHeight)
    guard let ladder else {
      guard encode else { return nil }
      return { study in
        try LiveLadder(
          study.ownSize, of: study, name: "--encode", segment: segment, part: part, codecs: codecs,
          maximumHeight: maximum)
      }
    }
    let wanted = try Self.read(ladder)
    return { study in
      try LiveLadder(
        wanted, of: study, name: "--ladder \(ladder)", segment: segment, part: part, codecs: codecs,
        maximumHeight: maximum)
    }
  }

  private static func read(_ name: String) throws -> Ladder {
    guard name.hasSuffix(".yaml") || name.hasSuffix(".yml") else { return try Ladder(named: name) }
    let file = try ReadableFile(path: name)
    guard file.byteCount <= LadderLimits.fileByteCount else {
      throw CommandFailure(
        .data,
        "\(name) has \(file.byteCount) bytes; ladder files of at most \(LadderLimits.fileByteCount) are "
          + "read")
    }
    return try LadderFile.read(
      try file.read(at: 0, count: Int(file.byteCount)).readableBytesView, name: name)
  }
}

/// Codecs as they are typed: `hevc,h264`.
struct VideoCodecList: ExpressibleByArgument {
  let codecs: [VideoCodec]

  init?(argument: String) {
    let words = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let found = words.compactMap { word in Ladder.encodedCodecs.first { $0.rawValue == word } }
    guard found.count == words.count, Set(found).count == found.count else { return nil }
    codecs = found
  }
}
