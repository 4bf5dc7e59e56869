import Codecs
import ISOBMFF
import MediaCore
import NIOCore

extension Rule {
  private static let dolby = "Dolby Vision Streams Within the ISO Base Media File Format"
  static let dolbyVisionBox = Rule("dolby-vision-box", "\(dolby) §2.2")
  static let dolbyVisionEntry = Rule("dolby-vision-entry", "\(dolby) §3")
  static let dolbyVisionProfile = Rule("dolby-vision-profile", "\(dolby) §2.1")
  static let dolbyVisionBrand = Rule("dolby-vision-brand", "\(dolby) §4")
  static let sphericalBox = Rule("spherical-box", "Spherical Video V2 RFC")
}

/// Boxes of the sample entry that say more than the coding: dynamic range, Dolby Vision, spheres.
extension VideoEntryRules {
  static func readDynamicRange(_ entry: VisualSampleEntry, _ facts: inout HeaderFacts) {
    facts.metadata.masteringDisplay = entry.masteringDisplay
    facts.metadata.contentLight = entry.contentLight
  }

  // MARK: Dolby Vision

  static func readDolbyVision(
    _ entry: Box, _ facts: inout HeaderFacts, _ log: inout FindingLog
  ) {
    let types: [FourCC] = ["dvcC", "dvvC", "dvwC"]
    let boxes = log.children(of: entry, after: 78).filter { types.contains($0.type) }
    let isNamed = entry.type == "dvh1" || entry.type == "dav1"
    let brands: [FourCC] = ["dby1", "db1p", "db2g", "db4g", "db4h"]
    guard let box = boxes.first else {
      log.require(
        !isNamed, .dolbyVisionEntry, entry.place,
        "'\(entry.type)' has no 'dvcC', 'dvvC' or 'dvwC'")
      log.require(
        facts.brands.isDisjoint(with: brands), .dolbyVisionBrand, "ftyp",
        "a brand of Dolby Vision stands there, and no record of it in the sample entry")
      return
    }
    log.require(
      boxes.count == 1, .dolbyVisionBox, entry.place,
      "has \(boxes.count) Dolby Vision configuration boxes; one is expected")
    guard
      let record = log.attempt(
        .dolbyVisionBox, box.place, { try DolbyVisionConfigurationRecord(parsing: box.payload) })
    else { return }
    facts.dolbyVision = record
    let named: FourCC = record.profile <= 7 ? "dvcC" : record.profile <= 10 ? "dvvC" : "dvwC"
    log.require(
      box.type == named, .dolbyVisionBox, box.place,
      "profile \(record.profile) stands in '\(named)'")
    check(record, entry, isNamed: isNamed, facts, &log)
    checkBrands(record, facts, &log)
    if isNamed {
      facts.codecs = RecordedCodec.dolbyVision(
        [UInt8](box.payload.readableBytesView.prefix(5)), entry: "\(entry.type)")
    }
  }

  private static func check(
    _ record: DolbyVisionConfigurationRecord, _ entry: Box, isNamed: Bool, _ facts: HeaderFacts,
    _ log: inout FindingLog
  ) {
    log.require(
      isNamed == (record.compatibility == 0), .dolbyVisionEntry, entry.place,
      record.compatibility == 0
        ? "other decoders cannot show this base layer; 'dvh1' or 'dav1' is expected"
        : "other decoders can show this base layer; 'hvc1', 'avc1' or 'av01' is expected")
    let coding: FourCC =
      switch record.profile {
      case 9: "avc1"
      case 10: isNamed ? "dav1" : "av01"
      default: isNamed ? "dvh1" : "hvc1"
      }
    log.require(
      entry.type == coding, .dolbyVisionProfile, entry.place,
      "profile \(record.profile) is coded as '\(coding)'")
    log.require(
      record.hasBaseLayer && !record.hasEnhancementLayer, .dolbyVisionProfile, entry.place,
      "one layer with its metadata is expected; the record tells of "
        + (record.hasBaseLayer ? "a second one" : "no base layer"))
    let transfers: [UInt16]? =
      switch record.compatibility {
      case 1, 6: [16]
      case 2: [1, 6, 14, 15]
      case 4: [14, 15, 18]
      default: nil
      }
    if let transfers {
      log.require(
        transfers.contains(facts.colour.transfer), .dolbyVisionProfile, entry.place,
        "the base layer is of compatibility \(record.compatibility), and of transfer "
          + "\(facts.colour.transfer)")
    }
  }

  private static func checkBrands(
    _ record: DolbyVisionConfigurationRecord, _ facts: HeaderFacts, _ log: inout FindingLog
  ) {
    let base: FourCC? =
      switch record.compatibility {
      case 1, 6: "db1p"
      case 2: "db2g"
      case 4: facts.colour.transfer == 14 ? "db4g" : "db4h"
      default: nil
      }
    let expected = Set<FourCC>(["dby1"] + (base.map { [$0] } ?? []))
    let found = facts.brands.intersection(["dby1", "db1p", "db2g", "db4g", "db4h"])
    log.require(
      found == expected, .dolbyVisionBrand, "ftyp",
      "the brands of Dolby Vision are \(list(found)); \(list(expected)) are expected")
  }

  private static func list(_ brands: Set<FourCC>) -> String {
    brands.isEmpty ? "none" : brands.map { "'\($0)'" }.sorted().joined(separator: ", ")
  }

  // MARK: Spheres

  static func readLayout(
    _ found: VisualSampleEntry, _ entry: Box, _ facts: inout HeaderFacts, _ log: inout FindingLog
  ) {
    facts.layout =
      log.attempt(.sphericalBox, entry.place) {
        try SphericalVideo(stereoscopic: found.stereoscopic, spherical: found.spherical)
      } ?? nil
    guard found.spherical != nil else { return }
    log.require(
      facts.layout?.projection != nil, .sphericalBox, entry.place,
      "'sv3d' names no projection: 'equi', 'cbmp' or 'mshp' in 'proj' is expected")
  }
}
