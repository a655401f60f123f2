import Foundations
import Imaging

/// The way from a harmonised grid back to the scan's own grid and orientation.
///
/// `ScoreResampling` goes from the harmonised grid to the box, this from the box to the scan.
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

  /// The box in the harmonised orientation: what labels and maps are made for.
  package var boxGeometry: Geometry { permutation.geometry(of: box.geometry(in: geometry)) }

  /// The scan's label map; background outside of the box.
  ///
  /// `labels` are the box's in the harmonised orientation, x fastest, then y, then z.
  package func restored(_ labels: [UInt16], loop: ParallelLoop) -> LabelVolume {
    LabelVolume(geometry: boxGeometry, labels: labels).permuted(permutation.inverse, loop: loop)
      .placed(in: box, of: geometry)
  }
}
