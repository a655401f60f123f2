import Imaging

/// Scores of the harmonised grid on the voxels of the box, row by row, so that no array of classes × scan is needed: linear,
/// and from the nearest slice across slices that were harmonised by themselves (nnU-Net).
///
/// Scores are any values that may be blended: logits, probabilities. A slice of them is `(y, x, class)`, class fastest.
package struct ScoreResampling: Sendable {
  /// Voxels along x, y, z of the harmonised grid.
  package let from: SIMD3<Int>
  /// Voxels along x, y, z of the box in the harmonised orientation.
  package let size: SIMD3<Int>
  private let x: Resampling.LinearTaps
  private let y: Resampling.LinearTaps
  private let z: Resampling.LinearTaps

  package init(_ change: GridChange) {
    func taps(_ axis: Int) -> Resampling.LinearTaps {
      change.sliceAxis == axis
        ? .nearest(old: change.new[axis], new: change.old[axis])
        : Resampling.LinearTaps(old: change.new[axis], new: change.old[axis])
    }
    (from, size) = (change.new, change.old)
    (x, y, z) = (taps(0), taps(1), taps(2))
  }

  /// The two slices of the harmonised grid that slice `k` of the box is blended of; neither ever falls with k.
  package func sources(ofSlice k: Int) -> (lower: Int, upper: Int) {
    (z.lower[k], z.weight[k] > 0 ? z.upper[k] : z.lower[k])
  }

  /// Floats that `row` needs as scratch.
  package func scratchCount(classes: Int) -> Int { (from.x + size.x) * classes }

  /// Scores of row j of slice k of the box, `(x, class)`: in `scratch`, or where they lie already if nothing is to be blended.
  ///
  /// `lower` and `upper` are the slices that `sources` names.
  package func row(
    _ j: Int, ofSlice k: Int, classes: Int, lower: UnsafePointer<Float>, upper: UnsafePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    let length = from.x * classes
    let (atLower, atUpper) = (y.lower[j] * length, y.upper[j] * length)
    let (wy, wz) = (y.weight[j], z.weight[k])
    var blended = lower + atLower
    if wy > 0 || wz > 0 {
      scratch.update(repeating: 0, count: length)
      let corners = (
        (lower + atLower, (1 - wy) * (1 - wz)), (lower + atUpper, wy * (1 - wz)),
        (upper + atLower, (1 - wy) * wz), (upper + atUpper, wy * wz)
      )
      add(corners.0, to: scratch, count: length)
      add(corners.1, to: scratch, count: length)
      add(corners.2, to: scratch, count: length)
      add(corners.3, to: scratch, count: length)
      blended = UnsafePointer(scratch)
    }
    if from.x == size.x { return blended }
    let target = scratch + length
    interpolate(blended, classes: classes, into: target)
    return UnsafePointer(target)
  }

  private func add(
    _ corner: (row: UnsafePointer<Float>, weight: Float), to row: UnsafeMutablePointer<Float>, count: Int
  ) {
    guard corner.weight > 0 else { return }
    for index in 0..<count { row[index] += corner.weight * corner.row[index] }
  }

  private func interpolate(
    _ row: UnsafePointer<Float>, classes: Int, into target: UnsafeMutablePointer<Float>
  ) {
    x.lower.withUnsafeBufferPointer { lower in
      x.upper.withUnsafeBufferPointer { upper in
        x.weight.withUnsafeBufferPointer { weight in
          for i in 0..<lower.count {
            let (a, b) = (row + lower[i] * classes, row + upper[i] * classes)
            let (w, to) = (weight[i], target + i * classes)
            for c in 0..<classes { to[c] = a[c] + w * (b[c] - a[c]) }
          }
        }
      }
    }
  }
}
