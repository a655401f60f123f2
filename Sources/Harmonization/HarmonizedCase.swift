/// How scans are brought to a common form before training.
package struct HarmonizationSettings: Sendable, Equatable {
  /// Target voxel sizes in mm along x, y, z of the reoriented grid; nil keeps the grid (2D PNG).
  package var spacing: SIMD3<Double>?
  /// Whether grids are flipped and permuted to the closest RAS+ orientation.
  package var reorient: Bool

  package init(spacing: SIMD3<Double>?, reorient: Bool) {
    precondition(spacing.map { $0.min() > 0 } ?? true, "a target spacing is positive")
    self.spacing = spacing
    self.reorient = reorient
  }
}

/// A case ready for training: one orientation, one spacing, cropped to the brain, intensities standardised.
package struct HarmonizedCase: Sendable {
  /// Voxels along x, y, z of the crop.
  package let size: SIMD3<Int>
  package let channels: Int
  /// `(z, y, x, channel)`, channel fastest; brain voxels have mean 0 and deviation 1 per channel, the rest
  /// is 0.
  package let image: [Float]
  /// `(z, y, x)` label values, nil where the case has no label map.
  package let labels: [UInt16]?
  /// The way back to the scan's own grid.
  package let restoration: Restoration
}
