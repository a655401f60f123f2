/// The inner loops of patch sampling and augmentation, one implementation for each kind of CPU.
///
/// Channels are worked on one by one as planes, `(channel, voxel)` with `planeStep` values from one channel
/// to the next; scans and batches are channels last. Nothing here allocates, locks or checks bounds.
package protocol AugmentationKernels: Sendable {
  // MARK: Sampling

  /// A line of voxels read from a volume by trilinear interpolation; outside the volume the image is 0 and
  /// the label `volume.outside`.
  ///
  /// A label is the one with the most weight among the eight neighbours, the lowest where two have as much
  /// (batchgeneratorsv2's `SpatialTransform` with linear labels). `image` is `(count, channels)`.
  static func sampleLine(
    _ line: SampleLine, of volume: VolumeRead, image: UnsafeMutablePointer<Float>,
    labels: UnsafeMutablePointer<UInt8>, scratch: UnsafeMutablePointer<Float>)
  /// `(count, channels)` to planes.
  static func splitChannels(
    _ line: UnsafePointer<Float>, count: Int, channels: Int, into planes: UnsafeMutablePointer<Float>,
    planeStep: Int)
  /// Planes to `(count, channels)`, each channel through its tone.
  static func mergeChannels(
    _ planes: UnsafePointer<Float>, planeStep: Int, count: Int, channels: Int, tones: UnsafePointer<Tone>,
    into line: UnsafeMutablePointer<Float>)

  /// Sets all channels of the voxels with a label: `image` `(count, channels)`, `values` one for each channel.
  static func fill(
    _ image: UnsafeMutablePointer<Float>, where labels: UnsafePointer<UInt8>, are label: UInt8, count: Int,
    channels: Int, values: UnsafePointer<Float>)

  // MARK: Noise

  /// Adds deviation · n to every plane, n(channel, voxel) standard normal.
  ///
  /// Philox4x32-10 counts (16·⌊voxel/64⌋ + voxel mod 16, channel, 0, 0); words 0 and 1 of a block make two values
  /// by Box and Muller, words 2 and 3 two more: those of voxels 0, 16, 32 and 48 further on.
  static func addNoise(
    _ planes: UnsafeMutablePointer<Float>, planeStep: Int, channels: Int, count: Int, deviation: Float,
    key: SIMD2<UInt32>)

  // MARK: Filters

  /// target[i] = Σ weights[tap] · base[offsets[tap] + i].
  static func weightedSum(
    _ base: UnsafePointer<Float>, offsets: UnsafePointer<Int>, weights: UnsafePointer<Float>, taps: Int,
    count: Int, into target: UnsafeMutablePointer<Float>)
  /// target[i] = Σ weights[i, tap] · line[positions[i, tap]].
  static func gatheredSum(
    _ line: UnsafePointer<Float>, positions: UnsafePointer<Int>, weights: UnsafePointer<Float>, taps: Int,
    count: Int, into target: UnsafeMutablePointer<Float>)

  // MARK: Intensities

  /// Sums and extremes of a plane.
  static func moments(_ plane: UnsafePointer<Float>, count: Int) -> PlaneMoments
  /// Puts a plane through a tone; returns the result's moments.
  static func applyTone(_ plane: UnsafeMutablePointer<Float>, count: Int, tone: Tone) -> PlaneMoments
  /// x ← low + (x − low) · e^p(t) along a line, where t = start + i · step at the ith value and
  /// p(t) = c₀ + c₁t + c₂t² + c₃t³, between −87 and 88.
  static func applyField(
    _ line: UnsafeMutablePointer<Float>, count: Int, polynomial: SIMD4<Float>, start: Float, step: Float,
    low: Float)
  /// x ← tone(x)^exponent, where the tone leads into 0…1; returns the result's moments.
  static func applyPower(
    _ plane: UnsafeMutablePointer<Float>, count: Int, tone: Tone, exponent: Float
  ) -> PlaneMoments
}

/// A case that patches are sampled from.
package struct VolumeRead {
  /// `(depth, height, width, channels)`.
  package var image: UnsafePointer<Float>
  /// `(depth, height, width)`, a class index each.
  package var labels: UnsafePointer<UInt8>
  /// Voxels along depth, height, width.
  package var grid: (depth: Int, height: Int, width: Int)
  package var channels: Int
  /// As many zeros as there are channels: what lies outside.
  package var zeros: UnsafePointer<Float>
  /// The label of what lies outside.
  package var outside: UInt8

  @inlinable
  package init(
    image: UnsafePointer<Float>, labels: UnsafePointer<UInt8>,
    grid: (depth: Int, height: Int, width: Int), channels: Int, zeros: UnsafePointer<Float>, outside: UInt8
  ) {
    (self.image, self.labels, self.grid) = (image, labels, grid)
    (self.channels, self.zeros, self.outside) = (channels, zeros, outside)
  }
}

/// Voxels on a line through a volume: a straight one, or one that is bent by offsets.
package struct SampleLine {
  /// `sampleLine` needs as many values of scratch memory.
  package static let scratchCount = 96

  /// Where the first lies, along x, y, z; whole numbers are the volume's own voxels.
  package var start: SIMD3<Float>
  /// From one to the next.
  package var step: SIMD3<Float>
  package var count: Int
  /// Whether the line lies in the volume's first slice: z is not looked at.
  package var isPlanar: Bool
  /// Three rows along x, y, z of what is added to each position, `offsetStep` values from one row to the next;
  /// nil: nothing.
  package var offsets: UnsafePointer<Float>?
  package var offsetStep: Int

  @inlinable
  package init(
    start: SIMD3<Float>, step: SIMD3<Float>, count: Int, isPlanar: Bool,
    offsets: UnsafePointer<Float>? = nil, offsetStep: Int = 0
  ) {
    (self.start, self.step, self.count, self.isPlanar) = (start, step, count, isPlanar)
    (self.offsets, self.offsetStep) = (offsets, offsetStep)
  }
}

/// A change of intensity: y = scale · x + shift, held in low…high.
package struct Tone: Sendable {
  package var scale: Float
  package var shift: Float
  package var low: Float
  package var high: Float

  @inlinable
  package init(scale: Float, shift: Float, low: Float = -.infinity, high: Float = .infinity) {
    (self.scale, self.shift, self.low, self.high) = (scale, shift, low, high)
  }
}

/// Σx, Σx², least and greatest value of a plane.
package struct PlaneMoments {
  package var sum: Double
  package var squares: Double
  package var low: Float
  package var high: Float

  @inlinable
  package init(sum: Double, squares: Double, low: Float, high: Float) {
    (self.sum, self.squares, self.low, self.high) = (sum, squares, low, high)
  }
}
