import Kernels
import Testing

struct LossKernelsTests {
  @Test func softmaxSurvivesHugeLogits() {
    let logits: [Float] = [1000, 999, -1000, 3, 3, 3]
    var p = [Float](repeating: .nan, count: 6)
    p.withUnsafeMutableBufferPointer { softmaxRows(logits, rows: 2, classes: 3, into: $0.baseAddress!) }
    // 1 / (1 + e⁻¹)
    #expect(abs(p[0] - 0.7310586) < 1e-6)
    #expect(p[2] == 0)
    #expect(abs(p[3] - 1.0 / 3) < 1e-6)
  }

  @Test func softmaxAddIsWeighted() {
    let logits: [Float] = [0, 0]
    var sums: [Float] = [1, 2]
    sums.withUnsafeMutableBufferPointer {
      softmaxAdd(logits, classes: 2, weight: 0.5, into: $0.baseAddress!)
    }
    #expect(sums == [1.25, 2.25])
  }
}
