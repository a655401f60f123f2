import Synchronization
import Training

/// Keeps all maps of a case.
final class CollectedMaps: ScoreMaps {
  let wantsEntropy = true
  /// By slice: probabilities `(output, y, x)` and entropy `(y, x)`.
  let slices = Mutex<[Int: (probabilities: [Float], entropy: [Float])]>([:])

  func take(slice: Int, probabilities: UnsafeBufferPointer<Float>, entropy: UnsafeBufferPointer<Float>) {
    slices.withLock { $0[slice] = (Array(probabilities), Array(entropy)) }
  }

  /// Probabilities `(z, y, x, output)`.
  func probabilities(outputs: Int) -> [Float] {
    slices.withLock { slices in
      slices.keys.sorted().flatMap { z -> [Float] in
        let plane = slices[z]!.probabilities
        let voxels = plane.count / outputs
        return (0..<voxels).flatMap { voxel in (0..<outputs).map { plane[$0 * voxels + voxel] } }
      }
    }
  }

  /// Entropy `(z, y, x)`.
  var entropy: [Float] {
    slices.withLock { slices in slices.keys.sorted().flatMap { slices[$0]!.entropy } }
  }
}
