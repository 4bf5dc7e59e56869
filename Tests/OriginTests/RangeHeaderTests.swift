import MediaCore
import Testing

@testable import Origin

@Suite struct RangeHeaderTests {
  @Test(
    arguments: [
      ("bytes=0-0", 0, 1), ("bytes=0-99", 0, 100), ("bytes=0-1000", 0, 100), ("bytes=99-99", 99, 1),
      ("bytes=10-19", 10, 10), ("bytes=10-", 10, 90), ("bytes=0-", 0, 100), ("bytes=-1", 99, 1),
      ("bytes=-100", 0, 100), ("bytes=-500", 0, 100), ("BYTES=1-2", 1, 2),
      ("bytes=0-9007199254740991", 0, 100), ("bytes=5-99999999999999999999999", 5, 95),
      ("bytes=-99999999999999999999999", 0, 100), ("bytes= 1-2 ", 1, 2),
    ] as [(String, Int64, Int64)])
  func `one range is answered with its bytes`(field: String, offset: Int64, count: Int64) {
    #expect(
      RangeSelection(field: field, byteCount: 100)
        == .partial(ByteRange(offset: offset, count: count)))
  }

  @Test(arguments: [
    "bytes=100-", "bytes=100-100", "bytes=1000-2000", "bytes=-0",
    "bytes=99999999999999999999999-", "bytes=9223372036854775807-9223372036854775807",
  ])
  func `a range without a byte is unsatisfiable`(field: String) {
    #expect(RangeSelection(field: field, byteCount: 100) == .unsatisfiable)
  }

  @Test(arguments: [
    "", "bytes", "bytes=", "bytes=-", "bytes=5-4", "bytes=a-b", "bytes=1-2,5-6", "bytes=1-2,",
    "bytes=--1", "bytes=1--2", "bytes=+1-2", "bytes=0x1-2", "items=0-1", "seconds=1-2", "bytes 1-2",
    "bytes=1 - 2", "bytes=1-2-3", "bytes=\u{661}-\u{662}", "bytes=-1-",
  ])
  func `a field that is not understood is passed over`(field: String) {
    #expect(RangeSelection(field: field, byteCount: 100) == .whole)
  }

  @Test(arguments: ["bytes=0-", "bytes=0-0", "bytes=-1"])
  func `nothing has no range`(field: String) {
    #expect(RangeSelection(field: field, byteCount: 0) == .unsatisfiable)
  }
}
