import Foundations
import Tensor

/// Scratch memory that the layers of a compiled network share, one part for each worker.
package struct Workspace {
  /// Values that one worker needs, values shared by all workers, and double-precision partial sums.
  package struct Demand: Sendable, Equatable {
    package var perWorker = 0
    package var shared = 0
    package var sums = 0

    package init(perWorker: Int = 0, shared: Int = 0, sums: Int = 0) {
      self.perWorker = perWorker
      self.shared = shared
      self.sums = sums
    }

    package mutating func include(_ other: Demand) {
      perWorker = max(perWorker, other.perWorker)
      shared = max(shared, other.shared)
      sums = max(sums, other.sums)
    }

    /// Bytes with that many workers.
    package func bytes(threads: Int) -> Int {
      (Self.rounded(perWorker) * threads + Self.rounded(shared)) * MemoryLayout<Float>.stride
        + sums * MemoryLayout<Double>.stride
    }

    /// Up to whole cache lines, so that two workers never write to one.
    static func rounded(_ count: Int) -> Int { (count + 31) / 32 * 32 }
  }

  private let buffer: FloatBuffer
  private let perWorker: Int
  private let sharedOffset: Int
  private let sumsOffset: Int

  package init(_ demand: Demand, threads: Int) {
    perWorker = Demand.rounded(demand.perWorker)
    sharedOffset = perWorker * threads
    sumsOffset = sharedOffset + Demand.rounded(demand.shared)
    buffer = FloatBuffer(count: sumsOffset + 2 * demand.sums)
  }

  /// The scratch of one worker.
  package func worker(_ index: Int) -> UnsafeMutablePointer<Float> { buffer.pointer + index * perWorker }

  /// The scratch that all workers share.
  package var shared: UnsafeMutablePointer<Float> { buffer.pointer + sharedOffset }

  /// Partial sums, shared by all workers.
  package var sums: UnsafeMutablePointer<Double> {
    UnsafeMutableRawPointer(buffer.pointer + sumsOffset).assumingMemoryBound(to: Double.self)
  }
}
