import CProcessor
import Foundation
import Foundations
import Kernels
import KernelsPortable

#if arch(x86_64)
  import KernelsAVX2
  import KernelsAVX512
#endif

/// The kernel variants of this build, and the one that the process computes with.
package enum KernelChoice {
  /// What this CPU can run, the widest last.
  package static let available: [any KernelSet.Type] = {
    var sets: [any KernelSet.Type] = [KernelsPortable.CompiledKernels.self]
    #if arch(x86_64)
      if segfed_has_avx2() != 0 { sets.append(KernelsAVX2.CompiledKernels.self) }
      if segfed_has_avx512() != 0 { sets.append(KernelsAVX512.CompiledKernels.self) }
    #endif
    return sets
  }()

  /// The widest, unless `SEGFED_KERNELS` names another; a name that does not fit is `check`'s to refuse.
  package static let current: any KernelSet.Type = {
    let wanted = ProcessInfo.processInfo.environment["SEGFED_KERNELS"]
    return available.first { $0.name == wanted } ?? available[available.count - 1]
  }()

  /// Throws `KernelError` where `SEGFED_KERNELS` names a variant that this CPU cannot run or nobody knows.
  package static func check() throws {
    guard let wanted = ProcessInfo.processInfo.environment["SEGFED_KERNELS"] else { return }
    let names = available.map { $0.name }
    if !names.contains(wanted) { throw KernelError.unavailable(found: wanted, available: names) }
  }
}

/// Kernels that cannot be used.
package enum KernelError: DescribedError {
  case unavailable(found: String, available: [String])
  case notPortable(available: [String])
  case contradiction(variable: String, found: String, expected: String)
  case openblasCore(found: String, expected: String)

  package var description: String {
    switch self {
    case .unavailable(let found, let available):
      "environment, SEGFED_KERNELS: found \(found), expected one that this CPU runs: "
        + "\(available.joined(separator: ", ")). Unset it to take the fastest."
    case .notPortable(let available):
      "--numerics portable: found a CPU with the kernels \(available.joined(separator: ", ")), expected one with "
        + "AVX2 and FMA. Leave the option out; results then follow the CPU in their last bits."
    case .contradiction(let variable, let found, let expected):
      "environment, \(variable): found \(found), expected \(expected) or nothing beside --numerics portable. "
        + "Unset it, or leave the option out."
    case .openblasCore(let found, let expected):
      "OpenBLAS: found its \(found) kernels in spite of OPENBLAS_CORETYPE, expected \(expected) for --numerics "
        + "portable. Install an OpenBLAS that chooses at run time (DYNAMIC_ARCH, as Debian's does)."
    }
  }
}
