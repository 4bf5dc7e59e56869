import ArgumentParser
import FileIO
import Foundation
import NIOCore
import Origin
import Presentation
import Protection

/// Who may fetch from the origin, and who stands in front of it.
struct AccessOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Whose caches stand in front, and read what they may keep where.",
      valueName: "edge"))
  var edge = EdgeProfile.generic

  @Option(
    help: ArgumentHelp("Name of this origin, told to edges in CMSD-Dynamic.", valueName: "name"))
  var originID: OriginID?

  @Option(
    help: ArgumentHelp(
      "Titles are for who has a token signed with a key of this file: a line NAME HEXADECIMAL, or two. (see docs/origin.md)",
      valueName: "file"))
  var signingKeys: String?

  @Option(
    help: ArgumentHelp(
      "Requests have to bring a secret of this file in Dougong-Edge-Secret: one in a line, or two.",
      valueName: "file"))
  var edgeSecrets: String?

  @Option(
    help: ArgumentHelp(
      "Edges that players are steered between, as cdn-a=https://a.example/,cdn-b=https://b.example/; with weights (cdn-a*3=…) titles are shared out.",
      valueName: "list"))
  var pathways: String?

  func apply(to configuration: inout OriginServer.Configuration) throws {
    configuration.edge = edge
    configuration.originID = originID
    configuration.access = try rules()
  }

  private func rules() throws -> AccessRules {
    var rules = AccessRules()
    rules.keys = try signingKeys.map { try Self.keys($0) }
    rules.edgeSecrets = try edgeSecrets.map { path in
      try Self.reading(path) { try EdgeSecrets(text: $0) }
    }
    return rules
  }

  func resolvedPathways() throws -> Pathways? {
    do {
      return try pathways.map { try Pathways($0) }
    } catch {
      throw CommandFailure(.usage, "--pathways: \(error)")
    }
  }

  static func keys(_ path: String) throws -> SigningKeys {
    try reading(path) { try SigningKeys(text: $0) }
  }

  private static let maximumByteCount: Int64 = 64 * 1024

  static func reading<Value>(_ path: String, _ body: (String) throws -> Value) throws
    -> Value
  {
    let file = try ReadableFile(path: path)
    guard file.byteCount <= maximumByteCount else {
      throw CommandFailure(
        .data, "\(path) has \(file.byteCount) bytes: no file of keys is that long")
    }
    let bytes = try file.read(at: 0, count: Int(file.byteCount))
    do {
      return try body(String(buffer: bytes))
    } catch let error as ProtectionError {
      throw CommandFailure(.data, "\(path): \(error)")
    }
  }
}

extension EdgeProfile: ExpressibleByArgument {}

extension OriginID: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}
