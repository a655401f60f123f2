import Foundation
import Foundations

/// What makes the bits of a computation the same on every x86-64-v3 CPU: AVX2 kernels on both sides.
///
/// OpenBLAS reads its variable before `main`, so a process must have been started with it.
package enum PortableNumerics {
  /// Variables that the process needs, with their values.
  package static let environment = [
    (name: "SEGFED_KERNELS", value: kernels), (name: "OPENBLAS_CORETYPE", value: core),
  ]

  private static let kernels = "avx2"
  private static let core = "Haswell"

  /// Whether this process was started with the environment, and so computes portably.
  ///
  /// Throws `KernelError` where the CPU or OpenBLAS cannot, or where a variable asks for something else.
  package static func isInEffect() throws -> Bool {
    let names = KernelChoice.available.map { $0.name }
    guard names.contains(kernels) else { throw KernelError.notPortable(available: names) }
    let found = ProcessInfo.processInfo.environment
    for (name, value) in environment {
      if let other = found[name], other != value {
        throw KernelError.contradiction(variable: name, found: other, expected: value)
      }
    }
    guard environment.allSatisfy({ found[$0.name] != nil }) else { return false }
    // An OpenBLAS that was built for one CPU does not listen.
    guard BLAS.core == core else { throw KernelError.openblasCore(found: BLAS.core, expected: core) }
    return true
  }
}
