import ArgumentParser
import Foundation
import ISOBMFF

struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Shows what a media file holds: tracks, segments, boxes.",
    discussion: """
      Any file that 'dougong package' reads can be shown, and so can CMAF track files, their \
      headers (init.mp4) and single segments (.m4s). A track file with an index ('sidx') also gives its \
      segments and how their bit rate moves.

      Examples:
        dougong inspect film.mkv
        dougong inspect library/film/video-2160p.mp4 --segments
        dougong inspect init.mp4 --boxes
        dougong inspect film.mp4 --json | jq '.tracks[].codecs'
      """)

  @Argument(help: ArgumentHelp("A media file.", valueName: "file"))
  var file: String

  @Flag(help: "Show the box tree of an ISO base media file instead.")
  var boxes = false

  @Flag(help: "Show every segment of a track file, not the first and last alone.")
  var segments = false

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    guard !(boxes && segments) else {
      throw ValidationError("--boxes and --segments are two views; name one of them")
    }
    guard file != "-" else {
      throw ValidationError("standard input cannot be inspected; name a file")
    }
  }

  func run() throws { try CommandFailure.catching { try inspect() } }

  private func inspect() throws {
    Interruption.watch()
    let opened = try InspectedFile(path: file)
    if boxes {
      let tree = try opened.boxTree()
      if json {
        try printJSON(BoxTreeReport(file: file, tree: tree))
      } else {
        print(tree.text, terminator: "")
      }
      return
    }
    let content = try opened.content { Interruption.isRequested }
    guard !segments || content.index != nil else {
      throw CommandFailure(
        .data, "\(file) has no 'sidx' that lists its segments; a CMAF track file is expected")
    }
    let report = try InspectReport(content)
    if json {
      try printJSON(report)
    } else {
      print(report.text(allSegments: segments))
    }
  }

  private func printJSON(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(value), as: UTF8.self))
  }
}

/// The box tree for machines: an object for each box.
struct BoxTreeReport: Encodable {
  struct Box: Encodable {
    var type: String
    var offset: Int64
    var bytes: Int64
    /// Fields with the same name, as of several edits, are joined.
    var fields: [String: String]?
    var boxes: [Box]?
    var note: String?

    init(_ node: BoxTree.Node) {
      type = node.type.description
      offset = node.offset
      bytes = node.byteCount
      fields =
        node.fields.isEmpty
        ? nil : Dictionary(node.fields.map { ($0.name, $0.value) }) { "\($0); \($1)" }
      boxes = node.children.isEmpty ? nil : node.children.map(Box.init)
      note = node.note
    }
  }

  var file: String
  var boxes: [Box]
  var note: String?

  init(file: String, tree: BoxTree) {
    self.file = file
    boxes = tree.nodes.map(Box.init)
    note = tree.note
  }
}
