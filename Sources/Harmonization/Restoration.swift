import Foundations
import Imaging

/// The way from a harmonised grid back to the scan's own grid and orientation.
package struct Restoration: Sendable, Equatable {
  /// The scan's own grid.
  package let geometry: Geometry
  /// From the scan's orientation to the harmonised one.
  package let permutation: AxisPermutation
  /// Voxels along x, y, z at the target spacing, before the crop.
  package let targetSize: SIMD3<Int>
  /// The crop's first voxel and size in that grid.
  package let cropOrigin: SIMD3<Int>
  package let cropSize: SIMD3<Int>

  /// The label map of class scores: each voxel of the scan takes the class with the highest linearly
  /// resampled score.
  ///
  /// - Parameters:
  ///   - probabilities: `(z, y, x, class)` over the harmonised grid, class fastest.
  ///   - labelValues: the label of each class; class 0 is background, and is what lies outside the crop.
  ///     Of equal scores the lowest class wins.
  package func restore(
    probabilities: UnsafeBufferPointer<Float>, classes: Int, labelValues: [UInt16], loop: ParallelLoop
  ) -> LabelVolume {
    precondition(
      probabilities.count == cropSize.x * cropSize.y * cropSize.z * classes && labelValues.count == classes,
      "one score for each class and voxel of the harmonised grid")
    let size = permutation.size(of: geometry.size)
    let taps = Taps(restoration: self, size: size)
    let rowLength = (cropSize.x + 2) * classes
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
          let target = output.baseAddress! + size.x * (j + size.y * k)
          if taps.blend(scores, j: j, k: k, classes: classes, into: row) {
            taps.classify(row, classes: classes, labelValues: labelValues, into: target)
          } else {
            target.initialize(repeating: labelValues[0], count: size.x)
          }
        }
      }
      initialized = size.x * size.y * size.z
    }
    let canonical = LabelVolume(geometry: permutation.geometry(of: geometry), labels: labels)
    let restored = canonical.permuted(permutation.inverse, loop: loop)
    return LabelVolume(geometry: geometry, labels: restored.labels)
  }
}

/// Where the voxels of the scan's (reoriented) grid fall in the crop.
private struct Taps {
  private let x: Resampling.LinearTaps
  private let y: Resampling.LinearTaps
  private let z: Resampling.LinearTaps
  private let origin: SIMD3<Int>
  private let crop: SIMD3<Int>
  /// Positions along x in the scratch row, whose first and last voxel are background around the crop.
  private let lower: [Int]
  private let upper: [Int]

  init(restoration: Restoration, size: SIMD3<Int>) {
    let target = restoration.targetSize
    x = Resampling.LinearTaps(old: target.x, new: size.x)
    y = Resampling.LinearTaps(old: target.y, new: size.y)
    z = Resampling.LinearTaps(old: target.z, new: size.z)
    origin = restoration.cropOrigin
    crop = restoration.cropSize
    let (first, width) = (origin.x, crop.x)
    let place = { (position: Int) in min(max(position - first, -1), width) + 1 }
    lower = x.lower.map(place)
    upper = x.upper.map(place)
  }

  /// Blends the four rows of scores around (j, k) into `row` (crop's x with a background voxel on either
  /// side, then class); false when all four lie outside the crop.
  func blend(
    _ scores: UnsafePointer<Float>, j: Int, k: Int, classes: Int, into row: UnsafeMutablePointer<Float>
  ) -> Bool {
    let (wy, wz) = (y.weight[j], z.weight[k])
    let corners = [
      (y.lower[j], z.lower[k], (1 - wy) * (1 - wz)), (y.upper[j], z.lower[k], wy * (1 - wz)),
      (y.lower[j], z.upper[k], (1 - wy) * wz), (y.upper[j], z.upper[k], wy * wz),
    ]
    let length = crop.x * classes
    row.update(repeating: 0, count: length + 2 * classes)
    let inner = row + classes
    var outside: Float = 0
    var isInside = false
    for (atY, atZ, weight) in corners where weight > 0 {
      let (cy, cz) = (atY - origin.y, atZ - origin.z)
      guard cy >= 0, cy < crop.y, cz >= 0, cz < crop.z else {
        outside += weight
        continue
      }
      isInside = true
      let source = scores + length * (cy + crop.y * cz)
      for index in 0..<length { inner[index] += weight * source[index] }
    }
    if !isInside { return false }
    if outside > 0 {
      for voxel in 0..<crop.x { inner[voxel * classes] += outside }
    }
    row[0] = 1
    row[length + classes] = 1
    return true
  }

  func classify(
    _ row: UnsafePointer<Float>, classes: Int, labelValues: [UInt16],
    into target: UnsafeMutablePointer<UInt16>
  ) {
    lower.withUnsafeBufferPointer { lower in
      upper.withUnsafeBufferPointer { upper in
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
