/// The shape of an activation in channels-last layout: `(batch, depth, height, width, channels)`.
///
/// 2D is depth 1. Width follows a scan's i axis, height j and depth k.
package struct TensorShape: Sendable, Hashable, CustomStringConvertible {
  package var batch: Int
  package var depth: Int
  package var height: Int
  package var width: Int
  package var channels: Int

  package init(batch: Int, depth: Int, height: Int, width: Int, channels: Int) {
    precondition(
      batch > 0 && depth > 0 && height > 0 && width > 0 && channels > 0, "extents must be positive")
    self.batch = batch
    self.depth = depth
    self.height = height
    self.width = width
    self.channels = channels
  }

  /// Voxels of one sample.
  package var voxels: Int { depth * height * width }

  /// Rows of channels in the whole batch.
  package var rows: Int { batch * voxels }

  /// Elements in all.
  package var count: Int { rows * channels }

  /// Extents along depth, height, width.
  package var grid: Axes { Axes(depth, height, width) }

  package func with(grid: Axes, channels: Int) -> TensorShape {
    TensorShape(
      batch: batch, depth: grid.depth, height: grid.height, width: grid.width, channels: channels)
  }

  package func with(channels: Int) -> TensorShape { with(grid: grid, channels: channels) }

  package var description: String { "(\(batch), \(depth), \(height), \(width), \(channels))" }
}

/// Three whole numbers, one each for depth, height and width.
package struct Axes: Sendable, Hashable, CustomStringConvertible {
  package var depth: Int
  package var height: Int
  package var width: Int

  package init(_ depth: Int, _ height: Int, _ width: Int) {
    self.depth = depth
    self.height = height
    self.width = width
  }

  package static let one = Axes(1, 1, 1)

  /// depth · height · width.
  package var product: Int { depth * height * width }

  package var description: String { "\(depth)×\(height)×\(width)" }
}
