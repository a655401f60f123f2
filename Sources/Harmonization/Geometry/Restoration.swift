import Foundations
import Imaging

/// The way from a harmonised grid back to the scan's own grid and orientation.
package struct Restoration: Sendable, Equatable {
  /// The scan's own grid.
  package let geometry: Geometry
  /// What of it was harmonised.
  package let box: GridBox
  /// From the scan's orientation to the harmonised one.
  package let permutation: AxisPermutation
  /// From the box in the harmonised orientation to the harmonised grid.
  package let change: GridChange

  package init(geometry: Geometry, box: GridBox, permutation: AxisPermutation, change: GridChange) {
    (self.geometry, self.box, self.permutation, self.change) = (geometry, box, permutation, change)
  }

  /// The label map of class scores: each voxel of the scan takes the class with the highest linearly resampled score, slice
  /// by slice where the scan was harmonised so (nnU-Net).
  ///
  /// - Parameters:
  ///   - probabilities: `(z, y, x, class)` over the harmonised grid, class fastest.
  ///   - labelValues: the label of each class; class 0 is background, and is what lies outside the box.
  ///     Of equal scores the lowest class wins.
  package func restore(
    probabilities: UnsafeBufferPointer<Float>, classes: Int, labelValues: [UInt16], loop: ParallelLoop
  ) -> LabelVolume {
    let (from, size) = (change.new, change.old)
    precondition(
      probabilities.count == from.x * from.y * from.z * classes && labelValues.count == classes,
      "one score for each class and voxel of the harmonised grid")
    let taps = ScoreTaps(change)
    let rowLength = from.x * classes
    let scratch = UnsafeMutablePointer<Float>.allocate(capacity: rowLength * loop.threads)
    defer { scratch.deallocate() }
    let labels = [UInt16](unsafeUninitializedCapacity: size.x * size.y * size.z) { output, initialized in
      // Safe: each piece writes its own slice and its worker's scratch row; the scores are only read.
      nonisolated(unsafe) let output = output
      nonisolated(unsafe) let scratch = scratch
      nonisolated(unsafe) let scores = probabilities.baseAddress!
      loop.forEach(size.z) { k, worker in
        let row = scratch + worker * rowLength
        for j in 0..<size.y {
          taps.blend(scores, j: j, k: k, length: rowLength, into: row)
          taps.classify(
            row, classes: classes, labelValues: labelValues,
            into: output.baseAddress! + size.x * (j + size.y * k))
        }
      }
      initialized = size.x * size.y * size.z
    }
    let cut = permutation.geometry(of: box.geometry(in: geometry))
    let turned = LabelVolume(geometry: cut, labels: labels).permuted(permutation.inverse, loop: loop)
    return turned.placed(in: box, of: geometry)
  }
}

/// Where the voxels of the box fall in the harmonised grid.
private struct ScoreTaps {
  private let x: Resampling.LinearTaps
  private let y: Resampling.LinearTaps
  private let z: Resampling.LinearTaps
  private let rows: Int

  init(_ change: GridChange) {
    func taps(_ axis: Int) -> Resampling.LinearTaps {
      change.sliceAxis == axis
        ? .nearest(old: change.new[axis], new: change.old[axis])
        : Resampling.LinearTaps(old: change.new[axis], new: change.old[axis])
    }
    (x, y, z) = (taps(0), taps(1), taps(2))
    rows = change.new.y
  }

  /// Blends the four rows of scores around (j, k) into `row`: x, then class.
  func blend(
    _ scores: UnsafePointer<Float>, j: Int, k: Int, length: Int, into row: UnsafeMutablePointer<Float>
  ) {
    let (wy, wz) = (y.weight[j], z.weight[k])
    let corners = [
      (y.lower[j], z.lower[k], (1 - wy) * (1 - wz)), (y.upper[j], z.lower[k], wy * (1 - wz)),
      (y.lower[j], z.upper[k], (1 - wy) * wz), (y.upper[j], z.upper[k], wy * wz),
    ]
    row.update(repeating: 0, count: length)
    for (atY, atZ, weight) in corners where weight > 0 {
      let source = scores + length * (atY + rows * atZ)
      for index in 0..<length { row[index] += weight * source[index] }
    }
  }

  func classify(
    _ row: UnsafePointer<Float>, classes: Int, labelValues: [UInt16],
    into target: UnsafeMutablePointer<UInt16>
  ) {
    x.lower.withUnsafeBufferPointer { lower in
      x.upper.withUnsafeBufferPointer { upper in
        x.weight.withUnsafeBufferPointer { weight in
          for i in 0..<lower.count {
            let (a, b) = (row + lower[i] * classes, row + upper[i] * classes)
            let w = weight[i]
            var best = 0
            var highest = a[0] + w * (b[0] - a[0])
            for label in stride(from: 1, to: classes, by: 1) {
              let score = a[label] + w * (b[label] - a[label])
              if score > highest { (best, highest) = (label, score) }
            }
            (target + i).initialize(to: labelValues[best])
          }
        }
      }
    }
  }
}
