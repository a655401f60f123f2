import Foundations
import NeuralNetwork
import Synchronization
import Tensor

/// Compiled networks, kept for the next site of the process: sites take turns, so memory does not grow with them.
///
/// `@unchecked Sendable`: a network is held by one borrower at a time; the list is behind a lock.
package final class NetworkPool: @unchecked Sendable {
  private struct Entry {
    let batch: Int
    let patch: Axes
    let isTraining: Bool
    let network: UNet
  }

  package let architecture: UNetArchitecture
  package let loop: ParallelLoop
  private let free = Mutex<[Entry]>([])

  package init(_ architecture: UNetArchitecture, loop: ParallelLoop) {
    self.architecture = architecture
    self.loop = loop
  }

  /// Lends a network compiled for this batch shape. Throws `NetworkError`, and what `body` throws.
  package func withNetwork<Result>(
    batch: Int, patch: Axes, isTraining: Bool, _ body: (UNet) throws -> Result
  ) throws -> Result {
    nonisolated(unsafe) let waiting = free.withLock { entries -> UNet? in
      guard
        let index = entries.firstIndex(where: {
          $0.batch == batch && $0.patch == patch && $0.isTraining == isTraining
        })
      else { return nil }
      return entries.remove(at: index).network
    }
    nonisolated(unsafe) let network =
      try waiting
      ?? UNet(architecture, batch: batch, patch: patch, isTraining: isTraining, loop: loop)
    defer {
      free.withLock {
        $0.append(Entry(batch: batch, patch: patch, isTraining: isTraining, network: network))
      }
    }
    return try body(network)
  }
}
