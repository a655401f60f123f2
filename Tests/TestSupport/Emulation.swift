import Foundation

/// Tests on an emulated CPU (`.ci/emulated`): it is hundreds of times slower, so some take fewer cases there.
package enum Emulation {
  /// The CPU, by qemu's name, that `SEGFED_EMULATED_CPU` says; nil on a real one.
  package static let cpu = ProcessInfo.processInfo.environment["SEGFED_EMULATED_CPU"]

  /// All cases; under emulation the first and every `step`-th after it.
  package static func sample<Case>(_ cases: [Case], every step: Int) -> [Case] {
    cpu == nil ? cases : stride(from: 0, to: cases.count, by: step).map { cases[$0] }
  }

  /// The program that emulates, if it is installed (Debian's `qemu-user`).
  package static let program = InstalledProgram.find("qemu-x86_64")

  /// For `.enabled(if:)`: false only on a developer's machine without qemu; in CI the test runs, and fails.
  package static var isWanted: Bool { program != nil || ProcessInfo.processInfo.environment["CI"] != nil }
}
