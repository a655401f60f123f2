/// What happens to one sample: everything that chance decides, drawn before a voxel is touched.
///
/// Nil is what was not drawn, and costs nothing.
package struct AugmentationDraw: Equatable {
  /// One channel's changes, in the order in which they are made.
  package struct Channel: Equatable {
    /// Standard deviations in voxels along x, y, z.
    package var blur: SIMD3<Double>?
    package var brightness: Double?
    package var contrast: Double?
    /// The coarse grid's share of the voxels along each axis.
    package var lowResolution: Double?
    /// The exponent that the inverted image is put to.
    package var invertedGamma: Double?
    package var gamma: Double?

    package init() {}
  }

  package struct Noise: Equatable {
    package var deviation: Double
    package var key: SIMD2<UInt32>

    package init(deviation: Double, key: SIMD2<UInt32>) {
      (self.deviation, self.key) = (deviation, key)
    }
  }

  /// Angles in radians about x, y, z.
  package var rotation: SIMD3<Double>?
  /// Voxels of the case for one of the patch: above 1 shrinks what is seen.
  package var scale: Double?
  /// Along x, y, z: 1, or −1 where mirrored.
  package var direction = SIMD3(1, 1, 1)
  /// The same for all channels.
  package var noise: Noise?
  package var channels: [Channel]

  /// Nothing.
  package init(channels: Int) {
    self.channels = Array(repeating: Channel(), count: channels)
  }
}
