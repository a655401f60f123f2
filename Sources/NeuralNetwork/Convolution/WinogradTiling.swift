import Kernels
import Tensor

/// Results along each axis of a Winograd tile: 2, 4 or 6 where the kernel is 3 wide, 1 where it is 1 wide.
package struct WinogradTile: Sendable, Hashable, CustomStringConvertible {
  package let results: Axes

  package init(_ results: Axes) { self.results = results }

  /// Inputs along each axis, and positions of the transform.
  var points: Axes {
    Axes(
      results.depth == 1 ? 1 : results.depth + 2, results.height == 1 ? 1 : results.height + 2,
      results.width == 1 ? 1 : results.width + 2)
  }

  /// Largest error that the tile may make in any pass: max|x − reference| / max|reference|.
  ///
  /// Grows by the transforms' condition along each axis; every tile is tested against it.
  package var errorBound: Double {
    [results.depth, results.height, results.width].reduce(2e-6) { bound, m in
      bound * (m == 1 ? 1 : m == 2 ? 1.5 : m == 4 ? 2.5 : 3.5)
    }
  }

  package var description: String {
    results.depth == 1 ? "\(results.height)×\(results.width)" : results.description
  }

  /// Tiles that a convolution could use: its kernel is 1 or 3 along each axis, with stride 1, and not 1 along all.
  static func candidates(_ shape: ConvolutionShape) -> [WinogradTile] {
    guard shape.stride == .one, shape.kernel.product > 1 else { return [] }
    func sizes(_ kernel: Int) -> [Int] { kernel == 1 ? [1] : kernel == 3 ? [2, 4, 6] : [] }
    var tiles: [WinogradTile] = []
    for d in sizes(shape.kernel.depth) {
      for h in sizes(shape.kernel.height) {
        for w in sizes(shape.kernel.width) { tiles.append(WinogradTile(Axes(d, h, w))) }
      }
    }
    return tiles
  }
}

/// How a tensor of results is cut into Winograd tiles, and tiles into blocks that fit a core's cache.
struct WinogradTiling: Sendable {
  let tile: WinogradTile
  /// Results: the output's grid, or the input's for the input gradient.
  let grid: Axes
  let batch: Int
  /// Tiles of a sample along each axis.
  let tiles: Axes
  /// Channels of the tensor that is transformed first, and of the other.
  let sourceChannels: Int
  let targetChannels: Int
  /// Tiles to a block.
  let block: Int
  let form: Form

  /// In which order the steps of the work follow each other; by shape alone.
  enum Form: Sendable {
    /// Block by block of tiles, each through all steps in a core's cache.
    case blocks
    /// All tiles are transformed first. Then each panel of weights is transformed just before its products.
    case panels
    /// All tiles and all weights are transformed first. Then the products follow position by position.
    case positions
  }

  /// A core's second-level cache in values, as far as a block may fill it.
  private static let cache = 196_608

  init(tile: WinogradTile, grid: Axes, batch: Int, sourceChannels: Int, targetChannels: Int) {
    self.tile = tile
    self.grid = grid
    self.batch = batch
    self.sourceChannels = sourceChannels
    self.targetChannels = targetChannels
    func count(_ extent: Int, _ tile: Int) -> Int { (extent + tile - 1) / tile }
    tiles = Axes(
      count(grid.depth, tile.results.depth), count(grid.height, tile.results.height),
      count(grid.width, tile.results.width))
    let positions = tile.points.product
    let channels = lanes(sourceChannels) + lanes(targetChannels)
    let all = tiles.product * batch
    let weights = positions * lanes(sourceChannels) * lanes(targetChannels)
    form = Self.form(positions: positions, weights: weights, tiles: positions * channels * all)
    if form != .blocks {
      block = min(tiles.product, 16)
    } else {
      let most = Self.mostTiles(
        fitting: max(8, Self.cache / (positions * channels)), weights: weights,
        tileValues: positions * channels, tiles: all)
      let even = max(1, (tiles.product + most - 1) / most)
      let share = (tiles.product + even - 1) / even
      block = min(tiles.product, (share + 7) / 8 * 8)
    }
  }

  /// Tiles to a block: as many as fit into a core's cache. Weights beyond that cache are fetched for every block; then
  /// a block is larger, until it fetches more of its own than of the weights, and leaves work for 8 cores.
  private static func mostTiles(fitting: Int, weights: Int, tileValues: Int, tiles: Int) -> Int {
    guard weights > 500_000 else { return fitting }
    let balanced = min(weights, 1_000_000) / tileValues
    return max(fitting, min(max(32, balanced), tiles / 8))
  }

  /// Blocks read all weights anew; with many weights and few tiles it is better to keep all tiles' transforms.
  private static func form(positions: Int, weights: Int, tiles: Int) -> Form {
    guard weights > (positions > 100 ? 600_000 : 1_500_000), tiles < 20_000_000 else { return .blocks }
    // All weights' transforms at once, as long as they stay in the last-level cache.
    return weights < 6_500_000 ? .positions : .panels
  }

  var positions: Int { tile.points.product }
  /// Whether a core's cache holds a block's transforms.
  var isBlockInCache: Bool {
    block * positions * (lanes(sourceChannels) + lanes(targetChannels)) <= Self.cache * 2
  }
  /// Such as `winograd 4×4`, with the form where it is not the usual one.
  var name: String {
    switch form {
    case .blocks: "winograd \(tile)"
    case .panels: "winograd \(tile) by panels"
    case .positions: "winograd \(tile) by positions"
    }
  }
  var blocksPerSample: Int { (tiles.product + block - 1) / block }
  var blocks: Int { blocksPerSample * batch }
  var tilesInAll: Int { tiles.product * batch }

  /// Channels of transformed weights, `wide` columns each, that stay in a core's cache beside the tiles.
  func stagedChunk(_ channels: Int, wide: Int) -> Int {
    min(channels, max(64, Self.cache / (positions * wide) / 16 * 16))
  }

  /// Values of one block's transform with so many channels; consecutive positions do not share cache sets.
  func positionStep(_ channels: Int) -> Int { block * lanes(channels) + 16 }

  /// Tiles of a block, counted within its sample.
  func range(_ index: Int) -> (sample: Int, tiles: Range<Int>) {
    let sample = index / blocksPerSample
    let first = index % blocksPerSample * block
    return (sample, first..<min(tiles.product, first + block))
  }

  /// The description of a run of tiles for the kernels.
  func kernelBlock(
    grid: Axes, channels: Int, padding: Axes, sample: Int, tiles range: Range<Int>, tileStep: Int,
    positionStep: Int, scratch: UnsafeMutablePointer<Float>
  ) -> WinogradBlock {
    WinogradBlock(
      grid: grid.triple, channels: channels, tile: tile.results.triple, points: tile.points.triple,
      padding: padding.triple, tiles: tiles.triple, sample: sample, first: range.lowerBound,
      count: range.count, tileStep: tileStep, positionStep: positionStep, scratch: scratch)
  }
}
