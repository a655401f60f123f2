import Foundations

/// Random gain and offset per contrast: what differs most between scanners once scans are standardised.
enum IntensityAugmentation {
  static let probability = 0.3
  static let gain = 0.75...1.25
  static let offset = -0.25...0.25

  /// Changes each channel of `image` `(voxel, channel)` with `probability`; background stays exactly 0.
  static func apply(
    _ image: UnsafeMutablePointer<Float>, voxels: Int, channels: Int, stream: inout RandomStream
  ) {
    for channel in 0..<channels {
      let isChanged = stream.uniform() < probability
      let gain = Float(stream.uniform(gain))
      let offset = Float(stream.uniform(offset))
      if !isChanged { continue }
      for voxel in 0..<voxels {
        let at = voxel &* channels &+ channel
        if image[at] != 0 { image[at] = image[at] * gain + offset }
      }
    }
  }
}
