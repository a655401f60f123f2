import Foundations
import Kernels
import Tensor

/// Forward pass and input gradient by Winograd's minimal filtering (Lavin & Gray 2016), nested over the axes.
///
/// The order of its steps is the tiling's `form`.
struct WinogradData: DataStrategy {
  private let correlation: Correlation
  private let tiling: WinogradTiling

  init(_ correlation: Correlation, tile: WinogradTile) {
    self.correlation = correlation
    tiling = WinogradTiling(
      tile: tile, grid: correlation.target.grid, batch: correlation.target.batch,
      sourceChannels: correlation.source.channels, targetChannels: correlation.target.channels)
  }

  var name: String { tiling.name }
  var piecesPerSample: Int { tiling.blocksPerSample }
  var multiplyAdds: Int { tiling.positions * tiling.tilesInAll * correlation.source.channels * columns }

  private var depth: Int { lanes(correlation.source.channels) }
  private var columns: Int { lanes(correlation.target.channels) }
  private var transformScratch: Int { tiling.positions * 16 + correlation.kernel.product * 256 }
  /// Target channels to a panel of the staged form.
  private var stagedColumns: Int { min(32, columns) }
  /// Source channels whose transformed weights, for one panel, stay in a core's cache.
  private var stagedDepth: Int { tiling.stagedChunk(correlation.source.channels, wide: stagedColumns) }
  /// Values from one position of the transformed weights to the next; positions do not share cache sets.
  private var filterStep: Int { correlation.source.channels * columns + 16 }
  private var stagedFilterStep: Int { stagedDepth * stagedColumns + 16 }
  /// Values from one position to the next of the staged transforms.
  private func stagedStep(_ channels: Int) -> Int { tiling.tilesInAll * channels + 16 }

  var demand: Workspace.Demand {
    let positions = tiling.positions
    let staged = positions * (stagedStep(depth) + stagedStep(columns))
    switch tiling.form {
    case .blocks:
      return Workspace.Demand(
        perWorker: positions * (tiling.positionStep(depth) + tiling.positionStep(columns)) + transformScratch,
        shared: positions * filterStep)
    case .panels:
      return Workspace.Demand(perWorker: positions * stagedFilterStep + transformScratch, shared: staged)
    case .positions:
      return Workspace.Demand(perWorker: transformScratch, shared: staged + positions * filterStep)
    }
  }

  func run(_ call: DataCall, _ context: ConvolutionContext) {
    precondition(call.bias == nil, "no bias stands before a normalisation")
    switch tiling.form {
    case .blocks: runBlocks(call, context)
    case .panels, .positions: runStaged(call, context)
    }
  }

  // MARK: In blocks

  private func runBlocks(_ call: DataCall, _ context: ConvolutionContext) {
    let kernels = context.kernels
    let k = correlation.source.channels
    let filters = context.workspace.shared
    transformFilters(call, into: filters, context)
    let (sourceStep, targetStep) = (tiling.positionStep(depth), tiling.positionStep(columns))
    context.loop.forEach(tiling.blocks) { index, worker in
      let scratch = context.workspace.worker(worker)
      let v = scratch + transformScratch
      let m = v + tiling.positions * sourceStep
      let (sample, tiles) = tiling.range(index)
      kernels.winogradInput(
        inputBlock(sample, tiles, positionStep: sourceStep, scratch: scratch), source: call.source, into: v)
      for position in 0..<tiling.positions {
        product(
          kernels, rows: tiles.count, columns: columns, a: v + position * sourceStep, depth: 0..<k,
          b: filters + position * filterStep, c: m + position * targetStep)
      }
      kernels.winogradOutput(
        outputBlock(sample, tiles, positionStep: targetStep, scratch: scratch), source: m,
        target: call.target, epilogue: call.epilogue.piece(index, channels: correlation.target.channels))
    }
  }

  /// All weights' transforms.
  private func transformFilters(
    _ call: DataCall, into filters: UnsafeMutablePointer<Float>, _ context: ConvolutionContext
  ) {
    let k = correlation.source.channels
    let panels = columns / 16
    // Cut over input channels too, so that few panels still give work to all.
    let parts = max(1, min(4, k / 16))
    context.loop.forEach(panels * parts) { index, worker in
      let (panel, part) = (index / parts, index % parts)
      let inputs = (k * part / parts)..<(k * (part + 1) / parts)
      context.kernels.winogradFilter(
        filter(
          call, inputs: inputs, outputs: panel * 16..<min(correlation.target.channels, panel * 16 + 16),
          target: filters + (panel * k + inputs.lowerBound) * 16, positionStep: filterStep,
          panelStep: k * 16, scratch: context.workspace.worker(worker)))
    }
  }

  // MARK: Staged

  private func runStaged(_ call: DataCall, _ context: ConvolutionContext) {
    let kernels = context.kernels
    let k = correlation.source.channels
    let v = context.workspace.shared
    let (sourceStep, targetStep) = (stagedStep(depth), stagedStep(columns))
    let m = v + tiling.positions * sourceStep
    context.loop.forEach(tiling.blocks) { index, worker in
      let (sample, tiles) = tiling.range(index)
      kernels.winogradInput(
        inputBlock(sample, tiles, positionStep: sourceStep, scratch: context.workspace.worker(worker)),
        source: call.source, into: v + (sample * tiling.tiles.product + tiles.lowerBound) * depth)
    }
    if tiling.form == .panels {
      multiplyPanels(call, v: v, m: m, context)
    } else {
      let filters = m + tiling.positions * targetStep
      transformFilters(call, into: filters, context)
      context.loop.forEach(tiling.positions) { position, _ in
        product(
          kernels, rows: tiling.tilesInAll, columns: columns, a: v + position * sourceStep, depth: 0..<k,
          b: filters + position * filterStep, c: m + position * targetStep)
      }
    }
    context.loop.forEach(tiling.blocks) { index, worker in
      let (sample, tiles) = tiling.range(index)
      kernels.winogradOutput(
        outputBlock(sample, tiles, positionStep: targetStep, scratch: context.workspace.worker(worker)),
        source: m + (sample * tiling.tiles.product + tiles.lowerBound) * columns, target: call.target,
        epilogue: call.epilogue.piece(index, channels: correlation.target.channels))
    }
  }

  /// All positions' products, panel by panel of weights.
  private func multiplyPanels(
    _ call: DataCall, v: UnsafePointer<Float>, m: UnsafeMutablePointer<Float>, _ context: ConvolutionContext
  ) {
    let kernels = context.kernels
    let k = correlation.source.channels
    let (sourceStep, targetStep) = (stagedStep(depth), stagedStep(columns))
    let wide = stagedColumns
    context.loop.forEach((columns + wide - 1) / wide) { index, worker in
      let scratch = context.workspace.worker(worker)
      let filters = scratch + transformScratch
      let outputs = index * wide..<min(correlation.target.channels, (index + 1) * wide)
      for first in stride(from: 0, to: k, by: stagedDepth) {
        let inputs = first..<min(k, first + stagedDepth)
        kernels.winogradFilter(
          filter(
            call, inputs: inputs, outputs: outputs, target: filters, positionStep: stagedFilterStep,
            panelStep: inputs.count * 16, scratch: scratch))
        for position in 0..<tiling.positions {
          product(
            kernels, rows: tiling.tilesInAll, columns: lanes(outputs.count), a: v + position * sourceStep,
            depth: inputs, b: filters + position * stagedFilterStep,
            c: m + position * targetStep + index * wide)
        }
      }
    }
  }

  // MARK: Arguments of the kernels

  private func filter(
    _ call: DataCall, inputs: Range<Int>, outputs: Range<Int>, target: UnsafeMutablePointer<Float>,
    positionStep: Int, panelStep: Int, scratch: UnsafeMutablePointer<Float>
  ) -> WinogradFilter {
    WinogradFilter(
      weights: call.weights, tapStep: correlation.tapStep, inputStep: correlation.sourceStep,
      outputStep: correlation.targetStep, inputs: inputs, outputs: outputs,
      isFlipped: correlation.isFlipped, kernel: correlation.kernel.triple, tile: tiling.tile.results.triple,
      points: tiling.tile.points.triple, target: target, positionStep: positionStep, panelStep: panelStep,
      scratch: scratch)
  }

  private func inputBlock(
    _ sample: Int, _ tiles: Range<Int>, positionStep: Int, scratch: UnsafeMutablePointer<Float>
  ) -> WinogradBlock {
    tiling.kernelBlock(
      grid: correlation.source.grid, channels: correlation.source.channels, padding: correlation.padding,
      sample: sample, tiles: tiles, tileStep: depth, positionStep: positionStep, scratch: scratch)
  }

  private func outputBlock(
    _ sample: Int, _ tiles: Range<Int>, positionStep: Int, scratch: UnsafeMutablePointer<Float>
  ) -> WinogradBlock {
    tiling.kernelBlock(
      grid: correlation.target.grid, channels: correlation.target.channels, padding: correlation.padding,
      sample: sample, tiles: tiles, tileStep: columns, positionStep: positionStep, scratch: scratch)
  }

  /// Products of one position: tiles by source channels, times source by target channels; adds after the first.
  private func product(
    _ kernels: any KernelSet.Type, rows: Int, columns: Int, a: UnsafePointer<Float>, depth range: Range<Int>,
    b: UnsafePointer<Float>, c: UnsafeMutablePointer<Float>
  ) {
    withUnsafePointer(to: a + range.lowerBound) { segment in
      kernels.multiply(
        Product(
          rows: rows, columns: columns, segments: segment, length: range.count, rowStep: depth, depthStep: 1,
          b: b, bPanelStep: range.count * 16, bDepthStep: 16, c: c, cStride: self.columns,
          isAdding: range.lowerBound > 0))
    }
  }
}
