import Foundations
import Tensor

/// What the machine can do at best: products by OpenBLAS, and values through its memory.
package struct MachinePeak: Sendable {
  /// Square `sgemm`, one for each thread at once, in multiply-adds counted twice.
  package let gigaflops: Double
  /// A triad a ← b + s·c over all threads, three arrays beyond the cache, in GB (10⁹ bytes) a second.
  package let gigabytesPerSecond: Double

  /// Measures both, the best of several tries, in about a second.
  package static func measure(_ loop: ParallelLoop) -> MachinePeak {
    let products = Products(threads: loop.threads)
    var seconds = Double.infinity
    for _ in 0..<12 { seconds = min(seconds, products.seconds(loop)) }
    return MachinePeak(
      gigaflops: products.gigaflop / seconds, gigabytesPerSecond: Triad().gigabytesPerSecond(loop))
  }

  /// GFLOP/s of one thread's `sgemm`, in about a fifth of a second; what others take of the core is not counted.
  package static func measureOneThread() -> Double {
    // An emulated or very slow CPU does not come to larger matrices in that time.
    let small = Products(threads: 1, size: 256)
    _ = small.processorSeconds()
    let first = small.processorSeconds()
    if first > 0.01 { return small.gigaflop / first }
    let products = Products(threads: 1)
    let watch = Stopwatch()
    var seconds = Double.infinity
    repeat { seconds = min(seconds, products.processorSeconds()) } while watch.seconds < 0.2
    return products.gigaflop / seconds
  }
}

/// A square product for each thread, each on matrices of its own.
struct Products {
  private let threads: Int
  private let size: Int
  private let a: FloatBuffer
  private let b: FloatBuffer
  private let c: FloatBuffer

  init(threads: Int, size: Int = 768) {
    self.threads = threads
    self.size = size
    let count = threads * size * size
    (a, b, c) = (FloatBuffer(count: count), FloatBuffer(count: count), FloatBuffer(count: count))
    a.fill(with: 0.5)
    b.fill(with: 0.25)
  }

  /// Work of all threads' products.
  var gigaflop: Double { 2 * Double(threads * size * size * size) * 1e-9 }

  /// CPU time of all products in this thread, one behind the other.
  func processorSeconds() -> Double {
    let watch = Stopwatch()
    _ = seconds(.serial)
    return watch.processorSeconds
  }

  /// What all products take.
  func seconds(_ loop: ParallelLoop) -> Double {
    let n = size
    let watch = Stopwatch()
    loop.forEach(threads) { index, _ in
      let offset = index * n * n
      BLAS.multiply(
        m: n, n: n, k: n, a: a.pointer + offset, lda: n, b: b.pointer + offset, ldb: n, beta: 0,
        c: c.pointer + offset, ldc: n)
    }
    return watch.seconds
  }
}

/// McCalpin's STREAM triad, in pieces.
private struct Triad {
  /// 128 MiB an array.
  private static let count = 1 << 25
  private static let piece = 1 << 18

  private let a = FloatBuffer(count: count)
  private let b = FloatBuffer(count: count)
  private let c = FloatBuffer(count: count)

  /// The best of several tries; bytes are those of the three arrays, as STREAM counts them.
  func gigabytesPerSecond(_ loop: ParallelLoop) -> Double {
    var seconds = Double.infinity
    for _ in 0..<8 {
      let watch = Stopwatch()
      loop.forEach(Self.count / Self.piece) { index, _ in run(index * Self.piece) }
      seconds = min(seconds, watch.seconds)
    }
    return 3 * Double(Self.count * MemoryLayout<Float>.stride) * 1e-9 / seconds
  }

  private func run(_ first: Int) {
    let (a, b, c) = (a.pointer + first, b.pointer + first, c.pointer + first)
    for i in 0..<Self.piece { a[i] = b[i] + 3 * c[i] }
  }
}
