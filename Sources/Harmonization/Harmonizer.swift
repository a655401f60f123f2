import Foundations
import Imaging

/// Brings cases to a common form: closest RAS+, target spacing (linear for scans, nearest for labels), crop
/// to the brain, z-score over brain voxels per contrast.
package enum Harmonizer {
  /// Voxels kept around the brain on each side, where the grid has them.
  package static let margin = 1

  /// Harmonises one case; `images` and `labels` lie on one grid (`CaseLoader` checks it).
  ///
  /// The brain is where any contrast differs from 0; when resampled, its mask goes to the nearest voxel, so
  /// that linear interpolation smears no halo around it. Throws `HarmonizationError`.
  package static func harmonize(
    images: [Volume], labels: LabelVolume?, settings: HarmonizationSettings, loop: ParallelLoop
  ) throws -> HarmonizedCase {
    precondition(!images.isEmpty, "a case has at least one contrast")
    let geometry = images[0].geometry
    precondition(
      images.allSatisfy { $0.geometry.size == geometry.size }
        && (labels.map { $0.geometry.size == geometry.size } ?? true), "a case's files lie on one grid")
    let permutation = settings.reorient ? geometry.affine.permutationToRAS : .identity
    let canonical = permutation.geometry(of: geometry)
    let target =
      settings.spacing.map { Resampling.size(of: canonical, atSpacing: $0) } ?? canonical.size
    let scans = images.map { image in
      let turned = image.permuted(permutation, loop: loop)
      return (
        mask: turned.nonzeroMask(loop: loop), resized: turned.resizedLinearly(to: target, loop: loop).voxels
      )
    }
    let mask = Resampling.nearest(
      Mask.union(scans.map(\.mask)), from: canonical.size, to: target, loop: loop)
    guard let crop = Crop(mask: mask, size: target, margin: margin) else { throw HarmonizationError.noBrain }
    let brain = crop.cut(mask)
    var image = [Float](repeating: 0, count: brain.count * images.count)
    for (channel, scan) in scans.enumerated() {
      let cropped = crop.cut(scan.resized)
      let statistics = Standardization(cropped, mask: brain, size: crop.size)
      guard statistics.deviation > 0 else {
        throw HarmonizationError.constantContrast(index: channel, voxels: statistics.count)
      }
      statistics.write(cropped, mask: brain, into: &image, channel: channel, of: images.count)
    }
    let restoration = Restoration(
      geometry: geometry, permutation: permutation, targetSize: target, cropOrigin: crop.origin,
      cropSize: crop.size)
    let turnedLabels = labels.map {
      crop.cut($0.permuted(permutation, loop: loop).resizedToNearest(target, loop: loop).labels)
    }
    return HarmonizedCase(
      size: crop.size, channels: images.count, image: image, labels: turnedLabels, restoration: restoration)
  }
}

/// Voxel masks: 1 inside, 0 outside, i fastest.
private enum Mask {
  static func union(_ masks: [[UInt16]]) -> [UInt16] {
    var result = masks[0]
    for mask in masks.dropFirst() {
      result.withUnsafeMutableBufferPointer { result in
        mask.withUnsafeBufferPointer { mask in
          for index in 0..<result.count { result[index] |= mask[index] }
        }
      }
    }
    return result
  }
}

extension Volume {
  /// 1 where the scan differs from 0.
  fileprivate func nonzeroMask(loop: ParallelLoop) -> [UInt16] {
    let slice = geometry.size.x * geometry.size.y
    return [UInt16](unsafeUninitializedCapacity: voxels.count) { mask, initialized in
      // Safe: each piece writes its own slice.
      nonisolated(unsafe) let mask = mask
      voxels.withUnsafeBufferPointer { voxels in
        nonisolated(unsafe) let voxels = voxels
        loop.forEach(geometry.size.z) { k, _ in
          for index in k * slice..<(k + 1) * slice {
            mask.initializeElement(at: index, to: voxels[index] != 0 ? 1 : 0)
          }
        }
      }
      initialized = voxels.count
    }
  }
}

/// A box of a grid.
private struct Crop {
  let grid: SIMD3<Int>
  let origin: SIMD3<Int>
  let size: SIMD3<Int>

  /// The bounding box of a mask, widened by `margin` within the grid; nil for an empty mask.
  init?(mask: [UInt16], size grid: SIMD3<Int>, margin: Int) {
    var low = grid
    var high = SIMD3(repeating: -1)
    mask.withUnsafeBufferPointer { mask in
      for k in 0..<grid.z {
        for j in 0..<grid.y {
          let row = grid.x * (j + grid.y * k)
          guard let first = (0..<grid.x).first(where: { mask[row + $0] != 0 }) else { continue }
          let last = (0..<grid.x).last { mask[row + $0] != 0 }!
          low = SIMD3(min(low.x, first), min(low.y, j), min(low.z, k))
          high = SIMD3(max(high.x, last), max(high.y, j), max(high.z, k))
        }
      }
    }
    if high.x < 0 { return nil }
    var (start, end) = (low, high)
    for axis in 0..<3 {
      start[axis] = max(0, low[axis] - margin)
      end[axis] = min(grid[axis] - 1, high[axis] + margin)
    }
    self.grid = grid
    origin = start
    size = end &- start &+ 1
  }

  /// The box's voxels, i fastest, which is `(z, y, x)`.
  func cut<Voxel: BitwiseCopyable>(_ voxels: [Voxel]) -> [Voxel] {
    var result: [Voxel] = []
    result.reserveCapacity(size.x * size.y * size.z)
    for k in origin.z..<origin.z + size.z {
      for j in origin.y..<origin.y + size.y {
        let start = origin.x + grid.x * (j + grid.y * k)
        result.append(contentsOf: voxels[start..<start + size.x])
      }
    }
    return result
  }
}

/// Mean and deviation (over n) of the brain voxels of one contrast, summed slice by slice in Double.
private struct Standardization {
  let count: Int
  let mean: Double
  let deviation: Double

  init(_ voxels: [Float], mask: [UInt16], size: SIMD3<Int>) {
    let slice = size.x * size.y
    var counts = [Int](repeating: 0, count: size.z)
    var sums = [Double](repeating: 0, count: size.z)
    func total(_ term: (Float) -> Double) -> Double {
      sums.withUnsafeMutableBufferPointer { sums in
        counts.withUnsafeMutableBufferPointer { counts in
          voxels.withUnsafeBufferPointer { voxels in
            mask.withUnsafeBufferPointer { mask in
              for k in 0..<size.z {
                var (sum, count) = (0.0, 0)
                for index in k * slice..<(k + 1) * slice where mask[index] != 0 {
                  sum += term(voxels[index])
                  count += 1
                }
                (sums[k], counts[k]) = (sum, count)
              }
            }
          }
        }
      }
      return sums.reduce(0, +)
    }
    let sum = total { Double($0) }
    let number = counts.reduce(0, +)
    let mean = sum / Double(max(1, number))
    let squares = total { (Double($0) - mean) * (Double($0) - mean) }
    count = number
    self.mean = mean
    deviation = (squares / Double(max(1, number))).squareRoot()
  }

  func write(_ voxels: [Float], mask: [UInt16], into image: inout [Float], channel: Int, of channels: Int) {
    let scale = 1 / deviation
    image.withUnsafeMutableBufferPointer { image in
      voxels.withUnsafeBufferPointer { voxels in
        mask.withUnsafeBufferPointer { mask in
          for index in 0..<voxels.count where mask[index] != 0 {
            image[index * channels + channel] = Float((Double(voxels[index]) - mean) * scale)
          }
        }
      }
    }
  }
}
