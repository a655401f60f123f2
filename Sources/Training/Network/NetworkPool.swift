import Foundations
import NeuralNetwork
import Synchronization
import Tensor

/// Compiled networks, kept for the next site of the process: sites take turns, so memory does not grow with them.
package final class NetworkPool: Sendable {
  /// `@unchecked Sendable`: a network is in the list, behind its lock, or held by one borrower.
  private struct Entry: @unchecked Sendable {
    let batch: Int
    let patch: Axes
    let isTraining: Bool
    let network: UNet
  }

  package let architecture: UNetArchitecture
  package let loop: ParallelLoop
  package let options: NetworkOptions
  let choice: ConvolutionChoice?
  private let free = Mutex<[Entry]>([])

  /// `choice` is a tuning table's; without one the cost model chooses each convolution's strategies.
  package init(
    _ architecture: UNetArchitecture, loop: ParallelLoop, options: NetworkOptions = NetworkOptions(),
    choice: ConvolutionChoice? = nil
  ) {
    self.architecture = architecture
    self.loop = loop
    self.options = options
    self.choice = choice
  }

  /// Lends a network compiled for this batch shape. Throws `NetworkError`, and what `body` throws.
  package func withNetwork<Result>(
    batch: Int, patch: Axes, isTraining: Bool, _ body: (UNet) throws -> Result
  ) throws -> Result {
    let waiting = free.withLock { entries -> Entry? in
      let index = entries.firstIndex {
        $0.batch == batch && $0.patch == patch && $0.isTraining == isTraining
      }
      return index.map { entries.remove(at: $0) }
    }
    let entry =
      try waiting
      ?? Entry(
        batch: batch, patch: patch, isTraining: isTraining,
        network: UNet(
          architecture, batch: batch, patch: patch, isTraining: isTraining, loop: loop, choice: choice,
          options: options))
    defer { free.withLock { $0.append(entry) } }
    return try body(entry.network)
  }
}
