import Foundations
import Harmonization
import NeuralNetwork
import Tensor

/// Class probabilities of a whole case from overlapping patches (nnU-Net: half-patch steps, Gaussian weights σ = patch/8).
package struct SlidingWindow: Sendable {
  private let plan: TrainingPlan
  private let pool: NetworkPool

  package init(plan: TrainingPlan, pool: NetworkPool) {
    self.plan = plan
    self.pool = pool
  }

  /// Probabilities `(z, y, x, class)` of a harmonised case. Throws `NetworkError`.
  package func probabilities(_ item: HarmonizedCase, parameters: FloatBuffer) throws -> [Float] {
    let patch = plan.patchAxes
    let classes = plan.labels.count
    let weights = Self.weights(patch)
    var sums = [Float](repeating: 0, count: item.size.x * item.size.y * item.size.z * classes)
    var totals = [Float](repeating: 0, count: item.size.x * item.size.y * item.size.z)
    try pool.withNetwork(batch: 1, patch: patch, isTraining: false) { network in
      for z in Self.starts(item.size.z, patch.depth) {
        for y in Self.starts(item.size.y, patch.height) {
          for x in Self.starts(item.size.x, patch.width) {
            let window = Window(size: item.size, origin: SIMD3(x, y, z), patch: patch)
            window.load(item, into: network.input)
            network.forward(parameters: parameters)
            window.add(
              network.output, classes: classes, weights: weights, sums: &sums, totals: &totals,
              loop: pool.loop)
          }
        }
      }
    }
    for voxel in totals.indices {
      let inverse = 1 / totals[voxel]
      for c in 0..<classes { sums[voxel * classes + c] *= inverse }
    }
    return sums
  }

  /// First voxels of the windows along an axis: evenly spread, at most half a patch apart (nnU-Net).
  ///
  /// A case smaller than the patch has one window, centred, which begins before the case does.
  package static func starts(_ extent: Int, _ patch: Int) -> [Int] {
    let room = extent - patch
    if room <= 0 { return [-((-room) / 2)] }
    let steps = (2 * room + patch - 1) / patch
    return (0...steps).map {
      // Halves to even, as NumPy rounds.
      Int((Double(room) / Double(steps) * Double($0)).rounded(.toNearestOrEven))
    }
  }

  /// The patch's weights `(depth, height, width)`: a Gaussian of σ = patch/8 around the voxel at patch/2, 1 there (nnU-Net).
  ///
  /// No voxel is further than 4σ from the middle along an axis, so no weight vanishes in `Float`.
  package static func weights(_ patch: Axes) -> [Float] {
    func profile(_ extent: Int) -> [Double] {
      let sigma = Double(extent) / 8
      return (0..<extent).map { i in
        let d = Double(i - extent / 2) / sigma
        return PortableMath.exp(-0.5 * d * d)
      }
    }
    let (d, h, w) = (profile(patch.depth), profile(patch.height), profile(patch.width))
    var values: [Float] = []
    for a in d { for b in h { for c in w { values.append(Float(a * b * c)) } } }
    return values
  }
}

/// One patch's place in a case.
private struct Window {
  let size: SIMD3<Int>
  let origin: SIMD3<Int>
  let patch: Axes

  /// Slices of the patch that lie in the case.
  private var slices: Range<Int> { max(0, -origin.z)..<min(patch.depth, size.z - origin.z) }

  /// Calls `body(voxel in the case, voxel in the patch, run)` for each run of voxels along x of a slice that lies in both.
  private func eachRun(slice d: Int, _ body: (Int, Int, Int) -> Void) {
    let first = max(0, -origin.x)
    let last = min(patch.width, size.x - origin.x)
    for h in max(0, -origin.y)..<min(patch.height, size.y - origin.y) {
      let row = ((origin.z + d) * size.y + origin.y + h) * size.x + origin.x
      body(row + first, (d * patch.height + h) * patch.width + first, last - first)
    }
  }

  func load(_ item: HarmonizedCase, into input: UnsafeMutablePointer<Float>) {
    let channels = item.channels
    input.update(repeating: 0, count: patch.product * channels)
    item.image.withUnsafeBufferPointer { image in
      for d in slices {
        eachRun(slice: d) { voxel, place, count in
          (input + place * channels).update(
            from: image.baseAddress! + voxel * channels, count: count * channels)
        }
      }
    }
  }

  /// Adds the softmax of the logits, weighted; slices side by side, since none shares a voxel with another.
  func add(
    _ logits: UnsafePointer<Float>, classes: Int, weights: [Float], sums: inout [Float],
    totals: inout [Float], loop: ParallelLoop
  ) {
    let first = slices.lowerBound
    sums.withUnsafeMutableBufferPointer { sums in
      totals.withUnsafeMutableBufferPointer { totals in
        weights.withUnsafeBufferPointer { weights in
          loop.forEach(slices.count) { index, _ in
            eachRun(slice: first + index) { voxel, place, count in
              for i in 0..<count { totals[voxel + i] += weights[place + i] }
              KernelChoice.current.softmaxAdd(
                logits + place * classes, rows: count, classes: classes,
                weights: weights.baseAddress! + place, into: sums.baseAddress! + voxel * classes)
            }
          }
        }
      }
    }
  }
}
