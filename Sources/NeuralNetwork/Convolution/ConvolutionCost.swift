import Tensor

/// What a pass costs by each strategy, in cycles of one core: from shape and kernel set alone, never from a clock.
///
/// The constants were fitted to single layers on an AVX-512 and an AVX2 machine; only their order matters.
struct ConvolutionCost: Sendable {
  let shape: ConvolutionShape
  /// `portable`, `avx2` or `avx512`.
  let kernels: String

  /// Cycles of one fused multiply-add of 16 lanes.
  private var unit: Double { kernels == "avx512" ? 1 : kernels == "avx2" ? 1 : 6 }

  /// Cycles of a pass; nil where the strategy does not serve the shape.
  func cycles(_ strategy: StrategyName, _ pass: ConvolutionPass) -> Double? {
    switch strategy {
    case .winograd(let tile):
      guard WinogradTile.candidates(shape).contains(tile) else { return nil }
      if pass == .inputGradient && Correlation.inputGradient(shape) == nil { return nil }
      return winograd(tile, pass)
    case .direct:
      if pass == .inputGradient && Correlation.inputGradient(shape) == nil { return nil }
      return direct(pass)
    case .gather: return gather(pass)
    case .reference: return Double(shape.output.rows) * Double(shape.weightCount) * 4
    }
  }

  /// Multiply-adds of 16 lanes that the definition asks for, channels rounded up.
  private func products(columns: Int, depth: Int, rows: Int) -> Double {
    Double(rows) * Double(depth) * Double(lanes(columns)) / 16
  }

  private func channels(_ pass: ConvolutionPass) -> (source: Int, target: Int) {
    pass == .inputGradient
      ? (shape.outputChannels, shape.input.channels) : (shape.input.channels, shape.outputChannels)
  }

  private func winograd(_ tile: WinogradTile, _ pass: ConvolutionPass) -> Double {
    let (source, target) = channels(pass)
    let tiling = WinogradTiling(
      tile: tile, grid: pass == .inputGradient ? shape.input.grid : shape.outputGrid,
      batch: shape.input.batch, sourceChannels: source, targetChannels: target)
    let positions = Double(tiling.positions)
    let tiles = Double(tiling.tilesInAll)
    let vectors = Double(lanes(source) + lanes(target)) / 16
    // Axes that are transformed: each costs its reads, sums and writes.
    let axes = Double([tile.results.depth, tile.results.height, tile.results.width].count { $0 > 1 })
    // Registers that are not full are read and written value by value.
    let partial = (source % 16 == 0 ? 1 : 4) * (target % 16 == 0 ? 1 : 2)
    let transforms = tiles * positions * vectors * (5 + 5 * axes) * Double(partial)
    let weights = positions * Double(source * lanes(target)) / 16
    let filters = weights * (pass == .weightGradient ? 6 : 10)
    // Few rows to a block leave the products waiting for their weights.
    let rows = Double(tiling.isStaged ? tiling.tilesInAll : tiling.block)
    let waiting = pass == .weightGradient ? 1 + 12 / rows : 1 + 4 / rows
    let spill = weights > 60_000 && !tiling.isStaged ? 1.25 : 1
    return products(columns: target, depth: source, rows: Int(positions * tiles)) * unit * waiting * spill
      + transforms * unit + filters
  }

  private func direct(_ pass: ConvolutionPass) -> Double {
    let (source, target) = channels(pass)
    let taps = shape.kernel.product
    let grid = pass == .inputGradient ? shape.input : shape.output
    let sums = products(columns: target, depth: taps * source, rows: grid.rows) * unit
    // A panel of weights beyond the first-level cache is fetched anew for each line.
    let panel = Double(taps * source * 64)
    let waiting = panel > 24_000 ? 1 + 8 / Double(grid.width) : 1
    let perLine = Double(grid.rows / grid.width) * 300
    // Sums of a weight gradient are read and written once for each line.
    let accumulating = pass == .weightGradient ? 1 + 8 / Double(grid.width) : 1
    return sums * waiting * accumulating * 1.15 + perLine
  }

  private func gather(_ pass: ConvolutionPass) -> Double {
    let (source, target) = channels(pass)
    let taps = shape.kernel.product
    let rows = shape.output.rows
    let sums = Double(rows) * Double(taps * source) * Double(target) / 16
    // OpenBLAS packs both sides; on narrow matrices it is at its worst.
    let narrow = 1 + 10 / Double(min(target, 128)) + 16 / Double(min(taps * source, 256))
    let copies = taps == 1 ? 0 : Double(rows) * Double(taps * source) / 16 * 3
    return sums * 1.2 * narrow + copies
  }
}
