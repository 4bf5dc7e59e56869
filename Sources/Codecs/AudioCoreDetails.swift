/// The part of AudioSpecificConfig() that depends on the object type of the core coder.
struct CoreDetails {
  var frameLength = 1024
  var channelCount: Int
  var programConfigElement: ProgramConfigElement?
  /// Read to its end, so that an extension may follow.
  var isWhole = true

  init(from bits: inout BitReader, objectType: Int, channelConfiguration: Int) throws {
    channelCount = ChannelConfiguration.channelCount(channelConfiguration) ?? 0
    switch objectType {
    case 1, 2, 3, 4, 6, 7, 17, 19, 20, 21, 22, 23:
      try readGeneralAudio(&bits, objectType, channelConfiguration)
      // ER object types end in epConfig: 0 and 1 need nothing more.
      if objectType >= 17 { isWhole = try bits.u(2) < 2 }
    case 39:
      frameLength = try bits.flag() ? 480 : 512
      isWhole = false
    case 42:
      try readUSAC(&bits)
      isWhole = false
    default:
      throw CodecsError(
        .unsupported,
        "\(bits.subject): audio object type \(objectType) is not AAC; transcode it to AAC-LC")
    }
    guard channelCount > 0 else {
      throw CodecsError(
        .invalidValue,
        "\(bits.subject): channel configuration \(channelConfiguration) names no "
          + "channels")
    }
  }

  /// GASpecificConfig() (§4.4.1).
  private mutating func readGeneralAudio(
    _ bits: inout BitReader, _ type: Int, _ channelConfiguration: Int
  ) throws {
    let isShort = try bits.flag()
    frameLength = type == 23 ? (isShort ? 480 : 512) : (isShort ? 960 : 1024)
    if try bits.flag() { try bits.skip(14) }  // coreCoderDelay
    let hasExtension = try bits.flag()
    if channelConfiguration == 0 {
      let element = try ProgramConfigElement(from: &bits)
      (programConfigElement, channelCount) = (element, element.channelCount)
    }
    if type == 6 || type == 20 { try bits.skip(3) }  // layerNr
    guard hasExtension else { return }
    if type == 22 { try bits.skip(16) }
    if [17, 19, 20, 23].contains(type) { try bits.skip(3) }
    try bits.skip(1)  // extensionFlag3
  }

  /// The head of UsacConfig() (ISO/IEC 23003-3 §5.2): frame length and channels.
  private mutating func readUSAC(_ bits: inout BitReader) throws {
    if try bits.u(5) == 0x1f { try bits.skip(24) }  // usacSamplingFrequency
    let index = try bits.int(3)
    guard index <= 4 else {
      throw CodecsError(
        .invalidValue, "\(bits.subject): coreSbrFrameLengthIndex \(index) is reserved")
    }
    frameLength = [768, 1024, 2048, 2048, 4096][index]
    let configuration = try bits.int(5)
    if let count = ChannelConfiguration.channelCount(configuration) {
      channelCount = count
    } else if configuration == 0 {
      let count = try bits.int(5)  // numOutChannels, escapedValue(5, 8, 16)
      channelCount = count == 31 ? 31 + (try bits.int(8)) : count
    }
  }
}
