import Tensor

/// A class activation map of one patch: Seg-Grad-CAM (Vinogradova et al. 2020, arXiv 2002.11434; Grad-CAM, Selvaraju et al. 2017).
package struct ClassActivation: Sendable, Equatable {
  /// `(batch, depth, height, width, channels)` of the stage.
  package let shape: TensorShape
  /// αₖ of each sample and channel: the mean over the stage's voxels of the gradient.
  package let weights: [Double]
  /// ReLU(Σₖ αₖ·Aₖ), `(batch, depth, height, width)`.
  package let values: [Float]

  /// - Parameters:
  ///   - features: the stage's values A after normalisation and activation, in `shape`'s layout.
  ///   - gradient: of the sum that is explained with respect to them.
  package init(features: UnsafePointer<Float>, gradient: UnsafePointer<Float>, shape: TensorShape) {
    self.shape = shape
    let (voxels, channels) = (shape.voxels, shape.channels)
    var weights = [Double](repeating: 0, count: shape.batch * channels)
    var values = [Float](repeating: 0, count: shape.batch * voxels)
    for sample in 0..<shape.batch {
      let first = sample * voxels
      for voxel in first..<first + voxels {
        for c in 0..<channels { weights[sample * channels + c] += Double(gradient[voxel * channels + c]) }
      }
      for c in 0..<channels { weights[sample * channels + c] /= Double(voxels) }
      for voxel in first..<first + voxels {
        var sum = 0.0
        for c in 0..<channels {
          sum += weights[sample * channels + c] * Double(features[voxel * channels + c])
        }
        values[voxel] = Float(max(0, sum))
      }
    }
    self.weights = weights
    self.values = values
  }
}
