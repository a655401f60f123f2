import Imaging

/// A direction that slices are cut in.
package enum AnatomicalPlane: String, Sendable, Equatable, CaseIterable {
  case axial
  case coronal
  case sagittal

  /// The axis in RAS that stands on it.
  var normal: Int {
    switch self {
    case .axial: 2
    case .coronal: 1
    case .sagittal: 0
    }
  }

  /// How many slices a scan has in the plane.
  package func slices(of geometry: Geometry, view: SliceView) -> Int {
    view.permutation(of: geometry).size(of: geometry.size)[normal]
  }

  /// Whether slices in the plane are more than a line of voxels.
  package func isShown(of geometry: Geometry, view: SliceView) -> Bool {
    SlicePlane.all(view).first { $0.normal == normal }?.isShown(
      view.permutation(of: geometry).size(of: geometry.size))
      ?? false
  }
}

/// Which slices are shown, and how large.
package struct SliceChoice: Sendable, Equatable {
  package var planes = AnatomicalPlane.allCases
  /// The voxel along each plane's normal, from 0 at the patient's left, back or foot (RAS); nil: where the row is aimed at.
  package var slice: Int?
  /// Pixels along a tile's side.
  package var side = SliceTile.side

  package init() {}
}
