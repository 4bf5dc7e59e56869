import NIOCore

extension ChannelHandlerContext {
  /// Sets an option of TCP that only Linux has; nothing is lost where it is not understood.
  func setTCPOption(_ name: CInt, _ value: Int) {
    #if os(Linux)
      let option = ChannelOptions.Types.SocketOption(
        level: .tcp, name: NIOBSDSocket.Option(rawValue: name))
      try? channel.syncOptions?.setOption(option, value: value)
    #endif
  }
}
