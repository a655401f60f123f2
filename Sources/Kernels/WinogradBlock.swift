/// A run of Winograd tiles of one sample, and where their transforms lie.
///
/// Tiles are counted along the width first, then height, then depth. A tile covers `tile` results along
/// each axis and `points` inputs: tile + 2 where the kernel is 3 wide, 1 and 1 where it is 1 wide.
package struct WinogradBlock {
  /// Grid of the tensor behind the transform: the input for `winogradInput`, else the output.
  package var grid: (depth: Int, height: Int, width: Int)
  package var channels: Int
  package var tile: (depth: Int, height: Int, width: Int)
  package var points: (depth: Int, height: Int, width: Int)
  /// Zeros before the first input along each axis.
  package var padding: (depth: Int, height: Int, width: Int)
  /// Tiles of a sample along each axis.
  package var tiles: (depth: Int, height: Int, width: Int)
  package var sample: Int
  package var first: Int
  package var count: Int
  /// Values from one tile to the next, and from one position to the next.
  package var tileStep: Int
  package var positionStep: Int
  /// Room for `points` product times 16 values, on a 64-byte boundary.
  package var scratch: UnsafeMutablePointer<Float>

  @inlinable
  package init(
    grid: (Int, Int, Int), channels: Int, tile: (Int, Int, Int), points: (Int, Int, Int),
    padding: (Int, Int, Int), tiles: (Int, Int, Int), sample: Int, first: Int, count: Int, tileStep: Int,
    positionStep: Int, scratch: UnsafeMutablePointer<Float>
  ) {
    (self.grid.depth, self.grid.height, self.grid.width) = grid
    self.channels = channels
    (self.tile.depth, self.tile.height, self.tile.width) = tile
    (self.points.depth, self.points.height, self.points.width) = points
    (self.padding.depth, self.padding.height, self.padding.width) = padding
    (self.tiles.depth, self.tiles.height, self.tiles.width) = tiles
    (self.sample, self.first, self.count) = (sample, first, count)
    (self.tileStep, self.positionStep, self.scratch) = (tileStep, positionStep, scratch)
  }
}

/// Weights `(kernel depth, height, width, input channels, output channels)` to be transformed.
///
/// The result is `(position, panel of 16 output channels, input channel, 16)`, zero beyond the last channel.
package struct WinogradFilter {
  package var weights: UnsafePointer<Float>
  /// Values between taps, between input channels and between output channels.
  package var tapStep: Int
  package var inputStep: Int
  package var outputStep: Int
  package var inputs: Range<Int>
  package var outputs: Range<Int>
  /// Reads the taps backwards, as the input gradient does.
  package var isFlipped: Bool
  package var kernel: (depth: Int, height: Int, width: Int)
  package var tile: (depth: Int, height: Int, width: Int)
  package var points: (depth: Int, height: Int, width: Int)
  package var target: UnsafeMutablePointer<Float>
  package var positionStep: Int
  package var panelStep: Int
  /// Room for `points` product times 16 values, and for 256 values of each tap.
  package var scratch: UnsafeMutablePointer<Float>

  @inlinable
  package init(
    weights: UnsafePointer<Float>, tapStep: Int, inputStep: Int, outputStep: Int, inputs: Range<Int>,
    outputs: Range<Int>, isFlipped: Bool, kernel: (Int, Int, Int), tile: (Int, Int, Int),
    points: (Int, Int, Int), target: UnsafeMutablePointer<Float>, positionStep: Int, panelStep: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    (self.weights, self.tapStep, self.inputStep, self.outputStep) = (weights, tapStep, inputStep, outputStep)
    (self.inputs, self.outputs, self.isFlipped) = (inputs, outputs, isFlipped)
    (self.kernel.depth, self.kernel.height, self.kernel.width) = kernel
    (self.tile.depth, self.tile.height, self.tile.width) = tile
    (self.points.depth, self.points.height, self.points.width) = points
    (self.target, self.positionStep, self.panelStep) = (target, positionStep, panelStep)
    self.scratch = scratch
  }
}

/// The weight gradient's transform `(chunk, position, input channel, output channel)`, to be summed and turned back.
package struct WinogradFilterGradient {
  package var source: UnsafePointer<Float>
  package var chunks: Int
  package var chunkStep: Int
  package var positionStep: Int
  package var rowStep: Int
  package var inputs: Range<Int>
  /// Output channels, counted from the source's and the target's first.
  package var outputs: Int
  package var kernel: (depth: Int, height: Int, width: Int)
  package var tile: (depth: Int, height: Int, width: Int)
  package var points: (depth: Int, height: Int, width: Int)
  package var target: UnsafeMutablePointer<Float>
  package var tapStep: Int
  package var inputStep: Int
  package var scratch: UnsafeMutablePointer<Float>

  @inlinable
  package init(
    source: UnsafePointer<Float>, chunks: Int, chunkStep: Int, positionStep: Int, rowStep: Int,
    inputs: Range<Int>, outputs: Int, kernel: (Int, Int, Int), tile: (Int, Int, Int), points: (Int, Int, Int),
    target: UnsafeMutablePointer<Float>, tapStep: Int, inputStep: Int, scratch: UnsafeMutablePointer<Float>
  ) {
    (self.source, self.chunks, self.chunkStep) = (source, chunks, chunkStep)
    (self.positionStep, self.rowStep, self.inputs, self.outputs) = (positionStep, rowStep, inputs, outputs)
    (self.kernel.depth, self.kernel.height, self.kernel.width) = kernel
    (self.tile.depth, self.tile.height, self.tile.width) = tile
    (self.points.depth, self.points.height, self.points.width) = points
    (self.target, self.tapStep, self.inputStep, self.scratch) = (target, tapStep, inputStep, scratch)
  }
}
