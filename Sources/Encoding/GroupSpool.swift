import FileIO
import NIOCore

/// The samples of a part in the making, group by group, as long as groups may still be put in the place of others.
struct GroupSpool {
  struct Sample {
    /// Ticks of the plan's grid from the first picture of the title.
    var time: Int64
    var byteCount: Int
    var isKey: Bool
  }

  struct Group {
    var samples: [Sample] = []
    /// Where its payloads lie, one behind the other.
    var offset: Int64

    var byteCount: Int { samples.reduce(0) { $0 + $1.byteCount } }
  }

  private(set) var groups: [Group] = []
  private let file: SpooledFile
  private var end: Int64 = 0

  init(folder: String) throws { file = try SpooledFile(folder: folder) }

  /// Appends a sample; key frames begin groups.
  mutating func append(_ payload: ByteBuffer, time: Int64, isKey: Bool) throws {
    if isKey || groups.isEmpty { groups.append(Group(offset: end)) }
    try add(payload, time: time, isKey: isKey, to: groups.count - 1)
  }

  /// Puts other samples in the place of a group's.
  mutating func replace(
    _ index: Int, by samples: [(payload: ByteBuffer, time: Int64, isKey: Bool)]
  ) throws {
    groups[index] = Group(offset: end)
    for sample in samples {
      try add(sample.payload, time: sample.time, isKey: sample.isKey, to: index)
    }
  }

  private mutating func add(
    _ payload: ByteBuffer, time: Int64, isKey: Bool, to index: Int
  ) throws {
    try file.write(payload, at: end)
    end += Int64(payload.readableBytes)
    groups[index].samples.append(
      Sample(time: time, byteCount: payload.readableBytes, isKey: isKey))
  }

  /// Gives out all samples in order.
  func forEach(_ body: (ByteBuffer, Sample) throws -> Void) throws {
    var payload = ByteBuffer()
    for group in groups {
      var offset = group.offset
      for sample in group.samples {
        try file.read(at: offset, count: sample.byteCount, into: &payload)
        try body(payload, sample)
        offset += Int64(sample.byteCount)
      }
    }
  }
}
