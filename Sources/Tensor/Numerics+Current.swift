import Foundations

extension Numerics {
  /// What this process computes with.
  package static var current: Numerics {
    Numerics(kernels: KernelChoice.current.name, openblasCore: BLAS.core, openblasVersion: BLAS.version)
  }
}
