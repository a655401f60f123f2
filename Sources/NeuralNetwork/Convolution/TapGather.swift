import Kernels
import Tensor

/// One tiled matrix product of a convolution pass: rows gathered from a source tensor by taps,
/// times a matrix of weights, written to a (possibly strided) set of target voxels.
///
/// The forward pass is one of these. The input gradient is one for each phase of the stride: the
/// input voxels of one phase see the same taps, so nothing is computed for nothing.
struct TapGather: Sendable {
  let grid: GatherGrid
  let runs: [TapRun]
  /// The kernel tap (index into depth·height·width) behind each tap of a row, in row order.
  let taps: [Int]
  /// Positions along depth, height, width, per sample.
  let positions: Axes
  /// The target tensor's grid; position p stands for voxel p·targetStep + phase.
  let target: Axes
  let targetStep: Axes
  let phase: Axes
  let batch: Int

  /// Values in a row of the gathered matrix.
  var rowLength: Int { taps.count * grid.channels }

  /// Whether the source's own rows are the matrix, so that nothing need be copied.
  private var isSourceMatrix: Bool {
    taps.count == 1 && runs[0].depth == 0 && runs[0].height == 0 && runs[0].width == 0
      && grid.step == (1, 1, 1) && grid.positions == grid.source
  }

  /// Whether consecutive positions are consecutive target voxels.
  var isTargetDense: Bool { targetStep == .one && positions == target }

  /// Rows to a tile: the gathered tile stays within a core's cache, and small problems still split.
  var tileRows: Int {
    let fits = 131_072 / max(1, rowLength)
    let shared = (positions.product * batch + 3) / 4
    return min(positions.product, max(16, min(fits, shared, 8192) / 16 * 16))
  }

  var tilesPerSample: Int { (positions.product + tileRows - 1) / tileRows }
  var tiles: Int { tilesPerSample * batch }

  /// A tile's sample and positions within it.
  func tile(_ index: Int) -> (sample: Int, voxels: Range<Int>) {
    let first = index % tilesPerSample * tileRows
    return (index / tilesPerSample, first..<min(positions.product, first + tileRows))
  }

  /// Rows of the im2col matrix and their distance: gathered into `scratch`, or the source's own where it already is the matrix.
  func matrix(
    _ source: TensorRead, first: Int, count: Int, scratch: UnsafeMutablePointer<Float>,
    kernels: any KernelSet.Type
  ) -> (UnsafePointer<Float>, Int) {
    if isSourceMatrix && source.norm == nil { return (source.base + first * source.stride, source.stride) }
    runs.withUnsafeBufferPointer { runs in
      kernels.gatherRows(
        grid, runs: runs.baseAddress!, runCount: runs.count, rowLength: rowLength, source: source,
        first: first, count: count, into: scratch)
    }
    return (UnsafePointer(scratch), rowLength)
  }

  /// Where the product's rows go.
  func scatter(channels: Int, targetStride: Int) -> ScatterGrid {
    ScatterGrid(
      positions: positions.triple, target: target.triple, step: targetStep.triple, phase: phase.triple,
      channels: channels, rowStride: channels, targetStride: targetStride)
  }
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
      targetStep: .one, phase: Axes(0, 0, 0), batch: shape.input.batch)
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
      taps: taps, positions: positions, target: shape.input.grid, targetStep: shape.stride,
      phase: phase, batch: shape.input.batch)
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
      step: (stride.depth, stride.height, stride.width))
  }
}
