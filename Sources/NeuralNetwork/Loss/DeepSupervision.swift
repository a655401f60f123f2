import Foundations
import Kernels
import Tensor

/// One of a network's outputs: its logits, and where their gradient goes, both `shape`.
package struct LossOutput {
  package let logits: UnsafePointer<Float>
  package let gradient: UnsafeMutablePointer<Float>
  /// (batch, depth, height, width, outputs).
  package let shape: TensorShape
  /// Its share of the loss.
  package let weight: Double

  package init(
    logits: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>, shape: TensorShape, weight: Double
  ) {
    (self.logits, self.gradient, self.shape, self.weight) = (logits, gradient, shape, weight)
  }
}

/// The loss over a network's outputs at several scales (nnU-Net's deep supervision); over one, plain `DiceCrossEntropy`.
///
/// A coarser output is compared with the nearest voxels of the reference (nnU-Net's `DownsampleSegForDSTransform`, PyTorch's
/// `nearest-exact`). Not thread-safe: it keeps the memory of its sums and of the coarser references. The outputs' memory belongs
/// to their network, which must live as long.
package final class DeepSupervision {
  /// One output, its loss, and the reference at its scale (empty for the finest).
  private struct Scale {
    let output: LossOutput
    let loss: DiceCrossEntropy
    let targets: UnsafeMutableBufferPointer<UInt8>
  }

  private let scales: [Scale]

  /// `outputs` from the finest.
  package init(
    _ settings: LossSettings, outputs: [LossOutput], kernels: any KernelSet.Type = KernelChoice.current
  ) {
    scales = outputs.enumerated().map { index, output in
      let targets = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: index == 0 ? 0 : output.shape.rows)
      targets.initialize(repeating: 0)
      return Scale(
        output: output,
        loss: DiceCrossEntropy(settings, samples: output.shape.batch, kernels: kernels), targets: targets)
    }
  }

  deinit { for scale in scales { scale.targets.deallocate() } }

  /// The loss of a batch; its gradients are left in the outputs.
  ///
  /// `targets` has a class index for each voxel of the finest output.
  package func evaluate(targets: UnsafePointer<UInt8>, loop: ParallelLoop) -> Double {
    var total = 0.0
    for (index, scale) in scales.enumerated() {
      let output = scale.output
      var reference = targets
      if index > 0, let coarse = scale.targets.baseAddress {
        Self.reduce(targets, scales[0].output.shape, to: output.shape, into: coarse, loop: loop)
        reference = UnsafePointer(coarse)
      }
      total += scale.loss.evaluate(
        logits: output.logits, targets: reference, rows: output.shape.rows, gradient: output.gradient,
        share: output.weight, loop: loop)
    }
    return total
  }

  private static func reduce(
    _ source: UnsafePointer<UInt8>, _ fine: TensorShape, to coarse: TensorShape,
    into target: UnsafeMutablePointer<UInt8>, loop: ParallelLoop
  ) {
    loop.forEach(coarse.batch * coarse.depth) { slice, _ in
      let (sample, z) = (slice / coarse.depth, slice % coarse.depth)
      let from = sample * fine.depth + nearest(z, from: fine.depth, to: coarse.depth)
      for y in 0..<coarse.height {
        let line =
          source + (from * fine.height + nearest(y, from: fine.height, to: coarse.height)) * fine.width
        let out = target + (slice * coarse.height + y) * coarse.width
        for x in 0..<coarse.width { out[x] = line[nearest(x, from: fine.width, to: coarse.width)] }
      }
    }
  }

  /// The voxel of an axis of `from` that lies where the middle of voxel `index` of `to` does.
  private static func nearest(_ index: Int, from: Int, to: Int) -> Int { (2 * index + 1) * from / (2 * to) }
}
