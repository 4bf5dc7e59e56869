import Foundation
import Synchronization

/// Whether the user or the system asked the program to stop (SIGINT, SIGTERM, SIGHUP).
enum Interruption {
  private static let flag = Atomic(false)

  /// From here on the signals set the flag instead of ending the process at once; a second one ends it: encoders may take
  /// long over what they hold.
  static func watch() {
    flag.store(false, ordering: .relaxed)
    for number in [SIGINT, SIGTERM, SIGHUP] {
      signal(number) { number in
        Interruption.flag.store(true, ordering: .relaxed)
        signal(number, SIG_DFL)
      }
    }
  }

  static var isRequested: Bool { flag.load(ordering: .relaxed) }
}
