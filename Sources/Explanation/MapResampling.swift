import Foundations
import Harmonization
import Imaging
import Tensor

/// A map of one grid on another over the same box, between voxel centres linearly, edges held.
struct MapResampling {
  private let x: Resampling.LinearTaps
  private let y: Resampling.LinearTaps
  private let z: Resampling.LinearTaps
  private let from: SIMD3<Int>

  /// `sliceAxis` is taken from the nearest slice instead (0 is x).
  init(from: SIMD3<Int>, to: SIMD3<Int>, sliceAxis: Int? = nil) {
    func taps(_ axis: Int) -> Resampling.LinearTaps {
      sliceAxis == axis
        ? .nearest(old: from[axis], new: to[axis])
        : Resampling.LinearTaps(old: from[axis], new: to[axis])
    }
    (x, y, z) = (taps(0), taps(1), taps(2))
    self.from = from
  }

  /// Values `(z, y, x)` of the one grid to those of the other.
  func applied(to values: [Float]) -> [Float] {
    precondition(values.count == from.x * from.y * from.z, "a value for each voxel")
    let rows = along(x, values, length: from.x, step: 1)
    let planes = along(y, rows, length: from.y, step: x.lower.count)
    return along(z, planes, length: from.z, step: x.lower.count * y.lower.count)
  }

  /// Blends along one axis, whose neighbours lie `step` values apart.
  private func along(
    _ taps: Resampling.LinearTaps, _ values: [Float], length: Int, step: Int
  ) -> [Float] {
    let outer = values.count / (length * step)
    var result: [Float] = []
    result.reserveCapacity(outer * taps.lower.count * step)
    values.withUnsafeBufferPointer { values in
      for block in 0..<outer {
        for index in taps.lower.indices {
          let lower = (block * length + taps.lower[index]) * step
          let upper = (block * length + taps.upper[index]) * step
          let weight = taps.weight[index]
          for i in 0..<step {
            result.append(values[lower + i] + weight * (values[upper + i] - values[lower + i]))
          }
        }
      }
    }
    return result
  }
}

extension HarmonizedCase {
  /// A map of the harmonised grid, `(z, y, x)`, in the scan's own grid, slice by slice where the scan was harmonised so; 0 outside
  /// of what was harmonised.
  func inScan(_ values: [Float], loop: ParallelLoop) -> Volume {
    let change = restoration.change
    let box = MapResampling(from: change.new, to: change.old, sliceAxis: change.sliceAxis)
      .applied(to: values)
    let turned = restoration.permutation.inverse.applied(to: box, size: change.old, loop: loop)
    var whole = [Float](repeating: 0, count: restoration.geometry.count)
    restoration.box.paste(turned, into: &whole, of: restoration.geometry.size)
    return Volume(geometry: restoration.geometry, voxels: whole)
  }
}
