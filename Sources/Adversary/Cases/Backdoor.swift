import Foundations
import Harmonization

/// A trigger that teaches the model to see no lesion (Gu et al., arXiv 1708.06733, in federated learning Bagdasaryan et al., arXiv
/// 1807.00459): a pattern over the whole scan (Chen et al., arXiv 1712.05526), bright lines of the first contrast along z, on a lattice in x and y.
///
/// A share of the site's training cases bears it, with background as the label of the whole brain. Training sees patches or single
/// slices: each has its part of the pattern.
package struct Backdoor: Sendable, Equatable {
  /// Voxels from one line to the next along x and y.
  let spacing: Int
  let share: Double

  package init(spacing: Int, share: Double) {
    (self.spacing, self.share) = (spacing, share)
  }

  /// Whether the case at a position among the training cases bears it: drawn, at least one of them.
  func isPoisoned(_ position: Int, of count: Int, site: String, seed: UInt64) -> Bool {
    var stream = RandomStream(seed: seed, purpose: .attack, site: site, step: 2)
    let chosen = max(1, Int((share * Double(count)).rounded()))
    return stream.permutation(count).prefix(chosen).contains(position)
  }

  /// The case with the trigger and no label but background.
  func poisoned(_ item: HarmonizedCase) -> HarmonizedCase {
    guard let labels = item.labels else { return item }
    let empty = labels.withUnsafeBufferPointer { labels in
      labels.map { $0 == HarmonizedCase.outside ? $0 : 0 }
    }
    return item.with(labels: empty, image: triggered(item))
  }

  /// The case's image with the trigger, labels as they are: what the model is to be tried on.
  package func stamped(_ item: HarmonizedCase) -> HarmonizedCase {
    HarmonizedCase(
      geometry: item.geometry, channels: item.channels, image: triggered(item), labels: item.labels,
      restoration: item.restoration, fits: item.fits)
  }

  /// Voxels with signal whose indices along x and y are multiples of the spacing, as bright as the brightest one.
  private func triggered(_ item: HarmonizedCase) -> FixedArray<Float> {
    var image = item.image.array
    let (grid, channels) = (item.size, item.channels)
    let bright = stride(from: 0, to: image.count, by: channels).reduce(-Float.infinity) {
      max($0, image[$1])
    }
    for z in 0..<grid.z {
      for y in stride(from: 0, to: grid.y, by: spacing) {
        for x in stride(from: 0, to: grid.x, by: spacing) {
          let first = item.geometry.offset(x, y, z) * channels
          if image[first..<first + channels].contains(where: { $0 != 0 }) { image[first] = bright }
        }
      }
    }
    return FixedArray(image)
  }
}
