import Foundations
import Imaging

/// A part of a scan's grid cut finer, on which anatomy is evaluated before the scanner blurs it into voxels.
struct FineGrid: Sendable {
  /// First voxel and number of voxels of the part that holds the brain.
  let lower: SIMD3<Int>
  let size: SIMD3<Int>
  /// Samples per voxel along i, j, k.
  let factors: SIMD3<Int>
  /// mm of the first sample, and from one sample to the next along i, j, k.
  let origin: SIMD3<Float>
  let steps: [SIMD3<Float>]

  /// Samples along i, j, k.
  var samples: SIMD3<Int> { SIMD3(size.x * factors.x, size.y * factors.y, size.z * factors.z) }

  /// mm between samples, the finest axis.
  let resolution: Float

  init(_ geometry: Geometry) {
    let affine = geometry.affine
    let spacing = geometry.spacing
    // Samples lie 1 to 1.5 mm apart, or as far as the voxels where those are finer.
    let target = max(1, min(1.5, spacing.min() / 2))
    let half = SIMD3<Double>(
      Double(BrainAnatomy.halfExtent.x), Double(BrainAnatomy.halfExtent.y), Double(BrainAnatomy.halfExtent.z))
    var lower = SIMD3<Int>.zero
    var size = SIMD3<Int>.zero
    var factors = SIMD3<Int>.one
    var steps: [SIMD3<Float>] = []
    var corner = SIMD3<Double>.zero
    for axis in 0..<3 {
      let column = affine.column(axis)
      let square = (column * column).sum()
      let offset = SIMD3(affine.rows[0].w, affine.rows[1].w, affine.rows[2].w)
      let middle = -(offset * column).sum() / square
      let reach = (abs(column.x) * half.x + abs(column.y) * half.y + abs(column.z) * half.z) / square
      let first = max(0, Int((middle - reach).rounded(.down)))
      let last = min(geometry.size[axis] - 1, Int((middle + reach).rounded(.up)))
      lower[axis] = first
      size[axis] = max(1, last - first + 1)
      factors[axis] = max(1, Int((spacing[axis] / target).rounded()))
      let step = column / Double(factors[axis])
      steps.append(SIMD3<Float>(Float(step.x), Float(step.y), Float(step.z)))
      corner[axis] = Double(first) + 0.5 / Double(factors[axis]) - 0.5
    }
    self.lower = lower
    self.size = size
    self.factors = factors
    self.steps = steps
    let world = affine.world(corner)
    origin = SIMD3(Float(world.x), Float(world.y), Float(world.z))
    resolution = Float(
      min(
        spacing.x / Double(factors.x), min(spacing.y / Double(factors.y), spacing.z / Double(factors.z))))
  }

  /// Gathers samples into voxels along one axis with the same weights everywhere; outside there is nothing.
  ///
  /// `values` has `counts` samples (i fastest); the result has `size[axis]` along the axis instead.
  static func gather(
    _ values: [SIMD4<Float>], counts: SIMD3<Int>, axis: Int, factor: Int, weights: [Float],
    loop: ParallelLoop
  ) -> [SIMD4<Float>] {
    if weights.count == 1 { return values }
    let inner = axis == 0 ? 1 : axis == 1 ? counts.x : counts.x * counts.y
    let length = counts[axis]
    let outer = values.count / (inner * length)
    let target = length / factor
    let before = (weights.count - factor) / 2
    var result = [SIMD4<Float>](repeating: .zero, count: outer * target * inner)
    values.withUnsafeBufferPointer { source in
      nonisolated(unsafe) let source = source
      result.withUnsafeMutableBufferPointer { buffer in
        nonisolated(unsafe) let buffer = buffer
        weights.withUnsafeBufferPointer { weights in
          nonisolated(unsafe) let weights = weights
          // Pieces by shape alone: whole outer blocks, or planes along the last axis.
          let blocks = axis == 2 ? target : outer
          loop.forEach(blocks) { block, _ in
            let range = axis == 2 ? block..<(block + 1) : 0..<target
            let base = axis == 2 ? 0 : block
            for t in range {
              let first = t * factor - before
              let into = (base * target + t) * inner
              for w in 0..<weights.count {
                let from = first + w
                if from < 0 || from >= length { continue }
                let start = (base * length + from) * inner
                let weight = weights[w]
                for x in 0..<inner { buffer[into + x] += source[start + x] * weight }
              }
            }
          }
        }
      }
    }
    return result
  }

  /// Weights of a Gaussian of the given width (full width at half maximum, in voxels) over samples.
  static func gaussian(width: Double, factor: Int) -> [Float] {
    let deviation = width * Double(factor) / 2.354820045
    let reach = max(factor / 2, Int((2.2 * deviation).rounded(.up)))
    let side = max(0, reach - factor / 2)
    let count = factor + 2 * side
    var weights = (0..<count).map { index in
      let distance = (Double(index) - Double(count - 1) / 2) / max(0.05, deviation)
      return PortableMath.exp(-0.5 * distance * distance)
    }
    let sum = weights.reduce(0, +)
    weights = weights.map { $0 / sum }
    return weights.map { Float($0) }
  }
}
