import Glibc

/// Signals that a process was started with.
package enum Signals {
  /// Lets signals through that the parent had blocked when it started this process: a test runner's or
  /// a supervisor's worker thread hands its mask on (sigprocmask(2)).
  package static func unblockAll() {
    var all = sigset_t()
    unsafe sigfillset(&all)
    unsafe sigprocmask(SIG_UNBLOCK, &all, nil)
  }
}
