import Tensor

/// What a pass costs by each strategy, in cycles of one core: from shape and kernel set alone, never from a clock.
///
/// The constants were fitted to what `segfed benchmark --tune` measures; only their order matters.
struct ConvolutionCost: Sendable {
  let shape: ConvolutionShape
  /// `portable`, `avx2` or `avx512`.
  let kernels: String

  /// Cycles of one fused multiply-add of 16 lanes within a product; less where two panels share a row's reads.
  private func fma(columns: Int) -> Double {
    switch kernels {
    case "avx512": columns > 16 ? 0.62 : 0.85
    case "avx2": 1.2
    default: 6
    }
  }

  /// Cycles of the transforms beside those of AVX-512, which they were counted for.
  private var transformUnit: Double { kernels == "avx512" ? 1 : kernels == "avx2" ? 1.4 : 4 }

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
    // Reading and transforming a register's worth of inputs, and of results or their gradients.
    let input = Double(lanes(source)) / 16 * (source % 16 == 0 ? 8 : 11)
    let output = Double(lanes(target)) / 16 * (pass == .weightGradient ? 10 : 8) * (target % 16 == 0 ? 1 : 2)
    // Lines that begin before the grid or end beyond it are read value by value.
    let edges = 1 + 2 / Double(tiling.tiles.width)
    // A tile that fills the first-level cache leaves no room for what it is read from and written to.
    let crowding = tiling.positions > 300 ? 1.3 : 1
    let transforms = tiles * positions * (input * edges + output) * crowding * transformUnit
    let weights = positions * Double(source * lanes(target))
    let filters = weights / 16 * (pass == .weightGradient ? 4 : 11) * transformUnit
    // Few rows to a block leave the products waiting for their weights.
    let rows = Double(tiling.form == .blocks ? tiling.block : tiling.tilesInAll)
    let waiting = pass == .weightGradient ? 1 + 12 / rows : 1 + 3 / rows
    let multiplying =
      products(columns: target, depth: source, rows: Int(positions * tiles)) * fma(columns: target) * waiting
    return multiplying + transforms + filters + fetching(tiling, weights: weights, pass)
  }

  /// Cycles that products wait for what does not fit into a core's cache.
  private func fetching(_ tiling: WinogradTiling, weights: Double, _ pass: ConvolutionPass) -> Double {
    let values = Double(tiling.positions * tiling.tilesInAll)
    let (source, target) = (Double(lanes(tiling.sourceChannels)), Double(lanes(tiling.targetChannels)))
    switch tiling.form {
    case .panels: return values * (source * (3 + target / 50) + target * 3)
    case .positions: return (values * (source + target) + weights * 2) * 3 / 4
    case .blocks:
      // Every block reads all weights, or adds to all of their gradients.
      let beyond = weights > (pass == .weightGradient ? 530_000 : 262_144)
      return (beyond ? Double(tiling.blocks) * weights / 3 : 0)
        + (tiling.isBlockInCache ? 0 : values * (source + target) / 3)
    }
  }

  private func direct(_ pass: ConvolutionPass) -> Double {
    let (source, target) = channels(pass)
    let taps = shape.kernel.product
    let grid = pass == .inputGradient ? shape.input : shape.output
    let sums = products(columns: target, depth: taps * source, rows: grid.rows) * fma(columns: target) * 1.5
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
    return sums * 1.6 * narrow + copies
  }
}
