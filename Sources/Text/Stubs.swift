enum ASSScript {
  static func read(_ bytes: [UInt8]) throws(TextError) -> CueList {
    throw TextError(.unsupported, "not yet")
  }
}
enum TTMLReader {
  static func read(_ bytes: [UInt8]) throws(TextError) -> CueList {
    throw TextError(.unsupported, "not yet")
  }
}
enum SCCReader {
  static func read(_ bytes: [UInt8]) throws(TextError) -> CueList {
    throw TextError(.unsupported, "not yet")
  }
}
