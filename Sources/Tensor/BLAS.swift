import COpenBLAS

/// Matrix products on OpenBLAS, single-threaded: the parallelism is `ParallelLoop`'s, around it.
package enum BLAS {
  /// Sets OpenBLAS to one thread, once, before the first product.
  private static let prepared: Void = openblas_set_num_threads(1)

  /// Whether a matrix is used as it lies in memory or transposed.
  package enum Layout { case asStored, transposed }

  /// C ← A·B + beta·C, row-major; `a` is (m, k) and `b` is (k, n) after their transposition.
  ///
  /// `lda`, `ldb`, `ldc` are the row lengths as stored, in elements.
  package static func multiply(
    m: Int, n: Int, k: Int,
    a: UnsafePointer<Float>, lda: Int, aLayout: Layout = .asStored,
    b: UnsafePointer<Float>, ldb: Int, bLayout: Layout = .asStored,
    beta: Float, c: UnsafeMutablePointer<Float>, ldc: Int
  ) {
    _ = prepared
    cblas_sgemm(
      CblasRowMajor, aLayout == .asStored ? CblasNoTrans : CblasTrans,
      bLayout == .asStored ? CblasNoTrans : CblasTrans,
      blasint(m), blasint(n), blasint(k), 1, a, blasint(lda), b, blasint(ldb), beta, c, blasint(ldc))
  }

  /// The kernel set that OpenBLAS chose for this CPU (`Haswell`, `SkylakeX`, …).
  package static var core: String { String(cString: openblas_get_corename()) }

  /// Whether a kernel set of OpenBLAS computes with AVX2 or wider; older ones are also what it takes on a CPU that it
  /// does not know.
  package static func isWide(core: String) -> Bool {
    ["haswell", "zen", "excavator", "skylakex", "cooperlake", "sapphirerapids"].contains(core.lowercased())
  }

  /// Whether OpenBLAS chooses its kernels at run time; otherwise it was built for one CPU.
  package static var choosesAtRunTime: Bool {
    String(cString: openblas_get_config()).split(separator: " ").contains("DYNAMIC_ARCH")
  }

  /// Threads that a product is computed with.
  package static var threads: Int {
    _ = prepared
    return Int(openblas_get_num_threads())
  }

  /// OpenBLAS' own version, such as `0.3.21`.
  package static var version: String {
    let words = String(cString: openblas_get_config()).split(separator: " ")
    return words.dropFirst().first.map(String.init) ?? "unknown"
  }
}
