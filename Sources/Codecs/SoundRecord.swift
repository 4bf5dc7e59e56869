package import MediaCore
package import NIOCore

/// What the decoder configuration record of a track says of its sound, in whatever coding.
///
///     let record = try SoundRecord(track.coding)  // nil for pictures and text
///     record.codecs           // "mp4a.40.2", "ec-3", "Opus"
///     record.samplesPerFrame  // 1536, nil where frames differ
package struct SoundRecord: Hashable, Sendable {
  package enum Coding: Hashable, Sendable {
    case aac(AudioSpecificConfig)
    case ac3(AC3SpecificBox)
    case eac3(EAC3SpecificBox)
    case opus(OpusSpecificBox)
    case flac(FLACSpecificBox)
    case mp3(MPEGAudioHeader)
  }

  package let coding: Coding

  package init(_ coding: Coding) { self.coding = coding }

  /// - Returns: `nil` if the coding is none of sound.
  /// - Throws: `CodecsError` for a record that cannot be read.
  package init?(_ coding: SampleCoding) throws {
    switch coding {
    case .aac(let bytes): self.coding = .aac(try AudioSpecificConfig(parsing: bytes))
    case .ac3(let bytes): self.coding = .ac3(try AC3SpecificBox(parsing: bytes))
    case .eac3(let bytes): self.coding = .eac3(try EAC3SpecificBox(parsing: bytes))
    case .opus(let bytes): self.coding = .opus(try OpusSpecificBox(parsing: bytes))
    case .flac(let bytes): self.coding = .flac(try FLACSpecificBox(parsing: bytes))
    case .mp3(let bytes):
      self.coding = .mp3(try MPEGAudioHeader(in: bytes, at: bytes.readerIndex))
    default: return nil
    }
  }

  /// Codings that a player may take for each other.
  package var family: String {
    switch coding {
    case .aac: "aac"
    case .ac3: "ac3"
    case .eac3: "eac3"
    case .opus: "opus"
    case .flac: "flac"
    case .mp3: "mp3"
    }
  }

  /// `codecs` parameter (RFC 6381), spelled as MP4RA registers it.
  package var codecs: String {
    switch coding {
    case .aac(let configuration): CodecString.mpeg4Audio(configuration)
    case .ac3: "ac-3"
    case .eac3: "ec-3"
    case .opus: "Opus"
    case .flac: "fLaC"
    case .mp3(let header): header.isMPEG1 ? "mp4a.6B" : "mp4a.69"
    }
  }

  package var channelCount: Int {
    switch coding {
    case .aac(let configuration): configuration.channelCount
    case .ac3(let box): box.channelCount
    case .eac3(let box): box.channelCount
    case .opus(let box): box.channelCount
    case .flac(let box): box.channelCount
    case .mp3(let header): header.channelCount
    }
  }

  /// Samples in a second that leave the decoder: the timescale of the track; 0 if unknown.
  package var sampleRate: Int {
    switch coding {
    case .aac(let configuration): configuration.outputSampleRate
    case .ac3(let box): box.sampleRate
    case .eac3(let box): box.sampleRate ?? 0
    case .opus: OpusPacket.sampleRate
    case .flac(let box): box.sampleRate
    case .mp3(let header): header.sampleRate
    }
  }

  /// Samples that every frame decodes to; `nil` where each frame says its own.
  package var samplesPerFrame: Int? {
    switch coding {
    case .aac(let configuration): configuration.samplesPerFrame
    case .ac3: AC3Header.samplesPerFrame
    case .eac3: EAC3AccessUnit.samplesPerFrame
    case .opus, .flac: nil
    case .mp3(let header): header.samplesPerFrame
    }
  }

  /// Objects of joint object coding (Dolby Atmos in E-AC-3); `nil` without.
  package var objectCount: Int? {
    if case .eac3(let box) = coding { box.objectCount } else { nil }
  }

  /// Positions of the channels where the coding has Dolby's map of them: bit 15 is left.
  package var channelMap: UInt16? {
    switch coding {
    case .ac3(let box): box.channelMap
    case .eac3(let box): box.channelMap
    default: nil
    }
  }

  /// Samples at the track's rate before a frame that must be decoded for it to be right; 0 where a
  /// decoder can start anywhere.
  package var preRoll: Int {
    switch coding {
    // The transform overlaps one frame before (ISO/IEC 14496-12 §10.1).
    case .aac(let configuration): configuration.samplesPerFrame
    // 80 ms (Encapsulation of Opus in ISOBMFF §4.3.6.2).
    case .opus: 3840
    case .mp3(let header): header.reach * header.samplesPerFrame
    case .ac3, .eac3, .flac: 0
    }
  }

  /// Distance of the `roll` group for frames of a length; 0 writes none.
  package func rollDistance(samplesPerFrame: Int) -> Int16 {
    guard preRoll > 0, samplesPerFrame > 0 else { return 0 }
    return -Int16(clamping: (preRoll + samplesPerFrame - 1) / samplesPerFrame)
  }

  /// A frame that decodes to zeros; `nil` where the coding or this form of it has none.
  package func silence(samplesPerFrame: Int) -> ByteBuffer? {
    switch coding {
    case .aac(let configuration):
      try? AACSilence.rawDataBlock(channelConfiguration: configuration.channelConfiguration)
    case .ac3(let box): DolbySilence.ac3(box)
    case .eac3(let box): DolbySilence.eac3(box)
    case .opus(let box): SilentFrame.opus(box, sampleCount: samplesPerFrame)
    case .flac(let box): SilentFrame.flac(box, sampleCount: samplesPerFrame)
    case .mp3(let header): SilentFrame.mp3(header)
    }
  }

  /// A silent frame for the time before the first coded one, which must leave the decoder as it is.
  package func leadingSilence(samplesPerFrame: Int) -> ByteBuffer? {
    if case .opus(let box) = coding,
      let lead = SilentFrame.opusLead(box, sampleCount: samplesPerFrame)
    {
      return lead
    }
    return silence(samplesPerFrame: samplesPerFrame)
  }

  /// Samples of a frame, where frames differ; `nil` for codings in which all are alike.
  ///
  /// - Throws: `CodecsError` for a frame that is damaged.
  package func sampleCount(ofFrameIn buffer: ByteBuffer, at offset: Int, count: Int) throws -> Int?
  {
    switch coding {
    case .opus: return try OpusPacket(in: buffer, at: offset, count: count).sampleCount
    case .flac: return try FLACFrameHeader(in: buffer, at: offset, count: count).blockSize
    default: return nil
    }
  }

  /// Holds a frame against the record.
  ///
  /// - Throws: `CodecsError` that says what differs.
  package func check(frameIn buffer: ByteBuffer, at offset: Int, count: Int) throws {
    func differs(_ what: String) -> CodecsError {
      CodecsError(
        .unsupported, "\(what) change in mid-stream: split the file there, or encode it anew")
    }
    switch coding {
    case .aac: break
    case .ac3(let box):
      let header = try AC3Header(in: buffer, at: offset)
      guard header.byteCount <= count else {
        throw CodecsError(
          .truncated, "AC-3 syncframe: claims \(header.byteCount) bytes, \(count) are there")
      }
      guard box.matches(header) else { throw differs("rate or channels of AC-3") }
    case .eac3(let box):
      let unit = try EAC3AccessUnit(in: buffer, at: offset, count: count)
      guard unit.isWhole else {
        throw CodecsError(
          .invalidValue, "E-AC-3: a sample of \(unit.blockCount) blocks; six are expected")
      }
      guard let first = unit.frames.first, let stream = box.substreams.first,
        first.sampleRateCode == stream.sampleRateCode, first.channelMode == stream.channelMode,
        first.hasLowFrequency == stream.hasLowFrequency
      else { throw differs("rate or channels of E-AC-3") }
    case .opus: _ = try OpusPacket(in: buffer, at: offset, count: count)
    case .flac(let box):
      let header = try FLACFrameHeader(in: buffer, at: offset, count: count)
      guard header.channelCount == box.channelCount,
        header.sampleRate ?? box.sampleRate == box.sampleRate,
        header.bitsPerSample ?? box.bitsPerSample == box.bitsPerSample
      else { throw differs("rate, channels or sample size of FLAC") }
    case .mp3(let record):
      let header = try MPEGAudioHeader(in: buffer, at: offset)
      guard header.matches(record) else { throw differs("rate or channels of MP3") }
      guard header.frameByteCount <= count else {
        throw CodecsError(
          .truncated, "MP3 frame: claims \(header.frameByteCount) bytes, \(count) are there")
      }
    }
  }
}
