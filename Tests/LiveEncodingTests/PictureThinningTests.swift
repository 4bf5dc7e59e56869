import LiveEncoding
import Testing

/// Groups of 50 pictures with parts of 10: `take` by number, with how late it is.
struct PictureThinningTests {
  private var thinning = PictureThinning(keyDistance: 50, partLength: 10, step: 1, calm: 100)

  /// Shown pictures of some numbers, and what they stand for.
  private mutating func shown(
    _ numbers: Range<Int64>, every span: Int64 = 1, late: Double
  ) -> [[Int64]] {
    var shown: [[Int64]] = []
    for number in numbers where number % span == 0 {
      if case .shown(let length) = thinning.take(number, late: late) {
        shown.append([number, length])
      }
    }
    return shown
  }

  @Test mutating func `all pictures are encoded while there is time`() {
    #expect(shown(100..<150, late: 0.6) == (100..<150).map { [$0, 1] })
    #expect(thinning.pace == .all && !thinning.isBehind && thinning.leftCount == 0)
  }

  @Test mutating func `the later it is the fewer are encoded, from the next part on`() {
    #expect(shown(100..<103, late: 0).count == 3)
    #expect(shown(103..<110, late: 1.1).count == 7)
    #expect(shown(110..<120, late: 0.7) == [[110, 2], [112, 2], [114, 2], [116, 2], [118, 2]])
    #expect(shown(120..<130, late: 0.9) == [[120, 5], [125, 5]])
    #expect(shown(130..<150, late: 1.1) == [[130, 10], [140, 10]])
    #expect(thinning.pace == .every(10) && thinning.isBehind && thinning.leftCount == 5 + 8 + 18)
  }

  @Test mutating func `a little less late is no reason for more`() {
    #expect(shown(100..<110, late: 1.1).count == 1)
    #expect(shown(110..<120, late: 0.9).count == 1)
    #expect(shown(120..<130, late: 0.8).count == 2)
    #expect(shown(130..<140, late: 0.6).count == 5)
    #expect(shown(140..<150, late: 0.5).count == 10)
  }

  @Test mutating func `it has caught up once nothing was left out for a while`() {
    #expect(shown(100..<110, late: 1.1).count == 1)
    #expect(shown(110..<210, late: 0).count == 100 && thinning.isBehind)
    #expect(shown(210..<211, late: 0).count == 1 && !thinning.isBehind)
    #expect(thinning.leftCount == 9)
  }

  @Test mutating func `the last part of a segment may be shorter, and none goes beyond it`() {
    thinning = PictureThinning(keyDistance: 48, partLength: 10, step: 1, calm: 100)
    #expect(
      shown(48..<100, late: 2) == [[48, 10], [58, 10], [68, 10], [78, 10], [88, 8], [96, 10]])
  }

  @Test
  mutating func
    `a segment that would come far too late is left out, and the next begins with its key frame`()
  {
    #expect(shown(100..<130, late: 3.1).isEmpty)
    #expect(thinning.pace == .none)
    #expect(shown(130..<150, late: 0).isEmpty)
    #expect(shown(150..<160, late: 1.1) == [[150, 10]])
    #expect(shown(160..<170, late: 0.1).count == 10)
    #expect(shown(170..<200, late: 3.1).isEmpty)
    #expect(shown(200..<202, late: 0.1).count == 2)
  }

  @Test mutating func `rungs with every second picture have all that are encoded, or none`() {
    thinning = PictureThinning(keyDistance: 48, partLength: 12, step: 2, calm: 100)
    #expect(shown(96..<108, late: 0.65).map { $0[1] } == [2, 2, 2, 2, 2, 2])
    #expect(shown(108..<120, late: 0.8) == [[108, 4], [112, 4], [116, 4]])
    #expect(shown(120..<132, late: 0.9) == [[120, 6], [126, 6]])
  }

  @Test mutating func `a picture of two fields has two places`() {
    thinning = PictureThinning(keyDistance: 50, partLength: 10, step: 2, span: 2, calm: 100)
    #expect(shown(100..<106, every: 2, late: 0) == [[100, 2], [102, 2], [104, 2]])
    #expect(shown(110..<130, every: 2, late: 1.5) == [[110, 10], [120, 10]])
  }
}
