import FileIO
import Foundation
import TestSupport
import Testing
import Verification

/// Seeded random numbers (SplitMix64).
@Suite(.enabled(if: SampleTitle.hasFFmpeg, "ffmpeg makes the sources of these tests"))
struct DamageTests {
  /// What a verification of a title of 700 kB may take on a slow machine.
  private static let patience = Duration.seconds(20)

  private func files(in folder: String) throws -> [(path: String, data: Data)] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map {
      ("\(folder)/\($0)", try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\($0)")))
    }
  }

  /// Verifies, and expects an end in time, with whatever is found.
  private func verify(_ folder: String, _ what: String) throws -> VerificationReport {
    let clock = ContinuousClock()
    let start = clock.now
    let report = try TitleVerification.verify(folder: folder)
    #expect(clock.now - start < Self.patience, "\(what)")
    #expect(report.findings.count < 2000, "\(what)")
    return report
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `flipped bits give findings, never a trap`(seed: UInt64) throws {
    let folder = try SampleTitle.copy()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let files = try files(in: folder)
    var random = SplitMix(seed)
    for round in 0..<40 {
      guard let (path, data) = files.randomElement(using: &random) else { return }
      var damaged = data
      for _ in 0..<Int.random(in: 1...24, using: &random) {
        // Most of a track is payload; its structure is at the front.
        let limit = Bool.random(using: &random) ? data.count : min(data.count, 1500)
        damaged[Int.random(in: 0..<limit, using: &random)] ^=
          1 << UInt8.random(in: 0...7, using: &random)
      }
      try damaged.write(to: URL(fileURLWithPath: path))
      let report = try verify(folder, "seed \(seed), round \(round), \(path)")
      if path.hasSuffix(".mp4"), damaged != data {
        #expect(!report.passes, "seed \(seed), \(round)")
      }
      try data.write(to: URL(fileURLWithPath: path))
    }
  }

  @Test(arguments: [5, 6] as [UInt64])
  func `words set to extremes give findings, never a trap`(seed: UInt64) throws {
    let folder = try SampleTitle.copy()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var random = SplitMix(seed)
    let extremes: [UInt32] = [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]
    for round in 0..<60 {
      for (path, data) in try files(in: folder) where path.hasSuffix(".mp4") {
        var damaged = data
        let word = extremes.randomElement(using: &random) ?? 0
        let isFragment = Bool.random(using: &random)
        let moof = data.range(of: Data("moof".utf8))?.lowerBound ?? 8
        let at =
          isFragment
          ? moof - 4 + Int.random(in: 0..<400, using: &random)
          : Int.random(in: 0..<moof, using: &random)
        for (index, shift) in [24, 16, 8, 0].enumerated() where at + index < data.count {
          damaged[at + index] = UInt8(truncatingIfNeeded: word >> UInt32(shift))
        }
        try damaged.write(to: URL(fileURLWithPath: path))
        _ = try verify(folder, "seed \(seed), round \(round), \(path) at \(at)")
        try data.write(to: URL(fileURLWithPath: path))
      }
    }
  }

  @Test func `a title that is cut short fails`() throws {
    let folder = try SampleTitle.copy()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var random = SplitMix(7)
    for (path, data) in try files(in: folder) where !data.isEmpty {
      for round in 0..<8 {
        let limit = round < 4 ? min(data.count, 1500) : data.count
        let count = Int.random(in: 0..<limit, using: &random)
        try data.prefix(count).write(to: URL(fileURLWithPath: path))
        let report = try verify(folder, "\(path) cut to \(count)")
        // A playlist without its last line end says the same.
        if data.count - count > 1 { #expect(!report.passes, "\(path) cut to \(count)") }
      }
      try data.write(to: URL(fileURLWithPath: path))
    }
  }
}
