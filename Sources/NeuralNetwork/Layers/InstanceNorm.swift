import Tensor

/// Instance normalisation with affine parameters (Ulyanov et al. 2016, ε 1e-5), then leaky ReLU (slope 0.01) or nothing.
///
/// Statistics are per sample and channel over all voxels. Neither pass over the voxels is made here:
/// the convolution before it gathers the sums while it writes, and readers apply the terms.
struct InstanceNorm {
  static let epsilon = 1e-5
  /// Leaky ReLU's, here and elsewhere.
  static let leakySlope: Float = 0.01

  let feature: NormFeature
  let shape: TensorShape
  /// Offsets of the `(channels)` scale and shift parameters.
  let gamma: Int
  let beta: Int
  /// What negative values are multiplied by: 1 where no activation follows.
  var slope = leakySlope

  /// Terms of reading from Σx and Σx².
  func finishForward(_ sums: PartialSums, _ context: StepContext) {
    let voxels = Double(shape.voxels)
    for sample in 0..<shape.batch {
      for c in 0..<shape.channels {
        let (sum, squares) = sums.total(sample: sample, channel: c)
        let mean = sum / voxels
        let inverse = 1 / (max(0, squares / voxels - mean * mean) + Self.epsilon).squareRoot()
        let scale = Float(Double(context.parameters[gamma + c]) * inverse)
        feature.row(context, 0, sample: sample)[c] = scale
        feature.row(context, 1, sample: sample)[c] = context.parameters[beta + c] - Float(mean) * scale
        feature.row(context, 2, sample: sample)[c] = slope
        feature.row(context, 3, sample: sample)[c] = Float(mean)
        feature.row(context, 6, sample: sample)[c] = Float(inverse)
      }
    }
  }

  /// Gradients of scale and shift, and the terms that the input's gradient needs, from Σdz and Σdz·(x − mean).
  func beginBackward(_ context: StepContext) {
    let voxels = Double(shape.voxels)
    let channels = shape.channels
    let sums = context.doubles(feature.sums)
    for c in 0..<channels {
      var (gammaGradient, betaGradient) = (0.0, 0.0)
      for sample in 0..<shape.batch {
        let inverse = Double(feature.row(context, 6, sample: sample)[c])
        let sum = sums[sample * 2 * channels + c]
        let product = sums[sample * 2 * channels + channels + c]
        feature.row(context, 4, sample: sample)[c] = Float(sum / voxels)
        feature.row(context, 5, sample: sample)[c] = Float(inverse * inverse * product / voxels)
        gammaGradient += inverse * product
        betaGradient += sum
      }
      context.gradients[gamma + c] = Float(gammaGradient)
      context.gradients[beta + c] = Float(betaGradient)
    }
  }
}

extension UNetArchitecture {
  /// What every normalisation adds to a variance.
  package static let normEpsilon = InstanceNorm.epsilon
  /// What every leaky ReLU multiplies numbers below 0 with.
  package static let leakySlope = InstanceNorm.leakySlope
}
