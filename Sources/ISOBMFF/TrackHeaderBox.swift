package import NIOCore

/// The display matrix of `tkhd` and `mvhd`: 16.16 and 2.30 fixed point, row by row (§6.2.2).
package struct TransformationMatrix: Hashable, Sendable {
  /// a b u, c d v, x y w.
  package var elements: [Int32]

  package static let unity = TransformationMatrix(
    elements: [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000])

  /// - Precondition: nine elements.
  package init(elements: [Int32]) {
    precondition(elements.count == 9, "a matrix of \(elements.count) elements")
    self.elements = elements
  }

  init(_ fields: inout BoxFields) throws(ISOBMFFError) {
    var elements: [Int32] = []
    for _ in 0..<9 { elements.append(try fields.read()) }
    self.elements = elements
  }

  func write(into bytes: inout ByteBuffer) {
    for element in elements { bytes.writeInteger(element) }
  }
}

/// `tkhd`: a track's identity and how it is presented (ISO/IEC 14496-12 §8.3.2).
package struct TrackHeaderBox: Hashable, Sendable {
  package var trackID: UInt32
  package var isEnabled: Bool
  /// In the movie's timescale; 0 in a CMAF header.
  package var duration: UInt64
  package var isAudio: Bool
  package var matrix: TransformationMatrix
  /// Presented size before the matrix, 16.16 fixed point; 0 in tracks other than video.
  package var width: UInt32
  package var height: UInt32

  package static let type: FourCC = "tkhd"

  package init(
    trackID: UInt32, isEnabled: Bool = true, duration: UInt64 = 0, isAudio: Bool,
    matrix: TransformationMatrix = .unity, width: UInt32, height: UInt32
  ) {
    self.trackID = trackID
    self.isEnabled = isEnabled
    self.duration = duration
    self.isAudio = isAudio
    self.matrix = matrix
    self.width = width
    self.height = height
  }

  package init(_ box: Box) throws(ISOBMFFError) {
    var fields = box.fields
    let (version, flags) = try fields.versionAndFlags()
    isEnabled = flags & 1 != 0
    try fields.skip(version == 0 ? 8 : 16)
    trackID = try fields.read()
    try fields.skip(4)
    duration = try fields.wide(version)
    try fields.skip(8 + 2 + 2)
    isAudio = try fields.read(UInt16.self) != 0
    try fields.skip(2)
    matrix = try TransformationMatrix(&fields)
    width = try fields.read()
    height = try fields.read()
  }

  package func write(into bytes: inout ByteBuffer) {
    // Flags: enabled, in movie, in preview.
    bytes.writeFullBox(Self.type, flags: isEnabled ? 7 : 6) {
      $0.writeInteger(UInt64(0))  // creation and modification time: none
      $0.writeInteger(trackID)
      $0.writeInteger(UInt32(0))
      $0.writeInteger(UInt32(clamping: duration))
      $0.writeInteger(UInt64(0))
      $0.writeInteger(UInt16(0))  // layer
      $0.writeInteger(UInt16(0))  // alternate group
      $0.writeInteger(UInt16(isAudio ? 0x0100 : 0))  // volume
      $0.writeInteger(UInt16(0))
      matrix.write(into: &$0)
      $0.writeInteger(width)
      $0.writeInteger(height)
    }
  }
}
