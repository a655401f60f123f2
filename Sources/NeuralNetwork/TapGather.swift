import Kernels
import Tensor

/// One tiled matrix product of a convolution pass: rows gathered from a source tensor by taps,
/// times a matrix of weights, written to a (possibly strided) set of target voxels.
///
/// The forward pass is one of these. The input gradient is one for each phase of the stride: the
/// input voxels of one phase see the same taps, so nothing is computed for nothing.
struct TapGather {
  let grid: GatherGrid
  let runs: [TapRun]
  /// The kernel tap (index into depth·height·width) behind each tap of a row, in row order.
  let taps: [Int]
  /// Positions along depth, height, width, per sample.
  let positions: Axes
  /// The target tensor's grid; position p stands for voxel p·targetStride + phase.
  let target: Axes
  let targetStride: Axes
  let phase: Axes
  /// Positions in the whole batch.
  let rows: Int
  let sourceChannels: Int

  /// Values in a row of the gathered matrix.
  var rowLength: Int { taps.count * sourceChannels }

  /// Whether the source's own rows are the matrix, so that nothing is copied.
  var isSourceMatrix: Bool {
    taps.count == 1 && runs[0].depth == 0 && runs[0].height == 0 && runs[0].width == 0
      && grid.strideDepth == 1 && grid.strideHeight == 1 && grid.strideWidth == 1
      && positions == Axes(grid.sourceDepth, grid.sourceHeight, grid.sourceWidth)
  }

  /// Whether consecutive positions are consecutive target voxels.
  var isTargetDense: Bool { targetStride == .one && positions == target }

  /// Rows to a tile: the gathered tile stays within L2, and small problems still split.
  var tileRows: Int {
    let fits = 65_536 / max(1, rowLength)
    let shared = (rows + 7) / 8
    return max(16, min(fits, shared, 8192) / 16 * 16)
  }

  var tiles: Int { (rows + tileRows - 1) / tileRows }
}

extension TapGather {
  /// The forward pass of a convolution.
  static func forward(_ shape: ConvolutionShape) -> TapGather {
    let kernel = shape.kernel
    var runs: [TapRun] = []
    for d in 0..<kernel.depth {
      for h in 0..<kernel.height {
        runs.append(
          TapRun(
            depth: d - shape.padding.depth, height: h - shape.padding.height,
            width: -shape.padding.width, length: kernel.width))
      }
    }
    let output = shape.outputGrid
    return TapGather(
      grid: gatherGrid(positions: output, source: shape.input, stride: shape.stride),
      runs: runs, taps: Array(0..<kernel.product), positions: output, target: output,
      targetStride: .one, phase: Axes(0, 0, 0), rows: shape.input.batch * output.product,
      sourceChannels: shape.input.channels)
  }

  /// The input gradient: one gather for each phase of the stride, reading the output's gradient.
  static func inputGradient(_ shape: ConvolutionShape) -> [TapGather] {
    var gathers: [TapGather] = []
    for d in 0..<shape.stride.depth {
      for h in 0..<shape.stride.height {
        for w in 0..<shape.stride.width {
          if let gather = inputGradient(shape, phase: Axes(d, h, w)) { gathers.append(gather) }
        }
      }
    }
    return gathers
  }

  private static func inputGradient(_ shape: ConvolutionShape, phase: Axes) -> TapGather? {
    func count(_ extent: Int, _ phase: Int, _ stride: Int) -> Int {
      max(0, (extent - phase + stride - 1) / stride)
    }
    let positions = Axes(
      count(shape.input.depth, phase.depth, shape.stride.depth),
      count(shape.input.height, phase.height, shape.stride.height),
      count(shape.input.width, phase.width, shape.stride.width))
    if positions.product == 0 { return nil }
    let depth = reach(phase.depth, shape.stride.depth, shape.padding.depth, shape.kernel.depth)
    let height = reach(phase.height, shape.stride.height, shape.padding.height, shape.kernel.height)
    let width = reach(phase.width, shape.stride.width, shape.padding.width, shape.kernel.width)
    var runs: [TapRun] = []
    var taps: [Int] = []
    for d in depth {
      for h in height where !width.isEmpty {
        runs.append(
          TapRun(depth: d.offset, height: h.offset, width: width[0].offset, length: width.count))
        taps += width.map { (d.tap * shape.kernel.height + h.tap) * shape.kernel.width + $0.tap }
      }
    }
    return TapGather(
      grid: gatherGrid(positions: positions, source: shape.output, stride: .one), runs: runs,
      taps: taps, positions: positions, target: shape.input.grid, targetStride: shape.stride,
      phase: phase, rows: shape.input.batch * positions.product, sourceChannels: shape.outputChannels)
  }

  /// The taps that link an input voxel of this phase with outputs, by growing output offset.
  private static func reach(
    _ phase: Int, _ stride: Int, _ padding: Int, _ kernel: Int
  ) -> [(tap: Int, offset: Int)] {
    (0..<kernel).reversed().compactMap { tap in
      let distance = phase + padding - tap
      // Exact division only: other taps fall between this phase's outputs.
      return distance % stride == 0 ? (tap, distance / stride) : nil
    }
  }

  private static func gatherGrid(positions: Axes, source: TensorShape, stride: Axes) -> GatherGrid {
    GatherGrid(
      positions: (positions.depth, positions.height, positions.width),
      source: (source.depth, source.height, source.width), channels: source.channels,
      stride: (stride.depth, stride.height, stride.width))
  }
}
