import Foundations
import Tensor
import Testing

struct BLASTests {
  /// All layouts against the triple loop in Double, on a padded matrix.
  @Test(arguments: [BLAS.Layout.asStored, .transposed], [BLAS.Layout.asStored, .transposed])
  func productsEqualTheTripleLoop(aLayout: BLAS.Layout, bLayout: BLAS.Layout) {
    let (m, n, k) = (5, 7, 3)
    var stream = RandomStream(seed: 1, purpose: .test)
    func values(_ count: Int) -> [Float] { (0..<count).map { _ in Float(stream.normal()) } }
    let (a, b, c) = (values(m * k), values(k * n), values(m * 9))
    let lda = aLayout == .asStored ? k : m
    let ldb = bLayout == .asStored ? n : k
    let result = FloatBuffer(c)
    BLAS.multiply(
      m: m, n: n, k: k, a: a, lda: lda, aLayout: aLayout, b: b, ldb: ldb, bLayout: bLayout, beta: 1,
      c: result.pointer, ldc: 9)
    for i in 0..<m {
      for j in 0..<9 {
        var expected = Double(c[i * 9 + j])
        if j < n {
          for t in 0..<k {
            let left = aLayout == .asStored ? a[i * k + t] : a[t * m + i]
            let right = bLayout == .asStored ? b[t * n + j] : b[j * k + t]
            expected += Double(left) * Double(right)
          }
        }
        #expect(abs(Double(result.values[i * 9 + j]) - expected) < 1e-5)
      }
    }
  }

  @Test func numericsNameTheBLAS() {
    #expect(!Numerics.current(.native).openblasCore.isEmpty)
    #expect(Numerics.current(.native).openblasVersion.first?.isNumber == true)
  }
}
