import Foundations
import Kernels
import Tensor

/// Convolution in 2D and 3D by tiled im2col and BLAS: forward, input gradient and weight gradient.
///
/// Tensors are `(batch, depth, height, width, channels)`, weights
/// `(kernel depth, kernel height, kernel width, input channels, output channels)`. A transposed
/// convolution is the same object with its passes exchanged (`TransposedConvolutionLayer`).
package struct Convolution {
  package let shape: ConvolutionShape
  private let forwardGather: TapGather
  private let gradientGathers: [TapGather]
  /// Pieces of the weight gradient that are summed apart; by shape alone, so that bits do not depend on threads.
  private let weightChunks: Int

  package init(_ shape: ConvolutionShape) {
    self.shape = shape
    forwardGather = .forward(shape)
    gradientGathers = TapGather.inputGradient(shape)
    let affordable = max(1, 8_388_608 / shape.weightCount)
    weightChunks = min(8, affordable, forwardGather.tiles)
  }

  /// Scratch that the three passes need.
  package var demand: Workspace.Demand {
    let gathers = gradientGathers + [forwardGather]
    let channels = max(shape.input.channels, shape.outputChannels)
    let perWorker = gathers.map { $0.tileRows * ($0.rowLength + channels) }.max() ?? 0
    return Workspace.Demand(
      perWorker: perWorker, shared: max(weightChunks * shape.weightCount, shape.weightCount))
  }

  /// output ← input ∗ weights.
  package func forward(
    input: UnsafePointer<Float>, weights: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
    workspace: Workspace, loop: ParallelLoop
  ) {
    multiply(
      forwardGather, source: input, matrix: weights, columns: shape.outputChannels, adding: false,
      output: output, workspace: workspace, loop: loop)
  }

  /// inputGradient ← (or +=) the adjoint of `forward` applied to `outputGradient`.
  package func inputGradient(
    outputGradient: UnsafePointer<Float>, weights: UnsafePointer<Float>, adding: Bool,
    inputGradient: UnsafeMutablePointer<Float>, workspace: Workspace, loop: ParallelLoop
  ) {
    if !adding && gradientGathers.contains(where: \.taps.isEmpty) {
      inputGradient.update(repeating: 0, count: shape.input.count)
    }
    for gather in gradientGathers where !gather.taps.isEmpty {
      let packed = workspace.shared
      transposeTaps(gather.taps, weights: weights, into: packed)
      multiply(
        gather, source: outputGradient, matrix: packed, columns: shape.input.channels,
        adding: adding, output: inputGradient, workspace: workspace, loop: loop)
    }
  }

  /// weightGradient ← Σ over voxels of gathered inputᵀ · outputGradient.
  package func weightGradient(
    input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    weightGradient: UnsafeMutablePointer<Float>, workspace: Workspace, loop: ParallelLoop
  ) {
    let gather = forwardGather
    let columns = shape.outputChannels
    let count = shape.weightCount
    let chunks = weightChunks
    let partials = workspace.shared
    loop.forEach(chunks) { chunk, worker in
      let partial = partials + chunk * count
      let tiles = (gather.tiles * chunk / chunks)..<(gather.tiles * (chunk + 1) / chunks)
      for tile in tiles {
        let first = tile * gather.tileRows
        let rows = min(gather.tileRows, gather.rows - first)
        let matrix = gathered(
          gather, source: input, first: first, rows: rows, scratch: workspace.worker(worker))
        BLAS.multiply(
          m: gather.rowLength, n: columns, k: rows, a: matrix, lda: gather.rowLength,
          aLayout: .transposed, b: outputGradient + first * columns, ldb: columns,
          beta: tile == tiles.lowerBound ? 0 : 1, c: partial, ldc: columns)
      }
    }
    sum(partials, chunks: chunks, count: count, into: weightGradient, loop: loop)
  }

  /// Adds the chunks in their order.
  private func sum(
    _ partials: UnsafePointer<Float>, chunks: Int, count: Int,
    into total: UnsafeMutablePointer<Float>, loop: ParallelLoop
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

  /// One gathered product, tile by tile.
  private func multiply(
    _ gather: TapGather, source: UnsafePointer<Float>, matrix: UnsafePointer<Float>, columns: Int,
    adding: Bool, output: UnsafeMutablePointer<Float>, workspace: Workspace, loop: ParallelLoop
  ) {
    let tileRows = gather.tileRows
    loop.forEach(gather.tiles) { tile, worker in
      let first = tile * tileRows
      let rows = min(tileRows, gather.rows - first)
      let scratch = workspace.worker(worker)
      let rowsMatrix = gathered(gather, source: source, first: first, rows: rows, scratch: scratch)
      let dense = gather.isTargetDense
      let product = dense ? output + first * columns : scratch + tileRows * gather.rowLength
      BLAS.multiply(
        m: rows, n: columns, k: gather.rowLength, a: rowsMatrix, lda: gather.rowLength, b: matrix,
        ldb: columns, beta: dense && adding ? 1 : 0, c: product, ldc: columns)
      if !dense {
        scatterRows(
          product, rowLength: columns, first: first, count: rows,
          positions: gather.positions.triple, target: gather.target.triple,
          stride: gather.targetStride.triple, phase: gather.phase.triple, adding: adding, into: output)
      }
    }
  }

  /// Rows of the im2col matrix: gathered into `scratch`, or the source itself where it already is the matrix.
  private func gathered(
    _ gather: TapGather, source: UnsafePointer<Float>, first: Int, rows: Int,
    scratch: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    if gather.isSourceMatrix { return source + first * gather.sourceChannels }
    gather.runs.withUnsafeBufferPointer { runs in
      gatherRows(
        gather.grid, runs: runs.baseAddress!, runCount: runs.count, rowLength: gather.rowLength,
        source: source, first: first, count: rows, into: scratch)
    }
    return UnsafePointer(scratch)
  }

  /// packed[(tap, output channel), input channel] ← weights[tap, input channel, output channel].
  private func transposeTaps(
    _ taps: [Int], weights: UnsafePointer<Float>, into packed: UnsafeMutablePointer<Float>
  ) {
    let inputs = shape.input.channels
    let outputs = shape.outputChannels
    for (row, tap) in taps.enumerated() {
      let from = weights + tap * inputs * outputs
      let to = packed + row * inputs * outputs
      for i in 0..<inputs {
        for o in 0..<outputs { to[o &* inputs &+ i] = from[i &* outputs &+ o] }
      }
    }
  }
}

extension Axes {
  var triple: (depth: Int, height: Int, width: Int) { (depth, height, width) }
}
