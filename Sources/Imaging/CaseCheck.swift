/// What must hold among the files of a case.
package enum CaseCheck {
  /// Grids may differ by rounding: less than this part of a voxel at every corner.
  static let cornerTolerance = 0.01

  /// Throws `ImagingError.allZero` when every voxel of every channel of a file is 0.
  package static func notAllZero(_ channels: [Volume], path: String) throws {
    let hasSignal = channels.contains { channel in
      channel.voxels.withUnsafeBufferPointer { voxels in voxels.contains { $0 != 0 } }
    }
    if !hasSignal { throw ImagingError.allZero(path: path) }
  }

  /// Throws `ImagingError.gridSize` or `.gridPlace` unless both grids hold the same voxels at the same
  /// places.
  package static func sameGrid(
    _ grid: Geometry, _ path: String, as reference: Geometry, _ referencePath: String
  ) throws {
    guard grid.size == reference.size else {
      throw ImagingError.gridSize(
        path: path, found: grid.size, reference: referencePath, expected: reference.size)
    }
    var worst = (axis: 0, millimetres: 0.0)
    for corner in 0..<8 {
      var voxel = SIMD3<Double>.zero
      for axis in 0..<3 where corner >> axis & 1 == 1 { voxel[axis] = Double(grid.size[axis] - 1) }
      let shift = grid.affine.world(voxel) - reference.affine.world(voxel)
      for axis in 0..<3 where abs(shift[axis]) > worst.millimetres { worst = (axis, abs(shift[axis])) }
    }
    if worst.millimetres >= cornerTolerance * reference.spacing.min() {
      throw ImagingError.gridPlace(
        path: path, reference: referencePath, axis: worst.axis, millimetres: worst.millimetres)
    }
  }

  /// Throws `ImagingError.labelValues` when the map holds a label that is not allowed; 0 always is.
  package static func allowed(_ map: LabelVolume, _ allowed: Set<UInt16>, path: String) throws {
    let found = map.counts
    if found.allSatisfy({ $0.label == 0 || allowed.contains($0.label) }) { return }
    throw ImagingError.labelValues(
      path: path, found: found, allowed: allowed.union([0]).sorted())
  }
}

/// How many voxels carry a label.
package struct LabelCount: Sendable, Equatable {
  package let label: UInt16
  package let voxels: Int

  package init(label: UInt16, voxels: Int) {
    self.label = label
    self.voxels = voxels
  }
}

extension LabelVolume {
  /// The labels that occur, background too, by value.
  package var counts: [LabelCount] {
    var counts = [Int](repeating: 0, count: 65536)
    counts.withUnsafeMutableBufferPointer { counts in
      labels.withUnsafeBufferPointer { labels in
        for label in labels { counts[Int(label)] += 1 }
      }
    }
    return counts.indices.filter { counts[$0] > 0 }.map {
      LabelCount(label: UInt16($0), voxels: counts[$0])
    }
  }
}
