import Foundations

/// Slice by slice across `axis`, along which each new slice is the nearest old one: nnU-Net's way with scans whose slices
/// are more than 3 times as thick as their voxels are wide.
extension Volume {
  /// The scan on a grid of `size` over the same box: cubic B-splines within each slice, as `resizedCubically`.
  package func resizedSliceWise(to size: SIMD3<Int>, across axis: Int, loop: ParallelLoop) -> Volume {
    if size == geometry.size { return self }
    return Volume(
      geometry: Resampling.geometry(of: geometry, resizedTo: size),
      voxels: Resampling.sliceWise(geometry.size, to: size, across: axis) { slice, sliceSize in
        cropped(to: slice).resizedCubically(to: sliceSize, loop: loop).voxels
      })
  }
}

extension LabelVolume {
  /// The label map on a grid of `size` over the same box: shares within each slice, as `resizedByLabel`.
  package func resizedSliceWise(to size: SIMD3<Int>, across axis: Int, loop: ParallelLoop) -> LabelVolume {
    if size == geometry.size { return self }
    return LabelVolume(
      geometry: Resampling.geometry(of: geometry, resizedTo: size),
      labels: Resampling.sliceWise(geometry.size, to: size, across: axis) { slice, sliceSize in
        cropped(to: slice).resizedByLabel(to: sliceSize, loop: loop).labels
      })
  }
}

extension Resampling {
  /// `resize` gives an old slice's voxels at the new size; each slice that is needed is asked for once.
  fileprivate static func sliceWise<Voxel: BitwiseCopyable & AdditiveArithmetic>(
    _ old: SIMD3<Int>, to size: SIMD3<Int>, across axis: Int,
    resize: (_ slice: GridBox, _ size: SIMD3<Int>) -> [Voxel]
  ) -> [Voxel] {
    let taps = nearestTaps(old: old[axis], new: size[axis])
    let sliceSize = GridBox.slice(0, across: axis, of: size).size
    var result = [Voxel](repeating: .zero, count: size.x * size.y * size.z)
    var last: (tap: Int, slice: [Voxel])?
    for (index, tap) in taps.enumerated() {
      let slice: [Voxel]
      if let last, last.tap == tap {
        slice = last.slice
      } else {
        slice = resize(.slice(tap, across: axis, of: old), sliceSize)
      }
      last = (tap, slice)
      GridBox.slice(index, across: axis, of: size).paste(slice, into: &result, of: size)
    }
    return result
  }
}
