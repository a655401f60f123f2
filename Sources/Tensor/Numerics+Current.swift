import Foundations

extension Numerics {
  /// What this process computes with.
  package static var current: Numerics {
    Numerics(kernels: "portable", openblasCore: BLAS.core, openblasVersion: BLAS.version)
  }
}
