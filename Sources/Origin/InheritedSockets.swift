/// Listening sockets that systemd has opened for this process (sd_listen_fds(3)): descriptors from 3
/// on, whose count, owner and names stand in the environment.
package struct InheritedSockets: Hashable, Sendable {
  /// `[socket]`; one without a name is called `unknown`, as sd_listen_fds_with_names(3) does.
  private let names: [String]

  private static let firstDescriptor: CInt = 3

  package init() { names = [] }

  /// - Parameters:
  ///   - environment: of this process.
  ///   - process: its identifier: what is meant for another one is passed over.
  /// - Throws: `OriginError` if the environment contradicts itself.
  package init(environment: [String: String], process: Int32) throws(OriginError) {
    guard let owner = environment["LISTEN_PID"], owner == "\(process)" else {
      names = []
      return
    }
    let text = environment["LISTEN_FDS"] ?? ""
    guard let count = Int(text), (0...Limits.inheritedSocketCount).contains(count) else {
      throw OriginError(
        .cannotListen,
        "LISTEN_FDS is \(text.prefix(32)): 0 to \(Limits.inheritedSocketCount) sockets are expected."
      )
    }
    guard let list = environment["LISTEN_FDNAMES"] else {
      names = Array(repeating: "unknown", count: count)
      return
    }
    names = list.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard names.count == count else {
      throw OriginError(
        .cannotListen, "LISTEN_FDNAMES has \(names.count) names for \(count) sockets.")
    }
  }

  /// Those of a name, or all.
  ///
  /// - Throws: `OriginError` if there is none.
  func descriptors(named name: String?) throws(OriginError) -> [CInt] {
    let found = names.indices.filter { name == nil || names[$0] == name }
    guard found.isEmpty else { return found.map { Self.firstDescriptor + CInt($0) } }
    guard let name, !names.isEmpty else {
      throw OriginError(
        .cannotListen,
        "systemd has handed over no sockets; a socket unit starts the origin with them.")
    }
    throw OriginError(
      .cannotListen,
      "systemd has handed over no socket named \(name); there are: \(names.joined(separator: ", "))."
    )
  }
}
