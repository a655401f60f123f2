import Kernels
import Tensor
import TestSupport
import Testing

/// Which variants a CPU gets.
@Suite struct KernelChoiceTests {
  private var names: [String] { KernelChoice.available.map { $0.name } }

  @Test func thePortableVariantIsAlwaysThere() {
    #expect(names == Array(["portable", "avx2", "avx512"].prefix(names.count)))
    #expect(names.contains(KernelChoice.current.name))
  }

  /// CPUs that qemu imitates: one has AVX2, the other not even AVX.
  @Test(.enabled(if: Emulation.cpu != nil, "only under emulation")) func anEmulatedCPUGetsItsVariants() throws
  {
    let expected = ["Haswell": ["portable", "avx2"], "Nehalem": ["portable"]]
    let cpu = try #require(Emulation.cpu)
    #expect(try names == #require(expected[cpu]))
  }
}
