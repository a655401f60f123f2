/// What happens to one sample: everything that chance decides, drawn before a voxel is touched.
///
/// Nil is what was not drawn, and costs nothing.
package struct AugmentationDraw: Equatable {
  /// One channel's changes, in the order in which they are made.
  package struct Channel: Equatable {
    /// The share of each of the two ghosts.
    package var ghosting: Double?
    package var slices: Slices?
    package var biasField: BiasFieldDraw?
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

  /// Thick slices: what anisotropic scans and their blur come from.
  package struct Slices: Equatable {
    /// Across which they lie: 0 x, 1 y, 2 z.
    package var axis: Int
    /// In voxels.
    package var thickness: Double

    package init(axis: Int, thickness: Double) {
      (self.axis, self.thickness) = (axis, thickness)
    }
  }

  /// Where ghosts lie, the same for all channels.
  package struct Ghosts: Equatable {
    /// Of the case: 0 x, 1 y, 2 z.
    package var axis: Int
    /// As many ghosts fit in the case.
    package var count: Int

    package init(axis: Int, count: Int) {
      (self.axis, self.count) = (axis, count)
    }
  }

  package struct Elastic: Equatable {
    /// The control points' largest displacement along each axis, in voxels.
    package var magnitude: Double
    package var key: SIMD2<UInt32>

    package init(magnitude: Double, key: SIMD2<UInt32>) {
      (self.magnitude, self.key) = (magnitude, key)
    }
  }

  /// Angles in radians about x, y, z.
  package var rotation: SIMD3<Double>?
  /// Voxels of the case for one of the patch: above 1 shrinks what is seen.
  package var scale: Double?
  /// Along x, y, z: 1, or −1 where mirrored.
  package var direction = SIMD3(1, 1, 1)
  package var elastic: Elastic?
  package var ghosts: Ghosts?
  /// As strong in all channels.
  package var noise: Noise?
  package var channels: [Channel]

  /// Nothing.
  package init(channels: Int) {
    self.channels = Array(repeating: Channel(), count: channels)
  }
}
