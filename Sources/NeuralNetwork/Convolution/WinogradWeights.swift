import Foundations
import Kernels
import Tensor

/// The weight gradient by Winograd: tiles of inputs against tiles of gradients, position by position.
struct WinogradWeights: WeightStrategy {
  private let shape: ConvolutionShape
  private let tiling: WinogradTiling
  /// Stretches of blocks that are summed apart; by shape alone, so that bits do not depend on threads.
  private let chunks: Int

  init(_ shape: ConvolutionShape, tile: WinogradTile) {
    self.shape = shape
    tiling = WinogradTiling(
      tile: tile, grid: shape.outputGrid, batch: shape.input.batch, sourceChannels: shape.input.channels,
      targetChannels: shape.outputChannels)
    let size = tiling.positions * lanes(shape.input.channels) * lanes(shape.outputChannels)
    chunks = min(tiling.blocks, size > 400_000 ? 2 : size > 100_000 ? 4 : 8)
  }

  var name: String { tiling.name }
  var multiplyAdds: Int { tiling.positions * tiling.tilesInAll * shape.input.channels * outputs }

  private var inputs: Int { lanes(shape.input.channels) }
  private var outputs: Int { lanes(shape.outputChannels) }
  private var transformScratch: Int { tiling.positions * 16 }
  private var stagedColumns: Int { min(32, outputs) }
  /// Values from one tile to the next; with very many channels, tiles of all at once would share cache sets.
  private func tileStep(_ channels: Int) -> Int {
    tiling.form == .blocks || channels < 256 ? channels : channels + 16
  }
  private func stagedStep(_ channels: Int) -> Int { tiling.tilesInAll * tileStep(channels) + 16 }
  /// Values from one position of the sums to the next; positions do not share cache sets.
  private var sumStep: Int { inputs * outputs + 16 }
  /// Values of one chunk's sums.
  private var chunkSize: Int { tiling.positions * sumStep }
  /// Input channels whose sums, for one panel, stay in a core's cache.
  private var stagedRows: Int { tiling.stagedChunk(shape.input.channels, wide: stagedColumns) }
  private var stagedSumStep: Int { stagedRows * stagedColumns + 16 }

  var demand: Workspace.Demand {
    let positions = tiling.positions
    let staged = positions * (stagedStep(inputs) + stagedStep(outputs))
    switch tiling.form {
    case .blocks:
      return Workspace.Demand(
        perWorker: positions * (tiling.positionStep(inputs) + tiling.positionStep(outputs))
          + transformScratch,
        shared: chunks * chunkSize)
    case .panels:
      return Workspace.Demand(perWorker: positions * stagedSumStep + transformScratch, shared: staged)
    case .positions:
      return Workspace.Demand(perWorker: transformScratch, shared: staged + chunkSize)
    }
  }

  func run(_ call: WeightCall, _ context: ConvolutionContext) {
    switch tiling.form {
    case .blocks: runBlocks(call, context)
    case .panels, .positions: runStaged(call, context)
    }
  }

  private func runBlocks(_ call: WeightCall, _ context: ConvolutionContext) {
    let kernels = context.kernels
    let sums = context.workspace.shared
    let (vStep, mStep) = (tiling.positionStep(inputs), tiling.positionStep(outputs))
    context.loop.forEach(chunks) { chunk, worker in
      let scratch = context.workspace.worker(worker)
      let v = scratch + transformScratch
      let m = v + tiling.positions * vStep
      let blocks = (tiling.blocks * chunk / chunks)..<(tiling.blocks * (chunk + 1) / chunks)
      for block in blocks {
        let (sample, tiles) = tiling.range(block)
        kernels.winogradInput(
          inputBlock(sample, tiles, positionStep: vStep, scratch: scratch), source: call.input, into: v)
        kernels.winogradGradient(
          gradientBlock(sample, tiles, positionStep: mStep, scratch: scratch), source: call.gradient, into: m)
        for position in 0..<tiling.positions {
          product(
            kernels, rows: 0..<shape.input.channels, depth: tiles.count, columns: outputs,
            a: v + position * vStep, b: m + position * mStep,
            c: sums + chunk * chunkSize + position * sumStep, cStride: outputs,
            isAdding: block > blocks.lowerBound)
        }
      }
    }
    finish(call, sums: sums, chunks: chunks, context)
  }

  /// Adds the chunks' sums and turns them back.
  private func finish(
    _ call: WeightCall, sums: UnsafePointer<Float>, chunks: Int, _ context: ConvolutionContext
  ) {
    let parts = min(shape.input.channels, 16)
    context.loop.forEach(parts) { part, worker in
      let range = (shape.input.channels * part / parts)..<(shape.input.channels * (part + 1) / parts)
      context.kernels.winogradFilterGradient(
        filterGradient(
          call, source: sums, chunks: chunks, positionStep: sumStep, rowStep: outputs, inputs: range,
          columns: 0..<shape.outputChannels, scratch: context.workspace.worker(worker)))
    }
  }

  private func runStaged(_ call: WeightCall, _ context: ConvolutionContext) {
    let kernels = context.kernels
    let v = context.workspace.shared
    let (vStep, mStep) = (stagedStep(inputs), stagedStep(outputs))
    let m = v + tiling.positions * vStep
    context.loop.forEach(tiling.blocks) { index, worker in
      let scratch = context.workspace.worker(worker)
      let (sample, tiles) = tiling.range(index)
      let first = sample * tiling.tiles.product + tiles.lowerBound
      kernels.winogradInput(
        inputBlock(sample, tiles, positionStep: vStep, scratch: scratch), source: call.input,
        into: v + first * tileStep(inputs))
      kernels.winogradGradient(
        gradientBlock(sample, tiles, positionStep: mStep, scratch: scratch), source: call.gradient,
        into: m + first * tileStep(outputs))
    }
    if tiling.form == .panels {
      multiplyPanels(call, v: v, m: m, context)
      return
    }
    let sums = m + tiling.positions * mStep
    context.loop.forEach(tiling.positions) { position, _ in
      product(
        kernels, rows: 0..<shape.input.channels, depth: tiling.tilesInAll, columns: outputs,
        a: v + position * vStep, b: m + position * mStep, c: sums + position * sumStep, cStride: outputs,
        isAdding: false)
    }
    finish(call, sums: sums, chunks: 1, context)
  }

  /// Panel by panel of output channels: all positions' products, then back.
  private func multiplyPanels(
    _ call: WeightCall, v: UnsafePointer<Float>, m: UnsafePointer<Float>, _ context: ConvolutionContext
  ) {
    let kernels = context.kernels
    let (vStep, mStep) = (stagedStep(inputs), stagedStep(outputs))
    let wide = stagedColumns
    context.loop.forEach((outputs + wide - 1) / wide) { index, worker in
      let scratch = context.workspace.worker(worker)
      let sums = scratch + transformScratch
      let columns = index * wide..<min(shape.outputChannels, (index + 1) * wide)
      for first in stride(from: 0, to: shape.input.channels, by: stagedRows) {
        let rows = first..<min(shape.input.channels, first + stagedRows)
        for position in 0..<tiling.positions {
          product(
            kernels, rows: rows, depth: tiling.tilesInAll, columns: lanes(columns.count),
            a: v + position * vStep, b: m + position * mStep + index * wide,
            c: sums + position * stagedSumStep, cStride: wide, isAdding: false)
        }
        // The kernel counts the source's rows from the first input channel.
        kernels.winogradFilterGradient(
          filterGradient(
            call, source: UnsafePointer(sums) - first * wide, chunks: 1, positionStep: stagedSumStep,
            rowStep: wide,
            inputs: rows, columns: columns, scratch: scratch))
      }
    }
  }

  // MARK: Arguments of the kernels

  private func inputBlock(
    _ sample: Int, _ tiles: Range<Int>, positionStep: Int, scratch: UnsafeMutablePointer<Float>
  ) -> WinogradBlock {
    tiling.kernelBlock(
      grid: shape.input.grid, channels: shape.input.channels, padding: shape.padding, sample: sample,
      tiles: tiles, tileStep: tileStep(inputs), positionStep: positionStep, scratch: scratch)
  }

  private func gradientBlock(
    _ sample: Int, _ tiles: Range<Int>, positionStep: Int, scratch: UnsafeMutablePointer<Float>
  ) -> WinogradBlock {
    tiling.kernelBlock(
      grid: shape.outputGrid, channels: shape.outputChannels, padding: shape.padding, sample: sample,
      tiles: tiles, tileStep: tileStep(outputs), positionStep: positionStep, scratch: scratch)
  }

  /// Input channels by tiles, times tiles by output channels.
  private func product(
    _ kernels: any KernelSet.Type, rows: Range<Int>, depth: Int, columns: Int, a: UnsafePointer<Float>,
    b: UnsafePointer<Float>, c: UnsafeMutablePointer<Float>, cStride: Int, isAdding: Bool
  ) {
    withUnsafePointer(to: a + rows.lowerBound) { segment in
      kernels.multiply(
        Product(
          rows: rows.count, columns: columns, segments: segment, length: depth, rowStep: 1,
          depthStep: tileStep(inputs), b: b, bPanelStep: 16, bDepthStep: tileStep(outputs), c: c,
          cStride: cStride,
          isAdding: isAdding))
    }
  }

  private func filterGradient(
    _ call: WeightCall, source: UnsafePointer<Float>, chunks: Int, positionStep: Int, rowStep: Int,
    inputs range: Range<Int>,
    columns: Range<Int>, scratch: UnsafeMutablePointer<Float>
  ) -> WinogradFilterGradient {
    WinogradFilterGradient(
      source: source, chunks: chunks, chunkStep: chunkSize, positionStep: positionStep, rowStep: rowStep,
      inputs: range, outputs: columns.count, kernel: shape.kernel.triple, tile: tiling.tile.results.triple,
      points: tiling.tile.points.triple, target: call.weightGradient + columns.lowerBound,
      tapStep: shape.input.channels * shape.outputChannels, inputStep: shape.outputChannels, scratch: scratch)
  }
}
