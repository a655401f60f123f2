import Foundations
import Harmonization

/// Takes one contrast of a case away, to see how much a model leans on it.
package enum ContrastOcclusion {
  /// The case without what a contrast shows: inside the brain the contrast has one value, its own mean there; outside it stays
  /// background.
  ///
  /// The brain is where any contrast is not 0. With z-scored scans the mean is 0 but for resampling, so the network sees a
  /// contrast that is average everywhere rather than one that is missing, which it never saw in training.
  package static func withholding(_ contrast: Int, of item: HarmonizedCase) -> HarmonizedCase {
    precondition((0..<item.channels).contains(contrast), "contrast \(contrast) of \(item.channels)")
    let (channels, voxels) = (item.channels, item.geometry.count)
    let image = item.image.withUnsafeBufferPointer { image in
      func isBrain(_ voxel: Int) -> Bool {
        (0..<channels).contains { image[voxel * channels + $0] != 0 }
      }
      var (sum, count) = (0.0, 0)
      for voxel in 0..<voxels where isBrain(voxel) {
        sum += Double(image[voxel * channels + contrast])
        count += 1
      }
      let mean = Float(sum / Double(max(1, count)))
      return FixedArray<Float>(count: image.count) { target in
        _ = target.initialize(from: image)
        for voxel in 0..<voxels where isBrain(voxel) { target[voxel * channels + contrast] = mean }
      }
    }
    return HarmonizedCase(
      geometry: item.geometry, channels: channels, image: image, labels: item.labels,
      restoration: item.restoration, fits: item.fits)
  }
}
