import Foundations
import Kernels
import Tensor

/// The weight gradient by implicit GEMM: Σ over voxels of gathered inputᵀ · gradient.
struct GatherWeights: WeightStrategy {
  private let shape: ConvolutionShape
  private let gather: TapGather
  /// Stretches of tiles that are summed apart; by shape alone, so that bits do not depend on threads.
  private let chunks: Int

  init(_ shape: ConvolutionShape) {
    self.shape = shape
    gather = .forward(shape)
    chunks = min(8, max(2, 8_388_608 / shape.weightCount), gather.tiles)
  }

  var name: String { "gather" }
  var multiplyAdds: Int { shape.multiplyAdds }

  var demand: Workspace.Demand {
    Workspace.Demand(perWorker: gather.tileRows * gather.rowLength, shared: chunks * shape.weightCount)
  }

  func run(_ call: WeightCall, _ context: ConvolutionContext) {
    let columns = shape.outputChannels
    let count = shape.weightCount
    let partials = context.workspace.shared
    context.loop.forEach(chunks) { chunk, worker in
      let tiles = (gather.tiles * chunk / chunks)..<(gather.tiles * (chunk + 1) / chunks)
      for tile in tiles {
        let (sample, voxels) = gather.tile(tile)
        call.prepare(context.kernels, shape: shape.output, sample: sample, voxels: voxels)
        let first = sample * gather.positions.product + voxels.lowerBound
        let (rows, rowStride) = gather.matrix(
          call.input, first: first, count: voxels.count, scratch: context.workspace.worker(worker),
          kernels: context.kernels)
        BLAS.multiply(
          m: gather.rowLength, n: columns, k: voxels.count, a: rows, lda: rowStride, aLayout: .transposed,
          b: call.gradient.values + first * call.gradient.stride, ldb: call.gradient.stride,
          beta: tile == tiles.lowerBound ? 0 : 1, c: partials + chunk * count, ldc: columns)
      }
    }
    sum(partials, count: count, into: call.weightGradient, loop: context.loop)
  }

  /// Adds the chunks in their order.
  private func sum(
    _ partials: UnsafePointer<Float>, count: Int, into total: UnsafeMutablePointer<Float>, loop: ParallelLoop
  ) {
    let block = 16_384
    loop.forEach((count + block - 1) / block) { index, _ in
      let range = (index * block)..<min(count, (index + 1) * block)
      for i in range { total[i] = partials[i] }
      for chunk in 1..<max(1, chunks) {
        let partial = partials + chunk * count
        for i in range { total[i] += partial[i] }
      }
    }
  }
}
