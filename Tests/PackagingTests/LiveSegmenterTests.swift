import CMAF
import Codecs
import ISOBMFF
import Library
import MediaCore
import NIOCore
import Packaging
import Testing

struct LiveSegmenterTests {
  /// 2026-01-01T00:00:00Z.
  private static let newYear: Int64 = 1_767_225_600

  private func options(_ epoch: Int64 = newYear * 1_000_000_000) -> LiveOptions {
    var options = LiveOptions()
    options.epoch = epoch
    return options
  }

  struct Cadence: CustomTestStringConvertible {
    var rate: Rational
    var group: Int
    /// Seconds of a segment.
    var length: Rational
    /// Pictures in a part.
    var part: Int
    var testDescription: String { "\(rate) a second, groups of \(group)" }
  }

  @Test(arguments: [
    Cadence(rate: .init(literal: 25, 1), group: 50, length: .init(literal: 2, 1), part: 5),
    Cadence(rate: .init(literal: 25, 1), group: 25, length: .init(literal: 2, 1), part: 5),
    Cadence(rate: .init(literal: 25, 1), group: 48, length: .init(literal: 48, 25), part: 5),
    Cadence(rate: .init(literal: 25, 1), group: 125, length: .init(literal: 5, 1), part: 5),
    Cadence(
      rate: .init(literal: 30000, 1001), group: 60, length: .init(literal: 1001, 500), part: 6),
    Cadence(rate: .init(literal: 60, 1), group: 60, length: .init(literal: 2, 1), part: 12),
    Cadence(
      rate: .init(literal: 24000, 1001), group: 48, length: .init(literal: 1001, 500), part: 5),
  ])
  func `H4 H11: regular groups of pictures give segments of one length, and parts of their target`(
    cadence: Cadence
  ) throws {
    var stream = LiveStream(rate: cadence.rate, group: cadence.group)
    stream.start = 126_000
    let run = try LiveRun(stream.tracks + stream.events(30), options: options())
    run.check()
    let cells = run.segmenter.cells.duration
    #expect(
      cells.value * cadence.length.denominator
        == cadence.length.numerator * Int64(cells.timescale.ticksPerSecond))
    let pictures = run.chunks[0]
    let frame = run.segmenter.tracks[0].partTarget.value / Int64(cadence.part)
    for chunk in pictures.dropLast() {
      #expect(chunk.endsSegment || chunk.duration == frame * Int64(cadence.part))
      if chunk.part == 0 { #expect(chunk.isIndependent) }
    }
    let starts = pictures.filter { $0.part == 0 }
    for (one, two) in zip(starts, starts.dropFirst()) {
      #expect(two.time - one.time == cells.value)
      #expect((two.time - two.segment * cells.value).magnitude <= cells.value / 2)
    }
    // Sound begins with the frame that is nearest to the picture's cut.
    for start in run.chunks[1].filter({ $0.part == 0 }) {
      guard let cut = starts.first(where: { $0.segment == start.segment }) else { continue }
      let wanted = rescale(cut.time, from: cells.timescale, to: Timescale(literal: 48000))
      #expect((start.time - wanted).magnitude <= 512)
    }
  }

  @Test func `a part leaves with its last picture, and says whether it ends its segment`() throws {
    let stream = LiveStream(hasSound: false)
    var run = try LiveRun(stream.tracks + stream.events(4), options: options())
    let before = run.chunks[0].count
    #expect(before == 20)
    #expect(run.chunks[0].last?.endsSegment == true)
    for (index, event) in stream.events(6, from: 4).enumerated() {
      try run.feed([event])
      #expect(run.chunks[0].count == before + (index + 1) / 5)
    }
  }

  @Test func `two packagers of one input give the same bytes, also if one joins later`() throws {
    let stream = LiveStream(group: 25, reordering: 2)
    let first = try LiveRun(stream.tracks + stream.events(40), options: options())
    var later = options((Self.newYear + 11) * 1_000_000_000)
    later.joins = true
    let second = try LiveRun(stream.tracks + stream.events(40, from: 11), options: later)
    for (one, two) in zip(first.chunks, second.chunks) {
      let start = try #require(two.first)
      #expect(start.part == 0)
      let common = one.drop { $0.segment < start.segment }
      #expect(common.count == two.count && two.count > 100)
      #expect(zip(common, two).allSatisfy { $0.bytes == $1.bytes })
      #expect(zip(common, two).allSatisfy { $0.segment == $1.segment && $0.part == $1.part })
    }
  }

  @Test func `irregular key frames are cut in their cells, and none is waited for longer`() throws {
    var stream = LiveStream()
    let keys: Set<Int> = [0, 33, 53, 122, 125, 180, 190, 300, 460, 500]
    stream.isKey = { keys.contains($0) }
    let run = try LiveRun(stream.tracks + stream.events(24), options: options())
    run.check()
    #expect(run.segmenter.cells.duration.seconds == 2)
    let length = run.segmenter.cells.duration.rescaled(
      to: run.segmenter.tracks[0].partTarget.timescale
    ).value
    for start in run.chunks[0] where start.part == 0 {
      #expect(start.time / length == start.segment)
    }
    // Each begins with its cell's first key frame, if that comes soon.
    let independent = run.chunks[0].filter { $0.part == 0 && $0.isIndependent }
    #expect(independent.count == 5)
  }

  @Test func `jittering times of a container lie on the grid of pictures`() throws {
    var stream = LiveStream(rate: .init(literal: 30000, 1001), group: 60)
    stream.ticks = 1000
    let run = try LiveRun(stream.tracks + stream.events(60), options: options())
    run.check()
    #expect(Set(run.chunks[0].dropLast().map(\.duration)).count == 1)
  }

  @Test func `declared bit rates of sound do not depend on how far it was ahead of the pictures`()
    throws
  {
    /// Sound of rising sizes, which comes in so many seconds before the pictures that it belongs to.
    func run(ahead: Double) throws -> LiveRun {
      let stream = LiveStream()
      var events: [(Double, LiveEvent)] = []
      for event in stream.events(8) {
        guard case .sample(var sample) = event else { continue }
        var time = Double(sample.decodeTime) / Double(stream.ticks)
        if sample.track == 1 {
          sample.payload = ByteBuffer(repeating: 1, count: 100 + Int(sample.decodeTime / 10_000))
          time -= ahead
        }
        events.append((time, .sample(sample)))
      }
      events.sort { $0.0 < $1.0 }
      return try LiveRun(stream.tracks + events.map(\.1), options: options())
    }
    let sound = try [0, 0.1, 0.7, 1.5].map { ahead in
      try #require(try run(ahead: ahead).segmenter.tracks.last)
    }
    #expect(Set(sound.map(\.peakBitrate)).count == 1)
    #expect(Set(sound.map(\.averageBitrate)).count == 1)
    #expect(sound[0].averageBitrate > 0)
  }

  @Test func `lost pictures and lost sound leave no hole`() throws {
    var stream = LiveStream()
    stream.missing = { isSound, index in
      isSound ? (400..<420).contains(index) : (203..<208).contains(index) || index == 231
    }
    let run = try LiveRun(stream.tracks + stream.events(20), options: options())
    run.check()
    #expect(!run.chunks.joined().contains { $0.isGap })
    // Silence stands in for sound: as many frames as if all had come.
    let whole = LiveStream()
    let expected = try LiveRun(whole.tracks + whole.events(20), options: options())
    #expect(run.chunks[1].map(\.duration) == expected.chunks[1].map(\.duration))
    let end = { (run: LiveRun) in run.chunks[0].last.map { $0.time + $0.duration } }
    #expect(end(run) == end(expected))
  }

  @Test func `a long pause of the picture is left out until a key frame`() throws {
    var stream = LiveStream()
    stream.missing = { isSound, index in !isSound && (210..<330).contains(index) }
    let run = try LiveRun(stream.tracks + stream.events(24), options: options())
    run.check()
    #expect(run.chunks[0].contains { $0.isGap })
    #expect(!run.chunks[1].contains { $0.isGap })
    let resumed = run.chunks[0].drop { !$0.isGap }.first { !$0.isGap }
    #expect(resumed?.isIndependent == true && resumed?.part == 0)
    #expect(Set(run.chunks[0].filter(\.isGap).map(\.segment)).count == 3)
  }

  @Test func `sound that is lost is silent, and comes back in its place`() throws {
    var stream = LiveStream()
    stream.missing = { isSound, index in isSound && (300..<700).contains(index) }
    let run = try LiveRun(stream.tracks + stream.events(24), options: options())
    run.check()
    #expect(!run.chunks.joined().contains { $0.isGap })
  }

  @Test func `a counter that turns over and times that jump go on as if nothing was`() throws {
    let plain = LiveStream()
    let expected = try LiveRun(plain.tracks + plain.events(20), options: options())
    var turning = LiveStream()
    turning.start = (1 << 33) - 10 * 90_000
    let turned = (turning.tracks + turning.events(20)).map { event in
      guard case .sample(var sample) = event else { return event }
      sample.decodeTime %= 1 << 33
      sample.presentationTime %= 1 << 33
      return .sample(sample)
    }
    let jumping = (plain.tracks + plain.events(20)).map { event in
      guard case .sample(var sample) = event, sample.decodeTime > 12 * 90_000 else { return event }
      sample.decodeTime -= 7 * 90_000
      sample.presentationTime -= 7 * 90_000
      return .sample(sample)
    }
    for events in [turned, jumping] {
      let run = try LiveRun(events, options: options())
      run.check()
      let difference = zip(run.chunks[0], expected.chunks[0]).first { $0.time != $1.time }
      #expect(difference.map { [$0.time, $1.time] } == nil)
      #expect(run.chunks[0].count == expected.chunks[0].count)
      #expect(!run.chunks.joined().contains { $0.isGap || $0.startsDiscontinuity })
    }
  }

  private static let clock = Timescale(literal: 90_000)

  /// A message about the moment six seconds behind it.
  private func splice(_ id: UInt32, at ticks: Int64) -> LiveEvent {
    let turn: Int64 = 1 << 33
    let section = SpliceInfoSection(
      command: .insert(SpliceInsert(eventID: id, ptsTime: UInt64((ticks + 540_000) % turn))))
    return .splice(Splice(time: MediaTime(ticks % turn, Self.clock), section: section.bytes))
  }

  /// When messages came and what they are about, seconds since the epoch.
  private func times(_ splices: [Splice], _ options: LiveOptions) -> [[Double]] {
    splices.map { splice in
      let section = try? SpliceInfoSection(parsing: splice.section)
      let time = section?.time(arrival: splice.time.value, offset: splice.timeOffset) ?? 0
      let epoch = rescale(options.epoch ?? 0, from: LiveTime.nanoseconds, to: Self.clock)
      return [splice.time.value, time].map { Double($0 - epoch) / 90_000 }
    }
  }

  @Test func `splice messages have the times of the pictures, however the source counts`() throws {
    var options = options()
    options.epoch = 1_767_225_600_000_000_000
    func run(_ start: Int64, jump: Int64) throws -> [[Double]] {
      var stream = LiveStream()
      stream.start = start
      var events = stream.tracks + stream.events(20)
      for (id, second) in [(UInt32(1), Int64(3)), (2, 11), (3, 17)] {
        let at = start + second * 90_000
        let place = events.lastIndex {
          if case .sample(let sample) = $0 { sample.decodeTime <= at } else { false }
        }
        events.insert(splice(id, at: at), at: try #require(place) + 1)
      }
      let turn: Int64 = 1 << 33
      var jumped = false
      events = try events.map { event in
        switch event {
        case .sample(var sample):
          jumped = sample.decodeTime - start >= 12 * 90_000
          let passed = sample.decodeTime - start >= 12 * 90_000 ? jump : 0
          sample.decodeTime = (sample.decodeTime + passed) % turn
          sample.presentationTime = (sample.presentationTime + passed) % turn
          return .sample(sample)
        case .splice(let message) where jumped:
          let section = try SpliceInfoSection(parsing: message.section)
          return splice(section.eventIDs.first ?? 0, at: message.time.value + jump)
        default: return event
        }
      }
      var run = try LiveRun(events, options: options)
      return times(run.segmenter.takeSplices(), options)
    }
    let expected: [[Double]] = [[3, 9], [11, 17], [17, 23]]
    #expect(try run(0, jump: 0) == expected)
    // The counter of 33 bits begins again between the first message and what it is about.
    #expect(try run((1 << 33) - 5 * 90_000, jump: 0) == expected)
    #expect(try run(1 << 32, jump: 1 << 31) == expected)
  }

  @Test func `a message of another clock waits for its pictures, and not for ever`() throws {
    let stream = LiveStream()
    var run = try LiveRun(stream.tracks + stream.events(8), options: options())
    // It comes before the first picture of a clock that has jumped.
    try run.feed([splice(1, at: 1000 * 90_000)])
    #expect(run.segmenter.takeSplices().isEmpty)
    var jumped = LiveStream()
    jumped.start = 992 * 90_000
    try run.feed(jumped.events(10, from: 8))
    #expect(run.segmenter.takeSplices().count == 1)
    for id in UInt32(0)..<100 { try run.feed([splice(id, at: 5000 * 90_000)]) }
    try run.feed(jumped.events(30, from: 10))
    #expect(run.segmenter.takeSplices().isEmpty)
    #expect(run.segmenter.lostSpliceCount == 100)
  }

  @Test func `another coding begins a segment with a discontinuity in all tracks`() throws {
    let stream = LiveStream()
    // The last part is not full.
    let first = stream.events(9).dropLast(6)
    var run = try LiveRun(stream.tracks + first, options: options())
    var other = SyntheticSource.video(
      timescale: 90_000, times: [], keys: { _ in .none }, lastDuration: 0)
    var record = SyntheticSource.record
    // Another level.
    record.setInteger(UInt8(0x28), at: record.readerIndex + 3)
    record.setInteger(UInt8(0x28), at: record.readerIndex + 11)
    other.coding = .h264(record)
    try run.feed([.track(other)])
    try run.feed(stream.events(24, from: 9))
    run.check()
    let breaks = run.chunks.map { $0.filter(\.startsDiscontinuity) }
    #expect(breaks.map(\.count) == [1, 1])
    #expect(breaks[0].first?.segment == breaks[1].first?.segment)
    #expect(breaks[0].first?.header.version != run.chunks[0].first?.header.version)
    let following = run.chunks[0].compactMap(\.following)
    #expect(following.map(\.version) == [breaks[0].first?.header.version])
  }

  @Test func `a loop is no break`() throws {
    let stream = LiveStream(group: 25)
    var run = try LiveRun(stream.tracks + stream.events(7), options: options())
    for _ in 0..<5 {
      try run.feed([.restart(isSeamless: true)])
      try run.feed(stream.tracks + stream.events(7))
    }
    run.check()
    #expect(!run.chunks.joined().contains { $0.isGap || $0.startsDiscontinuity })
    let length = run.chunks[0].reduce(0) { $0 + $1.duration }
    #expect(MediaTime(length, run.segmenter.cells.duration.timescale).seconds == 42)
  }

  @Test func `D11: chunks are what their fields say, and carry no messages`() throws {
    let stream = LiveStream(reordering: 2)
    let run = try LiveRun(stream.tracks + stream.events(8), options: options())
    for (track, chunks) in zip(run.segmenter.tracks, run.chunks) {
      for chunk in chunks {
        let boxes = try Box.sequence(in: chunk.bytes)
        #expect(boxes.map(\.type) == ["prft", "moof", "mdat"])
        let reference = try ProducerReferenceTimeBox(boxes[0])
        #expect(reference.mediaTime == UInt64(chunk.time))
        #expect(reference.wallClock == chunk.producedAt)
        let seconds = MediaTime(chunk.time, track.partTarget.timescale).seconds
        #expect((Double(chunk.producedAt) / 1e9 - seconds).magnitude < 0.001)
        let traf = try #require(try boxes[1].child("traf"))
        let time = try TrackFragmentDecodeTimeBox(try #require(try traf.child("tfdt")))
        #expect(time.baseMediaDecodeTime == UInt64(chunk.time))
      }
    }
  }

  @Test(arguments: [0, 10, 200])
  func `pictures are waited for, however much sound comes first`(count: Int) throws {
    let stream = LiveStream()
    let tracks = stream.tracks
    func isOfSound(_ event: LiveEvent) -> Bool {
      if case .sample(let sample) = event { sample.track == 1 } else { false }
    }
    let all = stream.events(20)
    let ahead = all.filter(isOfSound).prefix(count)
    var left = count
    let rest = all.filter { event in
      guard isOfSound(event), left > 0 else { return true }
      left -= 1
      return false
    }
    let run = try LiveRun([tracks[1]] + ahead + [tracks[0]] + rest, options: options())
    #expect(run.segmenter.tracks.map { $0.frameRate != nil } == [true, false])
  }

  @Test func `sound alone is cut by the cells`() throws {
    let stream = LiveStream()
    let events = (stream.tracks + stream.events(20)).filter { event in
      switch event {
      case .track(let track): track.kind == .audio
      case .sample(let sample): sample.track == 1
      case .restart, .splice: true
      }
    }
    let run = try LiveRun(events, options: options())
    run.check()
    for start in run.chunks[0] where start.part == 0 {
      #expect((start.time - start.segment * 96_000).magnitude <= 512)
    }
  }

  @Test func `a day of a stream keeps nothing of it`() throws {
    let stream = LiveStream(rate: .init(literal: 2, 1), group: 4, hasSound: false)
    var run = try LiveRun(stream.tracks + stream.events(10), options: options())
    run.chunks = [[]]
    let minute = stream.events(70, from: 10)
    var segments: Set<Int64> = []
    // A loop of a minute, as its times would be.
    for index in 0..<1440 {
      for event in minute {
        guard case .sample(var sample) = event else { continue }
        sample.decodeTime += Int64(index) * 60 * 90_000
        sample.presentationTime += Int64(index) * 60 * 90_000
        for output in try run.segmenter.take(.sample(sample)) where output.track == 0 {
          segments.insert(output.chunk.segment)
        }
      }
    }
    #expect(segments.count == 43_200)
  }
}

struct LivePacerTests {
  private func outputs(_ publications: [LivePublication]) -> [LiveSegmenter.Output] {
    publications.compactMap { if case .chunk(let output) = $0 { output } else { nil } }
  }

  @Test func `H11: chunks of a file come when their last sample has ended`() throws {
    let stream = LiveStream()
    var options = LiveOptions()
    options.epoch = 1_767_225_600_000_000_000
    var run = try LiveRun(stream.tracks + stream.events(4), options: options)
    var pacer = LivePacer(run.segmenter)
    let start: Int64 = 1_767_225_600_000_000_000
    for (track, chunks) in run.chunks.enumerated() {
      pacer.add(chunks.map { .chunk(LiveSegmenter.Output(track: track, chunk: $0)) })
    }
    #expect(!pacer.isAhead(of: start + 1_000_000_000) && pacer.due(at: start).isEmpty)
    pacer.add(run.segmenter.finish().map { .chunk($0) })
    // 0.2 s of pictures, and 9 frames of sound of 1024 samples.
    #expect(pacer.next == start + 192_000_000)
    #expect(outputs(pacer.due(at: start + 192_000_000)).map(\.track) == [1])
    #expect(outputs(pacer.due(at: start + 200_000_000)).map(\.track) == [0])
    let rest = outputs(pacer.due(at: start + 10_000_000_000))
    let ends = rest.map { output in
      MediaTime(
        output.chunk.time + output.chunk.duration,
        run.segmenter.tracks[output.track].partTarget.timescale
      ).seconds
    }
    #expect(ends == ends.sorted() && pacer.next == nil)
  }
}
