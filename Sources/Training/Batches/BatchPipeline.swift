import Dispatch
import Foundation
import Synchronization
import Tensor

/// Prepares batches one ahead: while a step computes, a thread of its own fills the next batch.
///
/// One batch is held here and one in the network, so a finished batch is copied over before its step, and
/// the next is begun. What a batch holds follows from its name (round, step) alone.
package final class BatchPipeline {
  private let slot: BatchSlot

  package init(sampler: PatchSampler, batch: Int) {
    slot = BatchSlot(sampler: sampler, batch: batch)
  }

  /// Runs `body`, which takes the batches of the steps `first`, `first` + 1, … of a round of `steps` steps.
  ///
  /// When this returns or throws, the thread has ended.
  package func run<Result>(
    round: Int, from first: Int = 0, steps: Int, _ body: (BatchSupply) throws -> Result
  ) rethrows -> Result {
    let supply = BatchSupply(slot, steps: steps - first)
    let turns = supply.turns
    let slot = slot
    let thread = Thread {
      for step in first..<steps {
        turns.slotIsFree.wait()
        if turns.isOver.load(ordering: .acquiring) { break }
        slot.fill(round: round, step: step)
        turns.slotIsFull.signal()
      }
      turns.threadHasEnded.signal()
    }
    thread.name = "segfed.batches"
    thread.start()
    turns.slotIsFree.signal()
    defer {
      turns.isOver.store(true, ordering: .releasing)
      turns.slotIsFree.signal()
      turns.threadHasEnded.wait()
    }
    return try body(supply)
  }
}

/// The batches of one run, in order.
package final class BatchSupply {
  fileprivate let turns = Turns()
  private let slot: BatchSlot
  private var left: Int

  fileprivate init(_ slot: BatchSlot, steps: Int) {
    self.slot = slot
    left = steps
  }

  /// Waits for the next batch, if need be, and copies it: `image` `(batch, depth, height, width, channel)`,
  /// `targets` a class index for each voxel.
  package func takeNext(image: UnsafeMutablePointer<Float>, targets: inout [UInt8]) {
    precondition(left > 0, "the run has no more batches")
    left -= 1
    turns.slotIsFull.wait()
    slot.copy(image: image, targets: &targets)
    turns.slotIsFree.signal()
  }
}

/// Whose turn it is with the slot.
private final class Turns: Sendable {
  let slotIsFree = DispatchSemaphore(value: 0)
  let slotIsFull = DispatchSemaphore(value: 0)
  let threadHasEnded = DispatchSemaphore(value: 0)
  let isOver = Atomic(false)
}

/// Memory for one batch, and what fills it.
///
/// `@unchecked Sendable`: between `slotIsFree` and `slotIsFull` only the pipeline's thread touches it, between
/// `slotIsFull` and `slotIsFree` only the thread that takes batches.
private final class BatchSlot: @unchecked Sendable {
  private let sampler: PatchSampler
  private let workspace: PatchWorkspace
  private let batch: Int
  private let image: FloatBuffer
  private var targets: [UInt8]

  init(sampler: PatchSampler, batch: Int) {
    self.sampler = sampler
    self.batch = batch
    workspace = sampler.makeWorkspace()
    let voxels = batch * workspace.patch.product
    image = FloatBuffer(count: voxels * workspace.channels)
    targets = [UInt8](repeating: 0, count: voxels)
  }

  func fill(round: Int, step: Int) {
    let voxels = workspace.patch.product
    targets.withUnsafeMutableBufferPointer { targets in
      for sample in 0..<batch {
        sampler.fill(
          round: round, step: step, sample: sample,
          image: image.pointer + sample * voxels * workspace.channels,
          targets: targets.baseAddress! + sample * voxels, workspace: workspace)
      }
    }
  }

  func copy(image out: UnsafeMutablePointer<Float>, targets labels: inout [UInt8]) {
    out.update(from: image.pointer, count: image.count)
    labels.withUnsafeMutableBufferPointer { labels in
      targets.withUnsafeBufferPointer { _ = labels.update(fromContentsOf: $0) }
    }
  }
}
