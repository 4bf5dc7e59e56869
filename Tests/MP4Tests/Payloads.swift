import MediaCore
import NIOCore
import Testing

/// The payload of every sample of some tracks, put together from a reader's batches.
func payloads(of source: any MediaSource, _ numbers: Set<Int>) throws -> [Int: [ByteBuffer]] {
  let reader = try source.makeReader(of: numbers)
  let tracks = Dictionary(uniqueKeysWithValues: source.tracks.map { ($0.number, $0) })
  var found: [Int: [ByteBuffer]] = [:]
  while let batch = try reader.next() {
    #expect(!batch.runs.isEmpty)
    for run in batch.runs {
      let sizes = try #require(tracks[run.track]).samples.sizes
      // Each track's samples come in decode order, none left out.
      try #require(found[run.track, default: []].count == run.first)
      var at = batch.bytes.readerIndex + run.offset
      for index in run.first..<run.first + run.count {
        let size = Int(sizes[index])
        let bytes = try #require(batch.bytes.getSlice(at: at, length: size))
        found[run.track, default: []].append(ByteBuffer(bytes: bytes.readableBytesView))
        at += size
      }
    }
  }
  return found
}
