import Compression
import NIOCore
import Testing

@testable import Origin

@Suite struct AcceptedCodingsTests {
  private typealias Choice = AcceptedCodings.Choice

  /// `br` is here, and the smaller one.
  @Test(
    arguments: [
      (nil, .identity), ("", .identity), ("gzip", .coded(.gzip)), ("br", .coded(.brotli)),
      ("gzip, br", .coded(.brotli)), ("gzip, deflate, br, zstd", .coded(.brotli)),
      ("GZIP", .coded(.gzip)), ("x-gzip", .coded(.gzip)), ("deflate", .identity),
      ("*", .coded(.brotli)), ("br;q=0, *", .coded(.gzip)), ("gzip;q=0.5, br;q=0.4", .coded(.gzip)),
      ("gzip;q=0.001", .coded(.gzip)), ("gzip;q=0", .identity), ("gzip ; q=0.5", .coded(.gzip)),
      ("gzip;q=0.5, identity", .identity), ("gzip, identity", .coded(.gzip)),
      ("identity;q=0.5, gzip;q=0.5", .coded(.gzip)), ("identity;q=0", .none),
      ("identity;q=0, gzip", .coded(.gzip)), ("*;q=0", .none), ("*;q=0, br", .coded(.brotli)),
      ("*;q=0, identity", .identity), ("gzip;q=0, br;q=0, identity;q=0", .none),
      // What is no weight: as if it were not named.
      ("gzip;q=2", .identity), ("gzip;q=x", .identity), ("gzip;q=0.1234", .identity),
      ("gzip;q=", .identity), ("gzip;level=9", .identity), ("*;q=-1", .identity),
      ("gzip;q=1.000", .coded(.gzip)), ("gzip;q=1.001", .identity), ("gzip;q=1.", .coded(.gzip)),
      (",, gzip ,", .coded(.gzip)), ("gzipx", .identity),
    ] as [(String?, AcceptedCodings.Choice)])
  func `the heaviest coding is chosen`(field: String?, choice: AcceptedCodings.Choice) {
    #expect(AcceptedCodings(field).best(of: [.brotli, .gzip]) == choice)
  }

  @Test func `short texts and bytes that do not shrink have no codings`() {
    #expect(ServedDocument(text: String(repeating: "a", count: 199)).coded.isEmpty)
    let document = ServedDocument(text: String(repeating: "a", count: 200))
    #expect(document.coded.count == 2)
    let sizes = document.coded.map(\.bytes.readableBytes)
    #expect(sizes == sizes.sorted() && sizes.allSatisfy { $0 < 152 })
    #expect(Set(document.coded.map(\.entityTag) + [document.entityTag]).count == 3)
    var generator = SeededBytes(state: 5)
    let noise = ByteBuffer(bytes: (0..<4096).map { _ in generator.next() })
    #expect(ServedDocument(bytes: noise).coded.isEmpty)
  }

  private struct SeededBytes {
    var state: UInt64
    mutating func next() -> UInt8 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 56)
    }
  }
}
