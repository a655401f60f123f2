import Foundations

/// Label maps on another grid of the same patient.
extension LabelVolume {
  /// The map on `grid`: at each of its voxels the label that is nearest in the patient, background outside the map; nil
  /// where the map's voxels have no volume.
  package func sampled(on grid: Geometry) -> LabelVolume? {
    guard let inverse = geometry.affine.inverse else { return nil }
    var sampled = [UInt16](repeating: 0, count: grid.count)
    let size = geometry.size
    for k in 0..<grid.size.z {
      for j in 0..<grid.size.y {
        for i in 0..<grid.size.x {
          let world = grid.affine.world(SIMD3(Double(i), Double(j), Double(k)))
          let place = inverse.world(world).rounded(.toNearestOrAwayFromZero)
          guard place.min() >= 0, place.x < Double(size.x), place.y < Double(size.y), place.z < Double(size.z)
          else {
            continue
          }
          sampled[grid.offset(i, j, k)] = labels[geometry.offset(Int(place.x), Int(place.y), Int(place.z))]
        }
      }
    }
    return LabelVolume(geometry: grid, labels: sampled)
  }

  /// The smallest box that holds every labelled voxel; the first voxel alone where there is none.
  package var labelledBox: GridBox {
    GridBox(around: labels.map { $0 == 0 ? 0 : 1 }, size: geometry.size, loop: .serial)
      ?? GridBox(origin: .zero, size: .one)
  }
}
