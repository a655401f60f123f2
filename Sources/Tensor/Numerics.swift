/// What the bits of a run depend on besides its inputs: the kernels and the BLAS that computed it.
package struct Numerics: Sendable, Equatable, Codable {
  /// The kernel variant of this build.
  package var kernels: String
  /// OpenBLAS' kernel set, which follows the CPU.
  package var openblasCore: String
  /// OpenBLAS' version.
  package var openblasVersion: String

  enum CodingKeys: String, CodingKey {
    case kernels
    case openblasCore = "openblas_core"
    case openblasVersion = "openblas_version"
  }

  /// Those of this process.
  package static var current: Numerics {
    Numerics(kernels: "portable", openblasCore: BLAS.core, openblasVersion: BLAS.version)
  }
}
