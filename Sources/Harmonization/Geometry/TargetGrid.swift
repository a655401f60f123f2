import Foundations
import Imaging

/// Where scans are brought to.
package struct TargetGrid: Sendable, Equatable {
  /// Voxel sizes in mm along x, y, z of the reoriented grid; nil keeps the grid (PNG).
  package var spacing: SIMD3<Double>?
  /// Whether grids are flipped and permuted to the closest RAS+ orientation.
  package var reorient: Bool

  package init(spacing: SIMD3<Double>?, reorient: Bool) {
    precondition(spacing.map { $0.min() > 0 } ?? true, "a target spacing is positive")
    self.spacing = spacing
    self.reorient = reorient
  }
}

/// A change of a grid's size, and whether it goes slice by slice (nnU-Net's rule).
package struct GridChange: Sendable, Equatable {
  package let old: SIMD3<Int>
  package let new: SIMD3<Int>
  /// The axis across which slices keep to themselves; nil resamples all axes alike.
  package let sliceAxis: Int?

  /// From a grid to another spacing over the same box; nil keeps the grid.
  init(_ grid: Geometry, to spacing: SIMD3<Double>?) {
    old = grid.size
    new = spacing.map { Resampling.size(of: grid, atSpacing: $0) } ?? grid.size
    sliceAxis = spacing.flatMap { Self.sliceAxis(grid.spacing) ?? Self.sliceAxis($0) }
  }

  package init(old: SIMD3<Int>, new: SIMD3<Int>, sliceAxis: Int?) {
    (self.old, self.new, self.sliceAxis) = (old, new, sliceAxis)
  }

  /// The one axis whose voxels are more than 3 times as long as the shortest; nil where there is none, or two.
  private static func sliceAxis(_ spacing: SIMD3<Double>) -> Int? {
    guard spacing.max() / spacing.min() > 3 else { return nil }
    let longest = (0..<3).filter { spacing[$0] == spacing.max() }
    return longest.count == 1 ? longest[0] : nil
  }

  func resized(_ scan: Volume, _ interpolation: HarmonizationSettings.Interpolation, loop: ParallelLoop)
    -> Volume
  {
    switch (interpolation, sliceAxis) {
    case (.cubic, nil): scan.resizedCubically(to: new, loop: loop)
    case (.cubic, let axis?): scan.resizedSliceWise(to: new, across: axis, loop: loop)
    case (.linear, _): scan.resizedLinearly(to: new, loop: loop)
    case (.nearest, _): scan.resizedToNearest(new, loop: loop)
    }
  }

  func resized(_ labels: LabelVolume, loop: ParallelLoop) -> LabelVolume {
    if let sliceAxis { return labels.resizedSliceWise(to: new, across: sliceAxis, loop: loop) }
    return labels.resizedByLabel(to: new, loop: loop)
  }
}
