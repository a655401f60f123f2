import Tensor

/// One of a network's outputs: where its logits lie, and where the loss' gradient goes.
///
/// Its pointers hold as long as the network does.
package struct NetworkOutput {
  /// The head's name, such as `head` or `decoder.1.head`.
  package let name: String
  /// (batch, depth, height, width, classes).
  package let shape: TensorShape
  /// Voxels of the input to one of the output along depth, height and width.
  package let step: Axes
  /// Its share of the loss; those of all outputs are together 1.
  package let weight: Double
  /// What the last forward pass left.
  package let logits: UnsafeMutablePointer<Float>
  private let gradientStart: UnsafeMutablePointer<Float>?

  init(
    _ output: UNetBuilder.Named, weight: Double, logits: UnsafeMutablePointer<Float>,
    gradient: UnsafeMutablePointer<Float>?
  ) {
    (name, shape, step) = (output.name, output.feature.shape, output.step)
    (self.weight, self.logits, gradientStart) = (weight, logits, gradient)
  }

  /// Where the caller puts the loss' gradient with respect to the logits before `backward`.
  package var gradient: UnsafeMutablePointer<Float> {
    guard let gradientStart else { preconditionFailure("the network was compiled for inference") }
    return gradientStart
  }
}

/// A feature that a network keeps for its caller, as Seg-Grad-CAM wants it (Vinogradova et al. 2020).
///
/// Its pointers hold as long as the network does.
package struct FeatureTap {
  /// `encoder.<stage>` or `decoder.<stage>`.
  package let name: String
  /// (batch, depth, height, width, channels), without gaps.
  package let shape: TensorShape
  /// Voxels of the input to one of the feature along depth, height and width.
  package let step: Axes
  /// The stage's last feature after norm and activation, once `forward` has run.
  package let values: UnsafeMutablePointer<Float>
  /// The gradient with respect to `values`, once `backward` has run; nil when compiled for inference.
  package let gradient: UnsafeMutablePointer<Float>?

  init(
    _ tap: UNetBuilder.Named, values: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>?
  ) {
    (name, shape, step) = (tap.name, tap.feature.shape, tap.step)
    (self.values, self.gradient) = (values, gradient)
  }
}
