import Foundation
import Foundations

/// Variables that decide with which kernels a process computes. OpenBLAS reads its own before `main`, so a
/// process must have been started with them.
package enum NumericsEnvironment {
  /// What `--numerics portable` needs: AVX2 kernels on both sides give the same bits on every x86-64-v3 CPU.
  package static let portable = [
    (name: kernelsVariable, value: "avx2"), (name: coreVariable, value: portableCore),
  ]

  private static let kernelsVariable = "SEGFED_KERNELS"
  private static let coreVariable = "OPENBLAS_CORETYPE"
  private static let portableCore = "Haswell"
  /// What OpenBLAS takes on a CPU that is newer than itself: kernels of 2004.
  private static let unknownCore = "Prescott"

  /// Variables that the process lacks, with the values to start it with; none where it computes as asked.
  ///
  /// Throws `KernelError` where the CPU or OpenBLAS cannot, or where a variable asks for something else.
  package static func missing(_ mode: Numerics.Mode) throws -> [(name: String, value: String)] {
    let found = ProcessInfo.processInfo.environment
    switch mode {
    case .native: return missingNative(found)
    case .portable: return try missingPortable(found)
    }
  }

  private static func missingPortable(_ found: [String: String]) throws -> [(name: String, value: String)] {
    let names = KernelChoice.available.map { $0.name }
    guard names.contains("avx2") else { throw KernelError.notPortable(available: names) }
    for (name, value) in portable {
      if let other = found[name], other != value {
        throw KernelError.contradiction(variable: name, found: other, expected: value)
      }
    }
    guard portable.allSatisfy({ found[$0.name] != nil }) else { return portable }
    // An OpenBLAS that was built for one CPU does not listen.
    guard BLAS.core == portableCore else {
      throw KernelError.openblasCore(found: BLAS.core, expected: portableCore)
    }
    return []
  }

  /// Names kernels where OpenBLAS does not know the CPU; measured on Xeons of 2023 with OpenBLAS 0.3.21:
  /// 33 GFLOP/s a core as it is, 84 with Haswell's, 156 with SkylakeX'.
  private static func missingNative(_ found: [String: String]) -> [(name: String, value: String)] {
    guard BLAS.core == unknownCore, found[coreVariable] == nil else { return [] }
    switch KernelChoice.available.last?.name {
    case "avx512": return [(coreVariable, "SkylakeX")]
    case "avx2": return [(coreVariable, "Haswell")]
    default: return []
    }
  }
}
