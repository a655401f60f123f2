import NeuralNetwork
import Tensor
import Training

extension PlannedNetwork {
  /// The network as the engine compiles it, with deep supervision as nnU-Net trains it.
  package func architecture(contrasts: Int, outputs: Int) -> UNetArchitecture {
    func axes(_ stage: SIMD3<Int>) -> Axes { Axes(stage.z, stage.y, stage.x) }
    return UNetArchitecture(
      dimensions: dimensions, inputChannels: contrasts, classes: outputs, widths: widths,
      convolutionsPerStage: decoderConvolutions,
      encoder: encoder == .plain ? .plain : .residual(blocksPerStage: blocks), strides: strides.map(axes),
      kernels: kernels.map(axes), deepSupervision: true)
  }

  /// Depth, height, width.
  package var patchAxes: Axes { Axes(patch.z, patch.y, patch.x) }
}
