package import MediaCore

/// Which rung's pictures are made from which.
package enum LadderTree {
  /// Each rung's parent: the smallest that is as large in both sides and has all its pictures, its depth and its range; of
  /// equals the one before. `nil`: the source itself.
  /// - Parameters:
  ///   - rate: of the source's pictures.
  package static func parents(_ encodings: [RungEncoding], rate: Rational) -> [Int?] {
    encodings.indices.map { index in
      let own = encodings[index]
      let larger = encodings.indices.filter { other in
        let parent = encodings[other]
        guard other != index, parent.width >= own.width, parent.height >= own.height,
          parent.range == own.range, parent.colour == own.colour, parent.bitDepth >= own.bitDepth,
          step(own, rate) % step(parent, rate) == 0
        else { return false }
        let isEqual =
          parent.width == own.width && parent.height == own.height
          && parent.bitDepth == own.bitDepth && step(own, rate) == step(parent, rate)
        return !isEqual || other < index
      }
      return larger.min { pixels(encodings[$0], $0) < pixels(encodings[$1], $1) }
    }
  }

  /// Of each rung whether its pictures are needed: for itself, or for one that is made from them.
  package static func needed(_ parents: [Int?], for wanted: [Bool]) -> [Bool] {
    var needed = wanted
    for index in wanted.indices where wanted[index] {
      var next = parents[index]
      while let parent = next, !needed[parent] {
        needed[parent] = true
        next = parents[parent]
      }
    }
    return needed
  }

  /// Of the source's pictures a rung has every so many.
  package static func step(_ encoding: RungEncoding, _ rate: Rational) -> Int64 {
    max(1, Int64((rate.value / encoding.frameRate.value).rounded()))
  }

  private static func pixels(_ encoding: RungEncoding, _ index: Int) -> (Int, Int) {
    (encoding.width * encoding.height, -index)
  }
}
