import Foundation
import Synchronization

/// Whether the user asked to stop (Ctrl-C): work ends after the step that is under way.
package enum Interruption {
  private static let flag = Atomic<Bool>(false)

  /// Whether a stop was asked for, by the user or for the task that asks.
  package static var isRequested: Bool { flag.load(ordering: .relaxed) || Task.isCancelled }

  /// Catches SIGINT and SIGTERM; a second SIGINT ends the process at once, as a user expects.
  package static func listen() {
    // Made here: nothing may be initialised for the first time inside a signal handler.
    flag.store(false, ordering: .relaxed)
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM] {
      sigaddset(&signals, number)
      signal(number) { number in
        Interruption.flag.store(true, ordering: .relaxed)
        signal(number, SIG_DFL)
      }
    }
    // A parent may have started the program with them blocked.
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  /// Throws `StoppedByUser` if a stop was asked for; `kept` says what the work leaves behind.
  package static func check(kept: @autoclosure () -> String) throws {
    if isRequested { throw StoppedByUser(kept: kept()) }
  }

  /// For tests: asks for a stop, or takes it back.
  package static func request(_ requested: Bool = true) {
    flag.store(requested, ordering: .relaxed)
  }
}

/// The user asked to stop; ends a command with exit code 130.
package struct StoppedByUser: DescribedError {
  /// A sentence on what is on disk now.
  package let kept: String

  package init(kept: String) {
    self.kept = kept
  }

  package var description: String { "stopped. \(kept)" }
}
