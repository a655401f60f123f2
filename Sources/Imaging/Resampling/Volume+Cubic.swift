import Foundations

extension Volume {
  /// The scan on a grid of `size` over the same box, by cubic B-splines with edges kept in place and the result kept
  /// between the scan's least and largest value: `skimage.transform.resize(order=3, mode="edge", anti_aliasing=False)`,
  /// which nnU-Net uses.
  package func resizedCubically(to size: SIMD3<Int>, loop: ParallelLoop) -> Volume {
    if size == geometry.size { return self }
    var (values, extent) = (voxels, geometry.size)
    for axis in 0..<3 where size[axis] != extent[axis] {
      values = Self.resized(values, extent, axis: axis, to: size[axis], loop: loop)
      extent[axis] = size[axis]
    }
    let (least, largest) = voxels.withUnsafeBufferPointer { voxels in
      voxels.reduce((Float.infinity, -Float.infinity)) { (min($0.0, $1), max($0.1, $1)) }
    }
    values.withUnsafeMutableBufferPointer { values in
      for index in 0..<values.count { values[index] = min(max(values[index], least), largest) }
    }
    return Volume(geometry: Resampling.geometry(of: geometry, resizedTo: size), voxels: values)
  }

  /// Lines along one axis to `count` samples each; lines next to each other are taken together.
  private static func resized(
    _ voxels: [Float], _ size: SIMD3<Int>, axis: Int, to count: Int, loop: ParallelLoop
  ) -> [Float] {
    let spline = CubicSpline(old: size[axis], new: count)
    // Values from one sample of a line to the next, and lines that lie side by side in memory.
    let step = axis == 0 ? 1 : axis == 1 ? size.x : size.x * size.y
    let groups = axis == 0 ? 1 : axis == 1 ? size.z : 1
    let lines = size.x * size.y * size.z / size[axis] / groups
    let (laneStep, targetLaneStep) = axis == 0 ? (size.x, count) : (1, 1)
    let chunk = 64
    let chunks = (lines + chunk - 1) / chunk
    let total = voxels.count / size[axis] * count
    return [Float](unsafeUninitializedCapacity: total) { output, initialized in
      let scratch = UnsafeMutablePointer<Double>.allocate(capacity: spline.paddedCount * chunk * loop.threads)
      defer { scratch.deallocate() }
      // Safe: each piece writes its own lines and its worker's scratch; the source is only read.
      nonisolated(unsafe) let target = output.baseAddress!
      nonisolated(unsafe) let room = scratch
      voxels.withUnsafeBufferPointer { source in
        nonisolated(unsafe) let source = source.baseAddress!
        loop.forEach(groups * chunks) { index, worker in
          let (group, first) = (index / chunks, index % chunks * chunk)
          spline.resample(
            source + group * lines * size[axis] + first * laneStep, laneStep: laneStep, step: step,
            lanes: min(chunk, lines - first), into: target + group * lines * count + first * targetLaneStep,
            targetLaneStep: targetLaneStep, targetStep: step,
            scratch: room + worker * spline.paddedCount * chunk)
        }
      }
      initialized = total
    }
  }
}
