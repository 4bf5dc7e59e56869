/// Puts caption channel packets together and hands their blocks to the services (ANSI/CTA-708 §5,
/// §6).
struct CEA708Packets: Sendable {
  /// Services that are decoded: the standard ones (§6.2.1).
  static let serviceCount = 6

  private var packet: [UInt8] = []
  /// Bytes that the packet's header tells, the header counted in; 0 outside of a packet.
  private var byteCount = 0
  private var services = [CEA708Service](repeating: CEA708Service(), count: serviceCount)

  mutating func take(_ first: UInt8, _ second: UInt8, isStart: Bool, at time: Int64) {
    if isStart {
      // A packet that was cut still says what it has.
      finishPacket(at: time)
      let code = Int(first & 0x3F)
      byteCount = code == 0 ? 128 : code * 2
    }
    guard byteCount > 0 else { return }
    packet.append(first)
    packet.append(second)
    if packet.count >= byteCount { finishPacket(at: time) }
  }

  private mutating func finishPacket(at time: Int64) {
    defer {
      packet.removeAll(keepingCapacity: true)
      byteCount = 0
    }
    var rest = packet.prefix(byteCount).dropFirst()
    while let header = rest.popFirst() {
      var number = Int(header >> 5)
      let count = Int(header & 0x1F)
      if number == 7, count > 0 {
        guard let extended = rest.popFirst() else { return }
        number = Int(extended & 0x3F)
      }
      // A null block fills the rest.
      guard number > 0, count > 0 else { return }
      let block = rest.prefix(count)
      rest = rest.dropFirst(count)
      if number <= Self.serviceCount { services[number - 1].take(block, at: time) }
    }
  }

  /// The cues of each service.
  mutating func finish(at time: Int64) -> [CueList] {
    finishPacket(at: time)
    return services.indices.map { services[$0].finish(at: time) }
  }
}
