import Dispatch
package import MediaCore
import Synchronization

/// One rung of a ladder: its name for messages, the number its samples get, and its encoding.
package struct LadderRung: Hashable, Sendable {
  package var name: String
  package var track: Int
  package var encoding: RungEncoding
  /// `false`: its pictures are made for smaller rungs, and not encoded.
  package var isEncoded = true

  package init(_ name: String, track: Int, _ encoding: RungEncoding) {
    self.name = name
    self.track = track
    self.encoding = encoding
  }
}

/// All rungs of a ladder from pictures that are decoded once: each rung is scaled from the nearest larger one, and encoded
/// on a thread of its own.
///
///     let encoder = try LadderEncoder(rungs, rate: rate, keyFrames: KeyFrames(every: 50)) { rung, output in … }
///     try encoder.push(picture, number: 0)
///     try encoder.finish()
///
/// The bytes do not depend on which thread comes first. Who pushes waits for the slowest rung, so that few pictures are
/// kept, whatever the length of the source.
package final class LadderEncoder: Sendable {
  private let queues: [PictureQueue]
  /// Queues of the rungs that are made from the source's pictures.
  private let roots: [PictureQueue]
  private let source: Mutex<FilterStage>
  /// Makes whole pictures of fields.
  private let deinterlacing: String
  private let isInterlaced = Mutex(false)
  private let failure = Mutex<(any Error)?>(nil)
  private let group = DispatchGroup()

  /// Opens all encoders.
  /// - Parameters:
  ///   - rate: of the grid that pictures are numbered on; a rung may have every second of them, or fewer.
  ///   - doublesFields: a picture of two fields has two places of the grid, and becomes a picture at each.
  ///   - note: takes what has to be said of pictures on the way, a sentence each.
  ///   - take: takes what comes out of a rung, in order, on the rung's thread; who lets it wait lets all wait.
  /// - Throws: `FFmpegError` if an encoder is not there, or does not take what it is asked for.
  package init(
    _ rungs: [LadderRung], rate: Rational, keyFrames: KeyFrames, doublesFields: Bool = false,
    note: @escaping @Sendable (String) -> Void = { _ in },
    take: @escaping @Sendable (_ rung: Int, RungOutput) -> Void
  ) throws {
    let parents = LadderTree.parents(rungs.map(\.encoding), rate: rate)
    let queues = rungs.map { _ in PictureQueue() }
    self.queues = queues
    roots = parents.indices.filter { parents[$0] == nil }.map { queues[$0] }
    source = Mutex(FilterStage(rate: rate))
    deinterlacing =
      doublesFields ? PictureFitting.fieldDeinterlacing : PictureFitting.deinterlacing
    var workers: [RungWorker] = []
    for (index, rung) in rungs.enumerated() {
      workers.append(
        try RungWorker(
          rung, rate: rate, keyFrames: keyFrames,
          children: parents.indices.filter { parents[$0] == index }.map { queues[$0] },
          note: note, take: { take(index, $0) }))
    }
    for (worker, queue) in zip(workers, queues) {
      DispatchQueue(label: "dougong.encode.\(worker.name)").async(group: group) { [self] in
        do {
          try worker.run(queue)
        } catch {
          failure.withLock { $0 = $0 ?? error }
          queue.close()
        }
        worker.endChildren()
      }
    }
  }

  /// Encodes a picture. Waits while rungs have pictures enough.
  /// - Parameters:
  ///   - number: of the picture on the grid; they rise.
  ///   - arrival: when it came in, nanoseconds since 1970.
  ///   - length: how many places of the grid it stands for: none that is pushed later lies on one of them.
  /// - Throws: what has stopped a rung.
  package func push(
    _ picture: Picture, number: Int64, arrival: Int64? = nil, length: Int64 = 1
  ) throws {
    if let failed = failure.withLock({ $0 }) { throw failed }
    let numbered = NumberedPicture(
      picture: picture, number: number, arrival: arrival, length: length)
    // Once there were fields, pictures without are looked at too: streams mix them.
    let filters = isInterlaced.withLock { known in
      known = known || picture.form.isInterlaced
      return known
    }
    guard filters else { return send([numbered]) }
    var form = picture.form
    form.isInterlaced = true
    send(
      try source.withLock { stage in
        try stage.take(numbered, form: form) { [deinterlacing] _ in deinterlacing }
      })
  }

  private func send(_ pictures: [NumberedPicture]) {
    for picture in pictures {
      for queue in roots { queue.add(picture) }
    }
  }

  /// Encodes all that is on its way, and waits for it.
  /// - Throws: what has stopped a rung.
  package func finish() throws {
    if failure.withLock({ $0 == nil }) {
      send(try source.withLock { stage in try stage.finish() })
    }
    for queue in roots { queue.end() }
    group.wait()
    if let failed = failure.withLock({ $0 }) { throw failed }
  }

  /// Lets go of all that is on its way.
  package func cancel() {
    for queue in queues { queue.close() }
    for queue in roots { queue.end() }
    group.wait()
  }
}
