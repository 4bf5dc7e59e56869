import ISOBMFF
import MediaCore
import NIOCore
import Testing

extension ByteBuffer {
  init(writing body: (inout ByteBuffer) -> Void) {
    self.init()
    body(&self)
  }

  var array: [UInt8] { Array(readableBytesView) }
}

/// The only box in `bytes`.
func onlyBox(_ bytes: ByteBuffer) throws -> Box {
  let boxes = try Box.sequence(in: bytes)
  try #require(boxes.count == 1)
  return boxes[0]
}

/// A box around `payload`.
func box(_ type: FourCC, _ payload: [UInt8]) -> Box {
  Box(
    type: type, path: "\(type)", offset: 0, headerByteCount: 8, payload: ByteBuffer(bytes: payload))
}

/// Parses every cut of a box's payload: a cut throws, nothing traps.
/// - Parameter isWhole: payload bytes that are enough.
func refusesCuts(
  _ bytes: ByteBuffer, from isWhole: Int? = nil, sourceLocation: SourceLocation = #_sourceLocation,
  _ parse: (Box) throws -> Void
) throws {
  let whole = try onlyBox(bytes)
  let payload = whole.payload.array
  try parse(whole)
  for count in 0..<(isWhole ?? payload.count) {
    #expect(throws: ISOBMFFError.self, "cut to \(count)", sourceLocation: sourceLocation) {
      try parse(box(whole.type, Array(payload.prefix(count))))
    }
  }
}
