import Foundations
import Harmonization
import Imaging
import NeuralNetwork
import Tensor
import Training

/// Where in a scan a model looks for a label: Seg-Grad-CAM of overlapping patches, blended as predictions are.
///
/// Each patch is explained for the voxels that the network calls the region in it, at one stage of the network; the stage's map
/// is brought to the patch's grid linearly. Patches without such voxels add nothing.
package struct HeatMapper: Sendable {
  private let plan: TrainingPlan
  private let parameters: FloatBuffer
  private let pool: NetworkPool

  /// `stage` is one of the network's, such as `encoder.3` (0 is the finest) or `decoder.0`; nil the coarsest, where a voxel
  /// sees most and the paper found the clearest maps.
  ///
  /// `weights` has the plan's parameters in their layout's order. Throws `NetworkError` where there is no such stage, or no
  /// memory to compute gradients.
  package init(plan: TrainingPlan, weights: [Float], stage: String?, loop: ParallelLoop) throws {
    let stage = stage ?? "encoder.\(plan.network.widths.count - 1)"
    let options = NetworkOptions(taps: [stage])
    _ = try UNetPlan(
      plan.architecture, batch: 1, patch: plan.patchAxes, isTraining: true, threads: loop.threads,
      options: options)
    self.plan = plan
    parameters = FloatBuffer(weights)
    pool = NetworkPool(plan.architecture, loop: loop, options: options)
  }

  /// How many patches a case takes.
  package func patches(_ item: HarmonizedCase) -> Int { windows(item).count }

  /// The map in the scan's own grid, its largest value 1; all 0 where no voxel is called the region.
  ///
  /// `advance` is called after each patch, and may throw to stop. Throws `NetworkError`.
  package func map(
    of region: ExplainedRegion, in item: HarmonizedCase, advance: () throws -> Void = {}
  ) throws -> Volume {
    let patch = plan.patchAxes
    let weights = SlidingWindow.weights(patch)
    let gradients = FloatBuffer(count: parameters.count)
    var blend = WindowBlend(size: item.size)
    try pool.withNetwork(batch: 1, patch: patch, isTraining: true) { network in
      let tap = network.taps[0]
      guard let gradient = tap.gradient else { preconditionFailure("compiled for training") }
      for origin in windows(item) {
        let window = Window(size: item.size, origin: origin, patch: patch)
        item.image.withUnsafeBufferPointer { image in
          for d in 0..<patch.depth {
            window.load(
              slice: d, of: image.baseAddress!, channels: item.channels, into: network.input)
          }
        }
        network.forward(parameters: parameters)
        var heat = [Float](repeating: 0, count: patch.product)
        if region.seed(logits: network.output, voxels: patch.product, into: network.outputGradient) > 0 {
          for output in network.outputs.dropFirst() {
            output.gradient.update(repeating: 0, count: output.shape.count)
          }
          network.backward(parameters: parameters, gradients: gradients)
          let map = ClassActivation(features: tap.values, gradient: gradient, shape: tap.shape)
          heat = MapResampling(from: tap.shape.grid.xyz, to: patch.xyz).applied(to: map.values)
        }
        blend.add(heat, weights: weights, at: window)
        try advance()
      }
    }
    var map = item.inScan(blend.values(), loop: pool.loop)
    let largest = map.voxels.max() ?? 0
    if largest > 0 { for index in map.voxels.indices { map.voxels[index] /= largest } }
    return map
  }

  private func windows(_ item: HarmonizedCase) -> [SIMD3<Int>] {
    let patch = plan.patchAxes
    return SlidingWindow.starts(item.size.z, patch.depth).flatMap { z in
      SlidingWindow.starts(item.size.y, patch.height).flatMap { y in
        SlidingWindow.starts(item.size.x, patch.width).map { x in SIMD3(x, y, z) }
      }
    }
  }
}

extension Axes {
  /// Along x, y, z.
  fileprivate var xyz: SIMD3<Int> { SIMD3(width, height, depth) }
}
