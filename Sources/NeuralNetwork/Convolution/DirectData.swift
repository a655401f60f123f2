import Foundations
import Kernels
import Tensor

/// Convolution straight from padded lines: no matrix is gathered, since along a line the rows of the
/// im2col matrix overlap in memory.
///
/// Best with few input channels; serves any kernel and stride.
struct DirectData: DataStrategy {
  private let correlation: Correlation
  private let stride: Axes
  private let lines: PaddedLines

  init(_ correlation: Correlation, stride: Axes = .one) {
    self.correlation = correlation
    self.stride = stride
    lines = PaddedLines(
      source: correlation.source, target: correlation.target.grid, kernel: correlation.kernel,
      padding: correlation.padding, stride: stride)
  }

  var name: String { "direct" }
  var piecesPerSample: Int { lines.piecesPerSample }
  var multiplyAdds: Int { correlation.target.rows * depth * panels * 16 }

  private var depth: Int { correlation.kernel.product * correlation.source.channels }
  private var panels: Int { (correlation.target.channels + 15) / 16 }

  var demand: Workspace.Demand {
    Workspace.Demand(perWorker: lines.count, shared: panels * depth * 16)
  }

  func run(_ call: DataCall, _ context: ConvolutionContext) {
    let kernels = context.kernels
    let packed = context.workspace.shared
    context.loop.forEach(panels) { panel, _ in
      correlation.pack(call.weights, panel: panel, kernels: kernels, into: packed + panel * depth * 16)
    }
    let width = correlation.target.width
    context.loop.forEach(lines.pieces) { index, worker in
      let piece = lines.piece(index)
      lines.fill(context.workspace.worker(worker), piece: piece, source: call.source, kernels: kernels)
      let base = UnsafePointer(context.workspace.worker(worker))
      for line in piece.heights {
        let voxel = (piece.depth * correlation.target.height + line) * width
        lines.withSegments(base, piece: piece, line: line) { segments, count in
          kernels.multiply(
            Product(
              rows: width, columns: correlation.target.channels, segments: segments, segmentCount: count,
              length: correlation.kernel.width * correlation.source.channels,
              rowStep: stride.width * correlation.source.channels, depthStep: 1, b: packed,
              bPanelStep: depth * 16, bDepthStep: 16,
              c: call.target.base + (piece.sample * correlation.target.voxels + voxel) * call.target.stride,
              cStride: call.target.stride, isAdding: call.target.isAdding, bias: call.bias))
        }
        call.finish(
          kernels, shape: correlation.target, sample: piece.sample, voxels: voxel..<voxel + width,
          piece: index, hasBias: true)
      }
    }
  }
}

/// Groups of output lines, and the padded input lines that they see.
struct PaddedLines: Sendable {
  let source: TensorShape
  let target: Axes
  let kernel: Axes
  let padding: Axes
  let stride: Axes
  /// Output lines to a group.
  private let group: Int

  init(source: TensorShape, target: Axes, kernel: Axes, padding: Axes, stride: Axes) {
    self.source = source
    self.target = target
    self.kernel = kernel
    self.padding = padding
    self.stride = stride
    group = min(target.height, 8)
  }

  /// One group of output lines.
  struct Piece {
    let sample: Int
    let depth: Int
    let heights: Range<Int>
  }

  private var groups: Int { (target.height + group - 1) / group }
  var piecesPerSample: Int { target.depth * groups }
  var pieces: Int { source.batch * piecesPerSample }

  /// Zeros before and behind a line.
  private var before: Int { padding.width }
  private var after: Int {
    max(0, (target.width - 1) * stride.width + kernel.width - padding.width - source.width)
  }
  /// Values of one padded line.
  private var length: Int { (before + source.width + after) * source.channels }
  private var heightLines: Int { (group - 1) * stride.height + kernel.height }
  /// Values of all lines of a group.
  var count: Int { kernel.depth * heightLines * length }

  func piece(_ index: Int) -> Piece {
    let first = index % groups * group
    let rest = index / groups
    return Piece(
      sample: rest / target.depth, depth: rest % target.depth,
      heights: first..<min(target.height, first + group))
  }

  /// Writes a group's padded lines.
  func fill(
    _ scratch: UnsafeMutablePointer<Float>, piece: Piece, source tensor: TensorRead,
    kernels: any KernelSet.Type
  ) {
    let norm = tensor.terms(sample: piece.sample)
    let needed = (piece.heights.count - 1) * stride.height + kernel.height
    for d in 0..<kernel.depth {
      let z = piece.depth * stride.depth + d - padding.depth
      for h in 0..<needed {
        let y = piece.heights.lowerBound * stride.height + h - padding.height
        let isInside = z >= 0 && z < source.depth && y >= 0 && y < source.height
        let voxel = ((piece.sample * source.depth + z) * source.height + y) * source.width
        kernels.padLine(
          isInside ? tensor.base + voxel * tensor.stride : nil, stride: tensor.stride, width: source.width,
          channels: source.channels, norm: norm, before: before, after: after,
          into: scratch + (d * heightLines + h) * length)
      }
    }
  }

  /// Calls `body` with where the taps of one output line begin, a pointer for each tap line.
  func withSegments(
    _ scratch: UnsafePointer<Float>, piece: Piece, line: Int,
    _ body: (UnsafePointer<UnsafePointer<Float>>, Int) -> Void
  ) {
    let count = kernel.depth * kernel.height
    withUnsafeTemporaryAllocation(of: UnsafePointer<Float>.self, capacity: count) { segments in
      let first = (line - piece.heights.lowerBound) * stride.height
      for d in 0..<kernel.depth {
        for h in 0..<kernel.height {
          segments[d * kernel.height + h] = scratch + (d * heightLines + first + h) * length
        }
      }
      body(UnsafePointer(segments.baseAddress!), count)
    }
  }
}
