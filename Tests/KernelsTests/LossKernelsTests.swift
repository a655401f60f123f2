import Kernels
import Tensor
import Testing

/// Each test runs every kernel variant of this CPU.
struct LossKernelsTests {
  @Test func softmaxSurvivesHugeLogits() {
    let logits: [Float] = [1000, 999, -1000, 3, 3, 3]
    for kernels in KernelChoice.available {
      var p = [Float](repeating: .nan, count: 6)
      p.withUnsafeMutableBufferPointer {
        kernels.softmaxRows(logits, rows: 2, classes: 3, into: $0.baseAddress!)
      }
      // 1 / (1 + e⁻¹)
      #expect(abs(p[0] - 0.7310586) < 1e-6)
      #expect(p[2] == 0)
      #expect(abs(p[3] - 1.0 / 3) < 1e-6)
    }
  }
}
