import ISOBMFF
import MediaCore
import NIOCore
import Testing

@testable import Text

struct WVTTTests {
  private func read(_ samples: [WVTT.Sample], _ configuration: ByteBuffer) throws -> CueList {
    try SubtitleSamples.read(
      samples.map {
        SubtitleSamples.Sample(start: $0.start, end: $0.start + $0.duration, payload: $0.payload)
      }, coding: .wvtt, record: configuration)
  }

  @Test(arguments: [10_000, 2000, 700] as [Int64])
  func `cues come back whole, however they are cut`(step: Int64) throws {
    let index = CueIndex(Inputs.list)
    var samples: [WVTT.Sample] = []
    for from in stride(from: 0, to: Int64(10_000), by: Int64.Stride(step)) {
      samples += WVTT.samples(index, from: from, to: min(from + step, 10_000))
    }
    #expect(zip(samples, samples.dropFirst()).allSatisfy { $0.start + $0.duration == $1.start })
    #expect(samples.first?.start == 0)
    #expect(samples.last.map { $0.start + $0.duration } == 10_000)
    #expect(try read(samples, WVTT.configuration(Inputs.list)) == Inputs.list)
  }

  @Test func `a sample names each cue that is shown, or says that none is`() throws {
    let samples = WVTT.samples(Inputs.list, from: 2000, to: 7000)
    #expect(samples.map(\.start) == [2000, 3000, 4000, 6000])
    let boxes = try samples.map { try Box.sequence(in: $0.payload) }
    #expect(boxes.map { $0.map(\.type) } == [["vttc", "vttc"], ["vttc"], ["vtte"], ["vttc"]])
    #expect(
      try boxes[0][0].children().map(\.type) == ["vsid", "iden", "sttg", "payl"])
  }

  @Test func `a cue over two ranges has one source in both`() throws {
    func source(_ from: Int64, _ to: Int64) throws -> Int32? {
      let sample = try #require(WVTT.samples(Inputs.list, from: from, to: to).first)
      let box = try #require(try Box.sequence(in: sample.payload).first)
      let payload = try #require(try box.child("vsid")).payload
      return payload.getInteger(at: payload.readerIndex)
    }
    #expect(try source(0, 500) == source(500, 900))
    #expect(try source(0, 500) == 0)
    #expect(try source(6000, 7000) == source(7000, 8000))
    #expect(try source(6000, 7000) == 2)
  }

  @Test func `inner times come with the time of the sample`() throws {
    let list = CueList(cues: [Cue(start: 0, end: 4000, text: "a<00:01.000>b")])
    let sample = try #require(WVTT.samples(list, from: 2000, to: 4000).first)
    let time = try #require(try Box.sequence(in: sample.payload)[0].child("ctim"))
    #expect(String(buffer: time.payload) == "00:00:02.000")
  }

  @Test func `nothing at all is one empty sample`() {
    let samples = WVTT.samples(CueList(), from: 0, to: 1000)
    #expect(samples.map(\.duration) == [1000])
    #expect(WVTT.samples(CueList(), from: 5, to: 5).isEmpty)
  }

  @Test func `a sample cut anywhere is read or refused`() {
    let sample = WVTT.samples(Inputs.list, from: 1000, to: 2000)[0]
    for count in 0...sample.payload.readableBytes {
      var cut = sample
      cut.payload =
        sample.payload.getSlice(at: sample.payload.readerIndex, length: count) ?? ByteBuffer()
      _ = try? read([cut], ByteBuffer())
    }
  }
}
