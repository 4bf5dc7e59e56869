package import NIOCore

/// AudioSpecificConfig() (ISO/IEC 14496-3 §1.6.2.1): what a decoder must know of an AAC stream.
///
///     let config = try AudioSpecificConfig(parsing: esds.decoderSpecificInfo)
///     config.samplesPerFrame  // 1024, or 2048 with spectral band replication
package struct AudioSpecificConfig: Hashable, Sendable {
  /// Most bytes that are read: a program config element with its longest comment is below it.
  package static let byteCountLimit = 4096

  /// The first audioObjectType: 2 AAC-LC, 5 SBR, 29 PS, 42 USAC. The last part of `mp4a.40.N`.
  package let signalledObjectType: Int
  /// Of the core coder: the type inside an SBR or PS envelope.
  package let objectType: Int
  /// Of the core coder, in hertz.
  package let samplingFrequency: Int
  /// 0 when `programConfigElement` or the USAC configuration says it.
  package let channelConfiguration: Int
  /// extensionSamplingFrequency: of the output with SBR; `nil` without explicit SBR.
  package let extensionSamplingFrequency: Int?
  /// Spectral band replication is present, stated explicitly.
  package let hasSBR: Bool
  /// Parametric stereo is present, stated explicitly.
  package let hasPS: Bool
  /// The absence of spectral band replication is stated.
  package let deniesSBR: Bool
  /// Samples of the core coder in a frame: 1024 or 960, 512 or 480, of USAC 768 to 4096.
  package let coreFrameLength: Int
  /// When `channelConfiguration` is 0.
  package let programConfigElement: ProgramConfigElement?
  /// The bytes parsed or built.
  package let bytes: ByteBuffer
  private let configuredChannelCount: Int

  /// Object types that players of CMAF take: AAC-LC, and SBR and PS on top of it.
  package var isPackaged: Bool { [2, 5, 29].contains(signalledObjectType) && objectType == 2 }

  /// What people call the coding.
  package var name: String {
    let names = [
      1: "AAC Main", 2: "AAC-LC", 3: "AAC SSR", 4: "AAC LTP", 5: "HE-AAC", 6: "AAC Scalable",
      17: "ER AAC-LC", 23: "AAC-LD", 29: "HE-AAC v2", 39: "AAC-ELD", 42: "xHE-AAC",
    ]
    let type =
      [2, 5, 29].contains(signalledObjectType) && objectType != 2
      ? objectType
      : signalledObjectType
    return names[type] ?? "MPEG-4 audio object type \(type)"
  }

  /// Samples in a second that leave the decoder: the timescale of the track.
  package var outputSampleRate: Int { extensionSamplingFrequency ?? samplingFrequency }

  /// Channels that leave the decoder.
  package var channelCount: Int {
    hasPS && configuredChannelCount == 1 ? 2 : configuredChannelCount
  }

  /// Samples of one access unit at `outputSampleRate`.
  package var samplesPerFrame: Int {
    // SBR either doubles the rate or leaves it; 24-bit rates: no overflow.
    hasSBR ? coreFrameLength * outputSampleRate / samplingFrequency : coreFrameLength
  }

  /// Parses DecoderSpecificInfo. Bits behind what is known are kept in `bytes`.
  ///
  /// - Throws: `CodecsError`
  package init(parsing bytes: ByteBuffer) throws {
    guard bytes.readableBytes <= Self.byteCountLimit else {
      throw CodecsError(
        .limitExceeded,
        "AudioSpecificConfig: \(bytes.readableBytes) bytes, at most \(Self.byteCountLimit)")
    }
    var bits = try BitReader(bytes, of: "AudioSpecificConfig")
    let signalled = try Self.objectType(&bits)
    samplingFrequency = try SamplingFrequency.read(&bits)
    channelConfiguration = try bits.int(4)
    var (core, sbr, ps) = (signalled, false, false)
    var extended: Int?
    if signalled == 5 || signalled == 29 {
      (sbr, ps) = (true, signalled == 29)
      extended = try SamplingFrequency.read(&bits)
      core = try Self.objectType(&bits)
      if core == 22 { try bits.skip(4) }  // extensionChannelConfiguration
    }
    let details = try CoreDetails(
      from: &bits, objectType: core, channelConfiguration: channelConfiguration)
    var denied = false
    if !sbr, details.isWhole, bits.remaining >= 16 {
      denied = try Self.readSyncExtension(&bits, &sbr, &ps, &extended)
    }
    deniesSBR = denied
    if sbr, let rate = extended, rate != samplingFrequency, rate != samplingFrequency * 2 {
      throw CodecsError(
        .invalidValue,
        "AudioSpecificConfig: extensionSamplingFrequency \(rate) is neither \(samplingFrequency) "
          + "nor its double")
    }
    signalledObjectType = signalled
    objectType = core
    (extensionSamplingFrequency, hasSBR, hasPS) = (extended, sbr, ps)
    (coreFrameLength, programConfigElement) = (details.frameLength, details.programConfigElement)
    configuredChannelCount = details.channelCount
    // A copy: a slice would keep the whole file header in memory.
    self.bytes = ByteBuffer(bytes: bytes.readableBytesView)
  }

  /// Builds the configuration of plain AAC (object types 1 to 4) with frames of 1024 samples.
  ///
  /// - Throws: `.invalidValue` outside what the syntax can say.
  package init(objectType: Int = 2, samplingFrequency: Int, channelConfiguration: Int) throws {
    try self.init(
      objectType: objectType, samplingFrequency: samplingFrequency,
      channelConfiguration: channelConfiguration, programConfigElement: nil)
  }

  /// Builds the configuration of AAC-LC under spectral band replication at the doubled rate, and
  /// parametric stereo, stated first (hierarchical signalling, §1.6.5.2).
  ///
  /// - Throws: `.invalidValue` outside what the syntax can say.
  package init(replicating core: AudioSpecificConfig, hasPS: Bool) throws {
    guard core.objectType == 2, core.samplingFrequency <= 48_000 else {
      throw CodecsError(
        .invalidValue, "spectral band replication stands on AAC-LC of up to 48 kHz")
    }
    var bits = BitWriter()
    bits.u(5, hasPS ? 29 : 5)
    SamplingFrequency.write(core.samplingFrequency, into: &bits)
    bits.u(4, core.channelConfiguration)
    SamplingFrequency.write(core.samplingFrequency * 2, into: &bits)
    bits.u(5, 2)
    bits.flag(core.coreFrameLength == 960)
    bits.u(2, 0)  // dependsOnCoreCoder, extensionFlag
    if core.channelConfiguration == 0 { core.programConfigElement?.write(into: &bits) }
    bits.alignToByte()
    try self.init(parsing: bits.buffer)
  }

  /// Builds the configuration that an ADTS stream implies. An ADTS stream does not say whether
  /// SBR is present.
  ///
  /// - Parameter rawDataBlock: The bytes behind the first header, needed when the header's
  ///   channel configuration is 0: a program config element must come first there.
  /// - Throws: `CodecsError`
  package init(_ header: ADTSHeader, rawDataBlock: ByteBuffer? = nil) throws {
    var element: ProgramConfigElement?
    if header.channelConfiguration == 0 {
      guard let rawDataBlock else {
        throw CodecsError(
          .invalidValue, "ADTS: channel configuration 0 needs the frame's program config element")
      }
      let head = rawDataBlock.getSlice(
        at: rawDataBlock.readerIndex, length: min(rawDataBlock.readableBytes, Self.byteCountLimit))
      var bits = try BitReader(head ?? ByteBuffer(), of: "ADTS raw_data_block")
      guard try bits.u(3) == 5 else {  // ID_PCE
        throw CodecsError(
          .invalidValue,
          "ADTS: channel configuration 0 without a program config element at the frame's start")
      }
      element = try ProgramConfigElement(from: &bits)
    }
    try self.init(
      objectType: header.objectType, samplingFrequency: header.samplingFrequency,
      channelConfiguration: header.channelConfiguration, programConfigElement: element)
  }

  private init(
    objectType: Int, samplingFrequency: Int, channelConfiguration: Int,
    programConfigElement: ProgramConfigElement?
  ) throws {
    guard (1...4).contains(objectType), (1..<1 << 24).contains(samplingFrequency),
      (0...15).contains(channelConfiguration)
    else {
      throw CodecsError(
        .invalidValue,
        "no AudioSpecificConfig for object type \(objectType), \(samplingFrequency) Hz, channel "
          + "configuration \(channelConfiguration); expected object type 1 to 4")
    }
    var bits = BitWriter()
    bits.u(5, objectType)
    SamplingFrequency.write(samplingFrequency, into: &bits)
    bits.u(4, channelConfiguration)
    bits.u(3, 0)  // frameLengthFlag, dependsOnCoreCoder, extensionFlag
    if channelConfiguration == 0 { programConfigElement?.write(into: &bits) }
    bits.alignToByte()
    try self.init(parsing: bits.buffer)
  }

  /// GetAudioObjectType() (Table 1.16).
  private static func objectType(_ bits: inout BitReader) throws -> Int {
    let type = try bits.int(5)
    return type == 31 ? 32 + (try bits.int(6)) : type
  }

  /// Backward compatible signalling behind the core's configuration (§1.6.6.1). Without the sync
  /// word the rest is padding.
  /// - Returns: whether it says that there is no spectral band replication.
  private static func readSyncExtension(
    _ bits: inout BitReader, _ sbr: inout Bool, _ ps: inout Bool, _ extended: inout Int?
  ) throws -> Bool {
    guard try bits.u(11) == 0x2b7, try objectType(&bits) == 5 else { return false }
    guard try bits.flag() else { return true }
    sbr = true
    extended = try SamplingFrequency.read(&bits)
    if bits.remaining >= 12, try bits.u(11) == 0x548 { ps = try bits.flag() }
    return false
  }
}
