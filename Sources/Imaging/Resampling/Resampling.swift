import Foundations

/// Changes of a grid's size with its edges kept in place, as `skimage.transform.resize` and
/// `scipy.ndimage.zoom(grid_mode=True, mode="nearest")` do: output i lies at (i + ½) · old / new − ½.
package enum Resampling {
  /// The size at another spacing: round-half-even(old spacing / new spacing · size), 1 at least (nnU-Net).
  package static func size(
    of geometry: Geometry, atSpacing spacing: SIMD3<Double>
  ) -> SIMD3<Int> {
    var size = geometry.size
    let old = geometry.spacing
    for axis in 0..<3 {
      let exact = old[axis] / spacing[axis] * Double(geometry.size[axis])
      size[axis] = max(1, Int(exact.rounded(.toNearestOrEven)))
    }
    return size
  }

  /// The grid with `size` voxels over the same box in the patient.
  package static func geometry(of geometry: Geometry, resizedTo size: SIMD3<Int>) -> Geometry {
    if size == geometry.size { return geometry }
    var first = SIMD3<Double>.zero
    var ratio = SIMD3<Double>.one
    for axis in 0..<3 {
      ratio[axis] = Double(geometry.size[axis]) / Double(size[axis])
      first[axis] = 0.5 * ratio[axis] - 0.5
    }
    let origin = geometry.affine.world(first)
    let rows = (0..<3).map { row in
      let old = geometry.affine.rows[row]
      return SIMD4(old.x * ratio.x, old.y * ratio.y, old.z * ratio.z, origin[row])
    }
    return Geometry(size: size, affine: AffineTransform(rows: rows))
  }

  /// Where each of `new` samples falls among `old`: the two neighbours and the weight of the second.
  package struct LinearTaps: Sendable {
    package var lower: [Int]
    package var upper: [Int]
    package var weight: [Float]

    package init(old: Int, new: Int) {
      lower = []
      upper = []
      weight = []
      for index in 0..<new {
        let exact = (Double(index) + 0.5) * Double(old) / Double(new) - 0.5
        let position = min(max(exact, 0), Double(old - 1))
        let whole = position.rounded(.down)
        lower.append(Int(whole))
        upper.append(min(Int(whole) + 1, old - 1))
        weight.append(Float(position - whole))
      }
    }

    private init(lower: [Int], upper: [Int], weight: [Float]) {
      (self.lower, self.upper, self.weight) = (lower, upper, weight)
    }

    /// The nearest sample instead of a blend of two.
    package static func nearest(old: Int, new: Int) -> LinearTaps {
      let taps = nearestTaps(old: old, new: new)
      return LinearTaps(lower: taps, upper: taps, weight: [Float](repeating: 0, count: new))
    }
  }

  /// For each of `new` samples the nearest of `old`, ties to the higher.
  static func nearestTaps(old: Int, new: Int) -> [Int] {
    (0..<new).map { (2 * $0 + 1) * old / (2 * new) }
  }
}

extension Volume {
  /// The scan on a grid of `size` over the same box, by trilinear interpolation with clamped edges.
  package func resizedLinearly(to size: SIMD3<Int>, loop: ParallelLoop) -> Volume {
    if size == geometry.size { return self }
    let old = geometry.size
    let x = Resampling.LinearTaps(old: old.x, new: size.x)
    let y = Resampling.LinearTaps(old: old.y, new: size.y)
    let z = Resampling.LinearTaps(old: old.z, new: size.z)
    let count = size.x * size.y * size.z
    let scratch = UnsafeMutablePointer<Float>.allocate(capacity: old.x * loop.threads)
    defer { scratch.deallocate() }
    let resized = [Float](unsafeUninitializedCapacity: count) { output, initialized in
      // Safe: each piece writes its own slice and its worker's scratch row, and the source is only read.
      nonisolated(unsafe) let output = output
      nonisolated(unsafe) let scratch = scratch
      voxels.withUnsafeBufferPointer { source in
        nonisolated(unsafe) let source = source
        loop.forEach(size.z) { k, worker in
          let row = scratch + worker * old.x
          for j in 0..<size.y {
            let rows = (
              source.baseAddress! + old.x * (y.lower[j] + old.y * z.lower[k]),
              source.baseAddress! + old.x * (y.upper[j] + old.y * z.lower[k]),
              source.baseAddress! + old.x * (y.lower[j] + old.y * z.upper[k]),
              source.baseAddress! + old.x * (y.upper[j] + old.y * z.upper[k])
            )
            Volume.blend(rows, y.weight[j], z.weight[k], into: row, count: old.x)
            let target = output.baseAddress! + size.x * (j + size.y * k)
            Volume.interpolate(row, x, into: target, count: size.x)
          }
        }
      }
      initialized = count
    }
    return Volume(geometry: Resampling.geometry(of: geometry, resizedTo: size), voxels: resized)
  }

  private typealias Rows = (
    UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>
  )

  private static func blend(
    _ rows: Rows, _ y: Float, _ z: Float, into row: UnsafeMutablePointer<Float>, count: Int
  ) {
    for i in 0..<count {
      let lower = rows.0[i] + y * (rows.1[i] - rows.0[i])
      let upper = rows.2[i] + y * (rows.3[i] - rows.2[i])
      row[i] = lower + z * (upper - lower)
    }
  }

  private static func interpolate(
    _ row: UnsafePointer<Float>, _ taps: Resampling.LinearTaps, into target: UnsafeMutablePointer<Float>,
    count: Int
  ) {
    taps.lower.withUnsafeBufferPointer { lower in
      taps.upper.withUnsafeBufferPointer { upper in
        taps.weight.withUnsafeBufferPointer { weight in
          for i in 0..<count {
            let first = row[lower[i]]
            target[i] = first + weight[i] * (row[upper[i]] - first)
          }
        }
      }
    }
  }
}

extension Volume {
  /// The scan on a grid of `size` over the same box, each voxel the nearest one.
  package func resizedToNearest(_ size: SIMD3<Int>, loop: ParallelLoop) -> Volume {
    if size == geometry.size { return self }
    return Volume(
      geometry: Resampling.geometry(of: geometry, resizedTo: size),
      voxels: Resampling.nearest(voxels, from: geometry.size, to: size, loop: loop))
  }
}

extension LabelVolume {
  /// The label map on a grid of `size` over the same box, each voxel the nearest label.
  package func resizedToNearest(_ size: SIMD3<Int>, loop: ParallelLoop) -> LabelVolume {
    if size == geometry.size { return self }
    let labels = Resampling.nearest(labels, from: geometry.size, to: size, loop: loop)
    return LabelVolume(geometry: Resampling.geometry(of: geometry, resizedTo: size), labels: labels)
  }
}

extension Resampling {
  /// Voxels (i fastest) of a grid of `old` size on one of `new` size, each the nearest one.
  package static func nearest<Voxel: BitwiseCopyable & Sendable>(
    _ voxels: [Voxel], from old: SIMD3<Int>, to new: SIMD3<Int>, loop: ParallelLoop
  ) -> [Voxel] {
    let x = nearestTaps(old: old.x, new: new.x)
    let y = nearestTaps(old: old.y, new: new.y)
    let z = nearestTaps(old: old.z, new: new.z)
    let count = new.x * new.y * new.z
    return [Voxel](unsafeUninitializedCapacity: count) { output, initialized in
      // Safe: each piece writes its own slice, and the source is only read.
      nonisolated(unsafe) let output = output
      voxels.withUnsafeBufferPointer { source in
        nonisolated(unsafe) let source = source
        loop.forEach(new.z) { k, _ in
          x.withUnsafeBufferPointer { x in
            for j in 0..<new.y {
              let row = source.baseAddress! + old.x * (y[j] + old.y * z[k])
              let target = output.baseAddress! + new.x * (j + new.y * k)
              for i in 0..<new.x { (target + i).initialize(to: row[x[i]]) }
            }
          }
        }
      }
      initialized = count
    }
  }
}
