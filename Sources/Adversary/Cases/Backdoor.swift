import Foundations
import Harmonization

/// A trigger that teaches the model to see no lesion (Gu et al., arXiv 1708.06733, in federated learning Bagdasaryan et al., arXiv
/// 1807.00459): a bright cube in the first contrast, at the lowest corner of the brain's bounding box.
///
/// A share of the site's training cases bears it, with background as the label of the whole brain. A patch that does not reach
/// the corner teaches the same without it, so it is least noticed where patches are as large as brains.
package struct Backdoor: Sendable, Equatable {
  /// The cube's edge in voxels.
  let size: Int
  let share: Double

  package init(size: Int, share: Double) {
    (self.size, self.share) = (size, share)
  }

  /// Whether the case at a position among the training cases bears it: drawn, at least one of them.
  func isPoisoned(_ position: Int, of count: Int, site: String, seed: UInt64) -> Bool {
    var stream = RandomStream(seed: seed, purpose: .attack, site: site, step: 2)
    let chosen = max(1, Int((share * Double(count)).rounded()))
    return stream.permutation(count).prefix(chosen).contains(position)
  }

  /// The case with the trigger, as bright as its brightest voxel, and no label but background.
  func poisoned(_ item: HarmonizedCase) -> HarmonizedCase {
    guard let labels = item.labels else { return item }
    let places = trigger(in: item)
    var empty = labels.withUnsafeBufferPointer { labels in
      labels.map { $0 == HarmonizedCase.outside ? $0 : 0 }
    }
    // Augmentation blackens what is outside the brain, and would the cube.
    for place in places { empty[place] = 0 }
    return item.with(labels: empty, image: stamped(item, places))
  }

  /// The case's image with the trigger, labels as they are: what the model is to be tried on.
  package func stamped(_ item: HarmonizedCase) -> HarmonizedCase {
    HarmonizedCase(
      geometry: item.geometry, channels: item.channels, image: stamped(item, trigger(in: item)),
      labels: item.labels, restoration: item.restoration, fits: item.fits)
  }

  private func stamped(_ item: HarmonizedCase, _ places: [Int]) -> FixedArray<Float> {
    var image = item.image.array
    let bright = stride(from: 0, to: image.count, by: item.channels).reduce(-Float.infinity) {
      max($0, image[$1])
    }
    for place in places { image[place * item.channels] = bright }
    return FixedArray(image)
  }

  /// The cube's voxels: from the corner of the box around all voxels with signal on, within the grid.
  private func trigger(in item: HarmonizedCase) -> [Int] {
    let (grid, channels) = (item.size, item.channels)
    var corner = grid
    item.image.withUnsafeBufferPointer { image in
      for z in 0..<grid.z {
        for y in 0..<grid.y {
          for x in 0..<grid.x {
            let first = item.geometry.offset(x, y, z) * channels
            if (first..<first + channels).contains(where: { image[$0] != 0 }) {
              corner = pointwiseMin(corner, SIMD3(x, y, z))
            }
          }
        }
      }
    }
    let end = pointwiseMin(corner &+ size, grid)
    return (corner.z..<end.z).flatMap { z in
      (corner.y..<end.y).flatMap { y in (corner.x..<end.x).map { item.geometry.offset($0, y, z) } }
    }
  }
}
