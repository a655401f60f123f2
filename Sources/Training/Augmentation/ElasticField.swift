import Foundations
import Kernels

/// A smooth displacement of every voxel of a patch: cubic B-splines on control points that are displaced at random,
/// as TorchIO's `RandomElasticDeformation` and elastix have it.
///
/// nnU-Net, which has this off, smooths noise instead. Control points lie 16 voxels apart, and further where that is less
/// than 2.5 displacements: so no voxel overtakes another (Choi and Lee 2000: in 3D displacements below 0.4 of the
/// distance never fold).
struct ElasticField {
  /// Control points along x, y, z; 1 where the field does not change.
  private let counts: SIMD3<Int>
  /// `(axis of the case, z, y, x)`.
  private let coefficients: [Float]
  private let x: AxisFilter
  private let y: AxisFilter
  private let z: AxisFilter

  /// `turned` leads from displacements in the patch to those in the case. Nothing is displaced along `fixedAxis`, and
  /// across it all is displaced alike.
  init(
    _ draw: AugmentationDraw.Elastic, size: SIMD3<Int>, fixedAxis: Int?, largest: Double,
    turned: (SIMD3<Double>) -> SIMD3<Double>
  ) {
    let distance = max(16, 2.5 * largest)
    func filter(_ axis: Int) -> AxisFilter {
      axis == fixedAxis || size[axis] == 1
        ? .constant(extent: size[axis]) : .spline(distance: distance, extent: size[axis])
    }
    (x, y, z) = (filter(0), filter(1), filter(2))
    counts = SIMD3(x.inputs, y.inputs, z.inputs)
    let count = counts.x * counts.y * counts.z
    var coefficients = [Float](repeating: 0, count: 3 * count)
    for index in 0..<count {
      let words = Philox.block(counter: SIMD4(UInt32(index), 0, 0, 0), key: draw.key)
      var shift = SIMD3<Double>.zero
      for axis in 0..<3 where axis != fixedAxis && size[axis] > 1 {
        shift[axis] = draw.magnitude * (Double(words[axis]) * 0x1p-31 - 1)
      }
      let inCase = turned(shift)
      for axis in 0..<3 { coefficients[axis * count + index] = Float(inCase[axis]) }
    }
    self.coefficients = coefficients
  }

  /// As many values of scratch memory as `line` needs.
  static func scratchCount(width: Int) -> Int { width + 4 }

  /// Displacements of a line along x: three rows along x, y, z of the case, `step` values apart.
  func line(
    y row: Int, z slice: Int, kernels: any KernelSet.Type, scratch: UnsafeMutablePointer<Float>,
    into target: UnsafeMutablePointer<Float>, step: Int
  ) {
    // Of the control points' lines along x, the mean by the weights of this line.
    let rows = y.tapRange(row)
    let slices = z.tapRange(slice)
    var offsets: [Int] = []
    var weights: [Float] = []
    for k in slices {
      for j in rows {
        offsets.append((z.positions[k] * counts.y + y.positions[j]) * counts.x)
        weights.append(z.weights[k] * y.weights[j])
      }
    }
    let count = counts.x * counts.y * counts.z
    coefficients.withUnsafeBufferPointer { coefficients in
      for axis in 0..<3 {
        kernels.weightedSum(
          coefficients.baseAddress! + axis * count, offsets: offsets, weights: weights, taps: offsets.count,
          count: counts.x, into: scratch)
        kernels.gatheredSum(
          scratch, positions: x.positions, weights: x.weights, taps: x.taps, count: x.extent,
          into: target + axis * step)
      }
    }
  }
}
