/// What a ladder may hold, whoever wrote it.
package enum LadderLimits {
  /// Bytes of a ladder file.
  package static let fileByteCount = 64 << 10
  /// Characters of a line of a ladder file.
  package static let lineLength = 4096
  package static let rungCount = 24
  package static let soundCount = 8
  /// Characters of a ladder's name.
  package static let nameLength = 64
  /// Samples of a side of a rung's box: 8K, and the least that all three encoders take.
  package static let sideLength = 64...8192
  /// Kilobits in a second of pictures.
  package static let pictureKilobits = 20...400_000
  /// Kilobits in a second of sound.
  package static let soundKilobits = 16...1536
  /// Pictures in a second.
  package static let frameRate = 1...240
  /// Seconds from one key frame to the next.
  package static let segment = 0.5...30.0
  /// Key frame distances in a chunk.
  package static let groupsPerChunk = 1...600
}
