import ArgumentParser
import Codecs
import FileIO
import Foundation
import Ladder
import NIOCore

/// Codecs as they are typed: `hevc,h264`.
struct CodecList: ExpressibleByArgument {
  let codecs: [VideoCodec]

  init?(argument: String) {
    var found: [VideoCodec] = []
    for word in argument.split(separator: ",", omittingEmptySubsequences: false) {
      guard let codec = Ladder.encodedCodecs.first(where: { $0.rawValue == word }),
        !found.contains(codec)
      else { return nil }
      found.append(codec)
    }
    codecs = found
  }
}

/// Presets as they are typed: `h264=veryfast,av1=10`.
struct PresetList: ExpressibleByArgument {
  let presets: [VideoCodec: String]

  init?(argument: String) {
    var found: [VideoCodec: String] = [:]
    for pair in argument.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = pair.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2,
        let codec = Ladder.encodedCodecs.first(where: { $0.rawValue == parts[0] }),
        EncoderPresets.words(codec).contains(parts[1])
      else { return nil }
      found[codec] = parts[1]
    }
    presets = found
  }
}

/// Who makes the parts of a ladder.
enum LadderExecutor: String, ExpressibleByArgument, CaseIterable {
  case local
  case slurm
}

/// What `package` is told of a ladder.
struct LadderArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Encode the source's picture into all rungs of a ladder: uhd, hd, mobile, or a file in YAML.
      """, valueName: "name|file.yaml"))
  var ladder: String?

  @Option(
    help: ArgumentHelp(
      "Codecs of the pictures, as h264 or hevc,av1,h264. (default: the ladder's own)",
      valueName: "codecs"))
  var codec: CodecList?

  @Option(
    help: ArgumentHelp(
      """
      How long encoders look for the best coding, in their own words, as \
      h264=veryfast,hevc=fast,av1=10. (default: the ladder's own)
      """, valueName: "presets"))
  var preset: PresetList?

  @Option(
    help: ArgumentHelp(
      """
      Folder of the parts that the work is cut into; it stays. A run that was killed goes on with \
      what is there. (default: a hidden folder beside the title, until that is published)
      """, valueName: "folder"))
  var parts: String?

  @OptionGroup var memory: EncodingMemory

  @Option(
    help: """
      Who makes the parts: local, this machine; slurm, an array job whose nodes see the source and \
      --parts under the same names.
      """)
  var executor = LadderExecutor.local

  @Option(
    help: ArgumentHelp(
      "An option for sbatch, as --sbatch=--partition=encode. May stand again.",
      valueName: "option"))
  var sbatch: [String] = []

  @Flag(help: "Print the plan of the work, rung by rung and part by part, and make nothing.")
  var plan = false

  @Option(
    help: ArgumentHelp(
      "Write a page with the rungs, their bit rates over time and their quality.",
      valueName: "file.html"))
  var report: String?

  @Flag(
    help: """
      Choose rungs and bit rates for this title: trial encodes tell which sizes look best at which \
      rates, and what it does not need.
      """)
  var perTitle = false

  @Flag(
    inversion: .prefixedNo,
    help: "Measure how near the rungs come to the source (SSIM), over some pictures of each chunk.")
  var similarity = true

  func validate() throws {
    guard ladder == nil else {
      if executor == .slurm, parts == nil {
        throw ValidationError("--executor slurm needs --parts, a folder that all nodes see")
      }
      return
    }
    let asked = [
      (codec != nil, "--codec"), (preset != nil, "--preset"), (parts != nil, "--parts"),
      (executor != .local, "--executor"), (!sbatch.isEmpty, "--sbatch"), (plan, "--plan"),
      (perTitle, "--per-title"),
      (report != nil, "--report"),
    ]
    if let option = asked.first(where: \.0)?.1 {
      throw ValidationError("\(option) is about a ladder; name one with --ladder")
    }
  }

  /// The ladder as it is asked for; `nil` if none is.
  func read() throws -> Ladder? {
    guard let name = ladder else { return nil }
    var ladder = try Self.read(name)
    if let codec { ladder.codecs = codec.codecs }
    for (codec, word) in preset?.presets ?? [:] { ladder.presets[codec] = word }
    return ladder
  }

  static func read(_ name: String) throws -> Ladder {
    guard name.hasSuffix(".yaml") || name.hasSuffix(".yml") else { return try Ladder(named: name) }
    let file = try ReadableFile(path: name)
    guard file.byteCount <= Int64(LadderLimits.fileByteCount) else {
      throw CommandFailure(
        .data,
        "\(name) has \(file.byteCount) bytes; ladder files of at most \(LadderLimits.fileByteCount) "
          + "are read")
    }
    return try LadderFile.read(
      try file.read(at: 0, count: Int(file.byteCount)).readableBytesView, name: name)
  }
}
