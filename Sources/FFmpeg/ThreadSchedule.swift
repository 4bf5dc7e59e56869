import FileIO
import Glibc

/// How the system shares its cores among the threads of this process.
///
/// SVT-AV1 gives the thread that opens it, and so all that it starts, the highest real-time priority if it runs as root:
/// ahead of everything else on the machine, and handed on to every program that such a thread starts.
enum ThreadSchedule {
  /// Gives all threads the ordinary share back (`SCHED_OTHER`, sched(7)).
  static func makeOrdinary() {
    for name in (try? Folder.names(in: "/proc/self/task")) ?? [] {
      guard let thread = pid_t(name), sched_getscheduler(thread) == SCHED_FIFO else { continue }
      var parameters = sched_param()
      unsafe _ = sched_setscheduler(thread, SCHED_OTHER, &parameters)
    }
  }
}
