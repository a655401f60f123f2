import Foundations
import Tensor

/// Scratch memory that the layers of a compiled network share, one part for each worker.
package struct Workspace {
  /// Values that one worker needs, and values shared by all workers.
  package struct Demand {
    package var perWorker = 0
    package var shared = 0

    package init(perWorker: Int = 0, shared: Int = 0) {
      self.perWorker = perWorker
      self.shared = shared
    }

    package mutating func include(_ other: Demand) {
      perWorker = max(perWorker, other.perWorker)
      shared = max(shared, other.shared)
    }
  }

  private let buffer: FloatBuffer
  private let demand: Demand

  package init(_ demand: Demand, threads: Int) {
    // Rounded so that two workers never write to one cache line.
    let perWorker = (demand.perWorker + 31) / 32 * 32
    self.demand = Demand(perWorker: perWorker, shared: demand.shared)
    buffer = FloatBuffer(count: perWorker * threads + demand.shared)
  }

  /// The scratch of one worker.
  package func worker(_ index: Int) -> UnsafeMutablePointer<Float> {
    buffer.pointer + index * demand.perWorker
  }

  /// The scratch that all workers share.
  package var shared: UnsafeMutablePointer<Float> {
    buffer.pointer + (buffer.count - demand.shared)
  }
}
