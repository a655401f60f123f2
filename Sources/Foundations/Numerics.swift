/// What the bits of a run depend on: two runs are equal only under equal numerics.
package struct Numerics: Sendable, Equatable, Codable {
  /// The kernel variant of the build, such as `avx2`.
  package let kernels: String
  package let openblasCore: String
  package let openblasVersion: String

  private enum CodingKeys: String, CodingKey {
    case kernels
    case openblasCore = "openblas_core"
    case openblasVersion = "openblas_version"
  }

  package init(kernels: String, openblasCore: String, openblasVersion: String) {
    self.kernels = kernels
    self.openblasCore = openblasCore
    self.openblasVersion = openblasVersion
  }
}
