import Compression
import Foundation
import NIOCore
import Testing

@Suite struct GzipPieceTests {
  @Test(arguments: [[], [""], ["a"], ["#EXTM3U\n", "", "segment\n"], ["x", "y", "z"]])
  func `pieces are one text again`(texts: [String]) throws {
    let pieces = try texts.map { try #require(GzipPiece(ByteBuffer(string: $0))) }
    #expect(try Self.decoded(GzipPiece.member(of: pieces)) == texts.joined())
  }

  @Test func `a long text in pieces is hardly longer than whole`() throws {
    let texts = (0..<100).map { block in
      (0..<64).map { "#EXTINF:2.000000,\nvideo/a1b2c3/\(890_000_000 + block * 64 + $0).m4s\n" }
        .joined()
    }
    let pieces = try texts.map { try #require(GzipPiece(ByteBuffer(string: $0))) }
    let member = GzipPiece.member(of: pieces)
    #expect(try Self.decoded(member) == texts.joined())
    let whole = ByteBuffer(string: texts.joined())
    let plain = try #require(ContentCoding.gzip.encode(whole, room: whole.readableBytes))
    #expect(member.readableBytes < 2 * plain.readableBytes)
  }

  /// By the command that others trust.
  private static func decoded(_ coded: ByteBuffer) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["gzip", "-dc"]
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    try input.fileHandleForWriting.write(contentsOf: Data(coded.readableBytesView))
    try input.fileHandleForWriting.close()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return String(decoding: data, as: UTF8.self)
  }
}
