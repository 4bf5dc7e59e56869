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

/// All rungs of a ladder from pictures that are decoded once: each rung is scaled from the nearest larger one on a thread of
/// its own, and encoded on another.
///
///     let encoder = try LadderEncoder(rungs, rate: rate, keyFrames: KeyFrames(every: 50)) { rung, output in … }
///     try encoder.push(picture, number: 0)
///     try encoder.finish()
///
/// The bytes do not depend on which thread comes first. Who pushes waits for the slowest rung, so that few pictures are
/// kept, whatever the length of the source.
package final class LadderEncoder: Sendable {
  private struct Source: ~Copyable {
    /// Makes whole pictures of fields.
    var stage: FilterStage
    var restarts: Restarts
    var isInterlaced = false
  }

  /// Those of encoders, then those of scalers: an encoder that is fed by a closed scaler, and is not closed itself, would
  /// take that for the end.
  private let queues: [PictureQueue]
  /// Queues of the rungs that are made from the source's pictures.
  private let roots: [PictureQueue]
  private let source: Mutex<Source>
  private let deinterlacing: String
  private let failure = Mutex<(any Error)?>(nil)
  private let group = DispatchGroup()

  /// Opens all encoders.
  /// - Parameters:
  ///   - rate: of the grid that pictures are numbered on; a rung may have every second of them, or fewer.
  ///   - restarts: pictures, rising, at which all begins anew: what follows is as if nothing had been before.
  ///   - doublesFields: a picture of two fields has two places of the grid, and becomes a picture at each.
  ///   - note: takes what has to be said of pictures on the way, a sentence each.
  ///   - ended: called at each restart and at the end, when a rung's encoder has given out all and is let go of, on
  ///     the rung's thread.
  ///   - take: takes what comes out of a rung, in order, on the rung's thread; who lets it wait lets all wait.
  /// - Throws: `FFmpegError` if an encoder is not there, or does not take what it is asked for.
  package init(
    _ rungs: [LadderRung], rate: Rational, keyFrames: KeyFrames, restarts: [Int64] = [],
    doublesFields: Bool = false,
    note: @escaping @Sendable (String) -> Void = { _ in },
    ended: @escaping @Sendable (_ rung: Int) -> Void = { _ in },
    take: @escaping @Sendable (_ rung: Int, RungOutput) -> Void
  ) throws {
    let parents = LadderTree.parents(rungs.map(\.encoding), rate: rate)
    let restarts = Restarts(restarts)
    let scaled = rungs.map { _ in PictureQueue() }
    let encoded = rungs.map { $0.isEncoded ? PictureQueue() : nil }
    queues = encoded.compactMap { $0 } + scaled
    let isNeeded = LadderTree.needed(parents, for: rungs.map(\.isEncoded))
    roots = parents.indices.filter { parents[$0] == nil && isNeeded[$0] }.map { scaled[$0] }
    source = Mutex(Source(stage: FilterStage(rate: rate), restarts: restarts))
    deinterlacing =
      doublesFields ? PictureFitting.fieldDeinterlacing : PictureFitting.deinterlacing
    let workers = try rungs.enumerated().map { index, rung in
      guard rung.isEncoded else { return nil as RungWorker? }
      return try RungWorker(
        rung, rate: rate, keyFrames: keyFrames, restarts: restarts, take: { take(index, $0) },
        ended: { ended(index) })
    }
    for (index, rung) in rungs.enumerated() where isNeeded[index] {
      let children = parents.indices.filter { parents[$0] == index && isNeeded[$0] }.map {
        scaled[$0]
      }
      let scaler = RungScaler(
        rung, rate: rate, restarts: restarts,
        receivers: children + [encoded[index]].compactMap { $0 }, note: note)
      start("scale.\(rung.name)", scaled[index], scaler.run) { scaler.end() }
      if let worker = workers[index], let queue = encoded[index] {
        start("encode.\(rung.name)", queue, worker.run)
      }
    }
  }

  /// Works off a queue on a thread of its own.
  private func start(
    _ name: String, _ queue: PictureQueue,
    _ run: @escaping @Sendable (PictureQueue) throws -> Void,
    end: @escaping @Sendable () -> Void = {}
  ) {
    DispatchQueue(label: "dougong.\(name)").async(group: group) { [self] in
      do {
        try run(queue)
      } catch {
        failure.withLock { $0 = $0 ?? error }
        close()
      }
      end()
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
    send(
      try source.withLock { [deinterlacing] source in
        var done: [NumberedPicture] = []
        if source.restarts.count(reachedBy: number) > 0 {
          done = try source.stage.finish()
          source.isInterlaced = false
        }
        // Once there were fields, pictures without are looked at too: streams mix them.
        source.isInterlaced = source.isInterlaced || picture.form.isInterlaced
        guard source.isInterlaced else { return done + [numbered] }
        var form = picture.form
        form.isInterlaced = true
        return try done + source.stage.take(numbered, form: form) { _ in deinterlacing }
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
      send(try source.withLock { try $0.stage.finish() })
    }
    for queue in roots { queue.end() }
    group.wait()
    if let failed = failure.withLock({ $0 }) { throw failed }
  }

  private func close() { for queue in queues { queue.close() } }

  /// Lets go of all that is on its way.
  package func cancel() {
    close()
    for queue in roots { queue.end() }
    group.wait()
  }
}
