import Kernels
import Tensor

extension PatchWorkspace {
  /// Gaussian blur of a plane by deviations in voxels along x, y, z.
  func blur(_ plane: UnsafeMutablePointer<Float>, deviation: SIMD3<Double>) {
    filter(
      plane, depth: patch.depth == 1 ? nil : .blur(deviation: deviation.z, extent: patch.depth),
      height: .blur(deviation: deviation.y, extent: patch.height),
      width: .blur(deviation: deviation.x, extent: patch.width))
  }

  /// To a coarser grid and back; `fixedAxis` keeps its resolution.
  func lowerResolution(_ plane: UnsafeMutablePointer<Float>, scale: Double, fixedAxis: Int?) {
    func along(_ axis: Int, _ extent: Int) -> AxisFilter {
      .lowResolution(scale: axis == fixedAxis ? 1 : scale, extent: extent)
    }
    filter(
      plane, depth: patch.depth == 1 || fixedAxis == 2 ? nil : along(2, patch.depth),
      height: along(1, patch.height), width: along(0, patch.width))
  }

  /// Filters a plane along one axis after the other.
  func filter(
    _ plane: UnsafeMutablePointer<Float>, depth: AxisFilter?, height: AxisFilter?, width: AxisFilter?
  ) {
    var (source, target) = (plane, spare)
    if let depth {
      combine(depth, outer: 1, inner: patch.height * patch.width, from: source, to: target)
      swap(&source, &target)
    }
    if let height {
      combine(height, outer: patch.depth, inner: patch.width, from: source, to: target)
      swap(&source, &target)
    }
    if let width {
      for row in 0..<(patch.depth * patch.height) {
        let offset = row * patch.width
        filterLine(width, from: source + offset, to: plane + offset)
      }
    } else if source != plane {
      plane.update(from: source, count: patch.product)
    }
  }

  /// Filters the middle axis of `(outer, extent, inner)`, whole runs of `inner` values at once.
  private func combine(
    _ filter: AxisFilter, outer: Int, inner: Int, from source: UnsafePointer<Float>,
    to target: UnsafeMutablePointer<Float>
  ) {
    let taps = filter.taps
    let offsets = filter.positions.map { $0 * inner }
    offsets.withUnsafeBufferPointer { offsets in
      filter.weights.withUnsafeBufferPointer { weights in
        for block in 0..<outer {
          let first = block * filter.extent * inner
          for place in 0..<filter.extent {
            kernels.weightedSum(
              source + first, offsets: offsets.baseAddress! + place * taps,
              weights: weights.baseAddress! + place * taps, taps: taps, count: inner,
              into: target + first + place * inner)
          }
        }
      }
    }
  }

  /// Filters a line along x, also in place.
  private func filterLine(
    _ filter: AxisFilter, from source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>
  ) {
    let taps = filter.taps
    let width = patch.width
    filter.positions.withUnsafeBufferPointer { positions in
      filter.weights.withUnsafeBufferPointer { weights in
        if filter.isShiftInvariant {
          // With its ends reflected, each tap is the line itself, shifted.
          let reach = taps / 2
          (line + reach).update(from: source, count: width)
          for i in 0..<reach {
            line[i] = source[AxisFilter.reflected(i - reach, extent: width)]
            line[reach + width + i] = source[AxisFilter.reflected(width + i, extent: width)]
          }
          kernels.weightedSum(
            line, offsets: Self.shifts, weights: weights.baseAddress!, taps: taps, count: width, into: target)
        } else {
          line.update(from: source, count: width)
          kernels.gatheredSum(
            line, positions: positions.baseAddress!, weights: weights.baseAddress!, taps: taps, count: width,
            into: target)
        }
      }
    }
  }

  /// As many as the widest filter has taps.
  private static let shifts = Array(0..<16)
}
