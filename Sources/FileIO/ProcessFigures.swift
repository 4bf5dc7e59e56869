import Glibc

/// What the system says of this process (proc(5)).
package struct ProcessFigures: Hashable, Sendable {
  package var residentByteCount: UInt64
  package var descriptorCount: Int
  /// Of all threads, for itself and in the system.
  package var processorNanoseconds: UInt64
  /// Seconds since 1970.
  package var startSeconds: UInt64

  /// - Returns: `nil` where there is no proc file system.
  package static func current() -> ProcessFigures? {
    guard let status = text(of: "/proc/self/stat"), let system = text(of: "/proc/stat"),
      let descriptors = try? Folder.names(in: "/proc/self/fd")
    else { return nil }
    // The folder is one of those it lists.
    return ProcessFigures(
      status: status, system: system, ticksPerSecond: UInt64(max(1, sysconf(Int32(_SC_CLK_TCK)))),
      pageByteCount: UInt64(max(1, sysconf(Int32(_SC_PAGESIZE)))),
      descriptorCount: max(0, descriptors.count - 1))
  }

  /// - Parameters:
  ///   - status: `/proc/self/stat`; the name in it may hold anything, but ends with the last parenthesis.
  ///   - system: `/proc/stat`, which says when the system began.
  package init?(
    status: String, system: String, ticksPerSecond: UInt64, pageByteCount: UInt64,
    descriptorCount: Int
  ) {
    guard let name = status.lastIndex(of: ")") else { return nil }
    // The state, the third field of all, is the first behind the name.
    let fields = status[status.index(after: name)...].split(separator: " ")
    guard fields.count > 21, let user = UInt64(fields[11]), let kernel = UInt64(fields[12]),
      let start = UInt64(fields[19]), let pages = UInt64(fields[21]),
      let line = system.split(separator: "\n").first(where: { $0.hasPrefix("btime ") }),
      let boot = UInt64(line.dropFirst(6))
    else { return nil }
    residentByteCount = pages * pageByteCount
    self.descriptorCount = descriptorCount
    processorNanoseconds = (user + kernel) * (1_000_000_000 / ticksPerSecond)
    startSeconds = boot + start / ticksPerSecond
  }

  /// Files of the system say that they have no bytes.
  private static func text(of path: String) -> String? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 4096)
    while bytes.count < 1 << 20 {
      let count = unsafe piece.withUnsafeMutableBytes {
        unsafe read(descriptor, $0.baseAddress, $0.count)
      }
      guard count > 0 else { break }
      bytes += piece[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
