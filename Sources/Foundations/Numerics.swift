/// What the bits of a run depend on: two runs are equal only under equal numerics.
package struct Numerics: Sendable, Equatable, Codable {
  /// Who chose the kernels.
  package enum Mode: String, Sendable, Codable, CaseIterable {
    /// The CPU: its fastest.
    case native
    /// Nobody: AVX2 and OpenBLAS' Haswell kernels, the same bits on every CPU that runs them.
    case portable
  }

  package let mode: Mode
  /// The kernel variant of the build, such as `avx2`.
  package let kernels: String
  package let openblasCore: String
  package let openblasVersion: String

  private enum CodingKeys: String, CodingKey {
    case mode, kernels
    case openblasCore = "openblas_core"
    case openblasVersion = "openblas_version"
  }

  package init(mode: Mode, kernels: String, openblasCore: String, openblasVersion: String) {
    self.mode = mode
    self.kernels = kernels
    self.openblasCore = openblasCore
    self.openblasVersion = openblasVersion
  }
}
