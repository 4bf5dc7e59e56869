package import FileIO
import MP4
package import MediaCore
package import NIOCore
import Packaging

/// A track of a file that is packaged when it is asked for.
package struct FileTrack: Sendable {
  /// What a run of bytes is made of.
  package enum Part: Hashable, Sendable {
    case bytes(ByteBuffer)
    /// Bytes of the file.
    case file(ByteRange)
  }

  /// The file.
  package let path: String
  package let stamp: FileStamp
  private let recipe: TrackRecipe
  private let places: SamplePlaces

  init(_ recipe: TrackRecipe, _ places: SamplePlaces, path: String, stamp: FileStamp) {
    self.recipe = recipe
    self.places = places
    self.path = path
    self.stamp = stamp
  }

  var memoryByteCount: Int {
    recipe.memoryByteCount + places.byteCount
      + recipe.segmentCount * OnTheFlyLimits.indexedSegmentByteCount
  }

  /// Bytes of the track.
  package var byteCount: Int64 { recipe.byteCount }

  /// The head, or the segment, that holds a byte of the track.
  ///
  /// - Parameter offset: less than `byteCount`.
  /// - Returns: which bytes of the track it is, and what it is made of.
  package func unit(at offset: Int64) -> (range: ByteRange, parts: [Part]) {
    guard offset >= recipe.headByteCount else {
      return (ByteRange(offset: 0, count: Int64(recipe.headByteCount)), [.bytes(recipe.head)])
    }
    var (low, high) = (0, recipe.segmentCount - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if recipe.range(ofSegment: middle).offset <= offset {
        low = middle
      } else {
        high = middle - 1
      }
    }
    let parts = recipe.parts(ofSegment: low).flatMap { part -> [Part] in
      switch part {
      case .bytes(let bytes): [.bytes(bytes)]
      case .samples(let samples): places.ranges(of: samples).map { .file($0) }
      }
    }
    return (recipe.range(ofSegment: low), parts)
  }
}
