import Foundations

extension Numerics {
  /// What this process computes with, chosen in this way.
  package static func current(_ mode: Mode) -> Numerics {
    Numerics(
      mode: mode, kernels: KernelChoice.current.name, openblasCore: BLAS.core, openblasVersion: BLAS.version)
  }
}
