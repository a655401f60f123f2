import Foundations
import Kernels
import Tensor

/// Implicit GEMM: tiles of the im2col matrix, gathered into a core's cache, times the weights by BLAS.
///
/// Serves every shape and direction; a strided input gradient is one product for each phase of the stride.
struct GatherData: DataStrategy {
  private let target: TensorShape
  private let gathers: [TapGather]
  private let isFlipped: Bool
  private let shape: ConvolutionShape

  /// The forward pass, or the input gradient.
  init(_ shape: ConvolutionShape, isInputGradient: Bool) {
    self.shape = shape
    isFlipped = isInputGradient
    target = isInputGradient ? shape.input : shape.output
    gathers = isInputGradient ? TapGather.inputGradient(shape) : [.forward(shape)]
  }

  var name: String { "gather" }
  var piecesPerSample: Int { single?.tilesPerSample ?? finishingPieces }
  var multiplyAdds: Int {
    gathers.reduce(0) { $0 + $1.positions.product * $1.batch * $1.rowLength * target.channels }
  }

  /// The one gather that writes every voxel in order, if it is so.
  private var single: TapGather? { gathers.count == 1 && gathers[0].isTargetDense ? gathers[0] : nil }
  private var finishingPieces: Int { min(16, target.voxels) }

  var demand: Workspace.Demand {
    let columns = target.channels
    return Workspace.Demand(
      perWorker: gathers.map { $0.tileRows * ($0.rowLength + columns) }.max() ?? 0,
      shared: isFlipped ? shape.weightCount : 0)
  }

  func run(_ call: DataCall, _ context: ConvolutionContext) {
    if !call.target.isAdding && gathers.contains(where: \.taps.isEmpty) { clear(call, context) }
    for gather in gathers where !gather.taps.isEmpty {
      var matrix = call.weights
      if isFlipped {
        transpose(gather.taps, weights: call.weights, into: context.workspace.shared, loop: context.loop)
        matrix = UnsafePointer(context.workspace.shared)
      }
      multiply(gather, matrix: matrix, call, context)
    }
    if single == nil { finishAll(call, context) }
  }

  /// One gathered product, tile by tile and by blocks of columns.
  private func multiply(
    _ gather: TapGather, matrix: UnsafePointer<Float>, _ call: DataCall, _ context: ConvolutionContext
  ) {
    let columns = target.channels
    let isDense = gather.isTargetDense
    let isSingle = single != nil
    context.loop.forEach(gather.tiles) { tile, worker in
      let (sample, voxels) = gather.tile(tile)
      let first = sample * gather.positions.product + voxels.lowerBound
      let scratch = context.workspace.worker(worker)
      let (rows, rowStride) = gather.matrix(
        call.source, first: first, count: voxels.count, scratch: scratch, kernels: context.kernels)
      let product =
        isDense ? call.target.base + first * call.target.stride : scratch + gather.tileRows * gather.rowLength
      BLAS.multiply(
        m: voxels.count, n: columns, k: gather.rowLength, a: rows, lda: rowStride, b: matrix, ldb: columns,
        beta: isDense && call.target.isAdding ? 1 : 0, c: product,
        ldc: isDense ? call.target.stride : columns)
      if !isDense {
        context.kernels.scatterRows(
          product, scatter: gather.scatter(channels: columns, targetStride: call.target.stride), first: first,
          count: voxels.count, isAdding: call.target.isAdding, into: call.target.base)
      }
      if isSingle {
        call.finish(context.kernels, shape: target, sample: sample, voxels: voxels, piece: tile)
      }
    }
  }

  private func clear(_ call: DataCall, _ context: ConvolutionContext) {
    context.loop.forEach(target.rows) { row, _ in
      (call.target.base + row * call.target.stride).update(repeating: 0, count: target.channels)
    }
  }

  /// Bias and epilogue once all phases are written.
  private func finishAll(_ call: DataCall, _ context: ConvolutionContext) {
    if case .none = call.epilogue, call.bias == nil { return }
    let pieces = finishingPieces
    context.loop.forEach(pieces * target.batch) { index, _ in
      let (sample, piece) = (index / pieces, index % pieces)
      let voxels = (target.voxels * piece / pieces)..<(target.voxels * (piece + 1) / pieces)
      call.finish(context.kernels, shape: target, sample: sample, voxels: voxels, piece: index)
    }
  }

  /// packed[(tap, output channel), input channel] ← weights[tap, input channel, output channel].
  private func transpose(
    _ taps: [Int], weights: UnsafePointer<Float>, into packed: UnsafeMutablePointer<Float>, loop: ParallelLoop
  ) {
    let inputs = shape.input.channels
    let outputs = shape.outputChannels
    loop.forEach(taps.count) { row, _ in
      let from = weights + taps[row] * inputs * outputs
      let to = packed + row * inputs * outputs
      for i in 0..<inputs {
        for o in 0..<outputs { to[o &* inputs &+ i] = from[i &* outputs &+ o] }
      }
    }
  }
}
