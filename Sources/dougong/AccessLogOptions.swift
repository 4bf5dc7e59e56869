import ArgumentParser
import Origin

extension AccessLogFormat: ExpressibleByArgument {}

/// Where the origin writes what it has answered.
struct AccessLogOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Writes a line for each response; - is standard output.",
      discussion: """
        Tokens, signatures and whatever else the origin does not know in a query are left out. SIGHUP opens the file \
        again, for logrotate.
        """, valueName: "file"))
  var accessLog: String?

  @Option(help: "How its lines are written: combined (as Apache and nginx do) or json.")
  var accessLogFormat = AccessLogFormat.combined

  @Flag(help: "Cuts addresses of clients in it: 24 bits of IPv4, at most 48 of IPv6 are left.")
  var anonymize = false

  func validate() throws {
    guard accessLog == nil, anonymize else { return }
    throw ValidationError("--anonymize is about the access log: give --access-log FILE as well")
  }

  /// - Throws: if the file cannot be opened.
  func log() throws -> AccessLog? {
    try accessLog.map {
      try AccessLog(path: $0, format: accessLogFormat, isAnonymous: anonymize)
    }
  }
}
