import Foundation
import Synchronization

/// Whether the user asked to stop (Ctrl-C): work ends after the step that is under way.
package enum Interruption {
  private static let flag = Atomic<Bool>(false)

  /// Whether a stop was asked for.
  package static var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// Catches SIGINT and SIGTERM; a second SIGINT ends the process at once, as a user expects.
  package static func listen() {
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        Interruption.flag.store(true, ordering: .relaxed)
        signal(number, SIG_DFL)
      }
    }
  }

  /// For tests: asks for a stop, or takes it back.
  package static func request(_ requested: Bool = true) {
    flag.store(requested, ordering: .relaxed)
  }
}
