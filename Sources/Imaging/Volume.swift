/// One scan: real-valued voxels on a grid.
package struct Volume: Sendable, Equatable {
  package var geometry: Geometry
  /// `size.x · size.y · size.z` intensities, i fastest, then j, then k (NIfTI's order), slope and intercept applied.
  package var voxels: [Float]

  package init(geometry: Geometry, voxels: [Float]) {
    precondition(voxels.count == geometry.count, "a volume has as many voxels as its grid")
    self.geometry = geometry
    self.voxels = voxels
  }
}

/// One label map: a label value for each voxel of a grid, 0 is background.
package struct LabelVolume: Sendable, Equatable {
  package var geometry: Geometry
  /// `size.x · size.y · size.z` label values, i fastest, then j, then k.
  package var labels: [UInt16]

  package init(geometry: Geometry, labels: [UInt16]) {
    precondition(labels.count == geometry.count, "a label map has as many voxels as its grid")
    self.geometry = geometry
    self.labels = labels
  }

  /// The values that some voxel has. A set made of all voxels at once would take room for as many.
  package var values: Set<UInt16> {
    var values: Set<UInt16> = []
    var last: UInt16?
    for label in labels where label != last {
      values.insert(label)
      last = label
    }
    return values
  }
}
