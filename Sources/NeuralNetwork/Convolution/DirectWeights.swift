import Foundations
import Kernels
import Tensor

/// The weight gradient from padded lines: outer products of input and gradient, summed along each line.
struct DirectWeights: WeightStrategy {
  private let shape: ConvolutionShape
  private let lines: PaddedLines
  /// Stretches of lines that are summed apart; by shape alone, so that bits do not depend on threads.
  private let chunks: Int

  init(_ shape: ConvolutionShape) {
    self.shape = shape
    lines = PaddedLines(
      source: shape.input, target: shape.outputGrid, kernel: shape.kernel, padding: shape.padding,
      stride: shape.stride)
    chunks = min(lines.pieces, shape.weightCount > 1_000_000 ? 2 : 8)
  }

  var name: String { "direct" }
  var multiplyAdds: Int { shape.output.rows * rows * columns }

  private var columns: Int { lanes(shape.outputChannels) }
  private var rows: Int { shape.kernel.product * shape.input.channels }
  private var lineCopy: Int { shape.outputGrid.width * columns }

  var demand: Workspace.Demand {
    Workspace.Demand(perWorker: lineCopy + lines.count, shared: chunks * rows * columns)
  }

  func run(_ call: WeightCall, _ context: ConvolutionContext) {
    let sums = context.workspace.shared
    let size = rows * columns
    context.loop.forEach(chunks) { chunk, worker in
      let pieces = (lines.pieces * chunk / chunks)..<(lines.pieces * (chunk + 1) / chunks)
      let total = sums + chunk * size
      total.update(repeating: 0, count: size)
      for index in pieces {
        add(lines.piece(index), call, to: total, context.kernels, context.workspace.worker(worker))
      }
    }
    let parts = shape.kernel.product
    context.loop.forEach(parts) { tap, _ in
      for row in tap * shape.input.channels..<(tap + 1) * shape.input.channels {
        let out = call.weightGradient + row * shape.outputChannels
        for c in 0..<shape.outputChannels {
          var value = sums[row &* columns &+ c]
          for chunk in 1..<max(1, chunks) { value += sums[chunk &* size &+ row &* columns &+ c] }
          out[c] = value
        }
      }
    }
  }

  private func add(
    _ piece: PaddedLines.Piece, _ call: WeightCall, to total: UnsafeMutablePointer<Float>,
    _ kernels: any KernelSet.Type, _ scratch: UnsafeMutablePointer<Float>
  ) {
    let copy = scratch
    let base = scratch + lineCopy
    lines.fill(base, piece: piece, source: call.input, kernels: kernels)
    let grid = shape.outputGrid
    let length = shape.kernel.width * shape.input.channels
    for line in piece.heights {
      let voxel = (piece.depth * grid.height + line) * grid.width
      call.prepare(kernels, shape: shape.output, sample: piece.sample, voxels: voxel..<voxel + grid.width)
      var gradient = UnsafePointer(
        call.gradient.values + (piece.sample * grid.product + voxel) * call.gradient.stride)
      var step = call.gradient.stride
      if columns != shape.outputChannels {
        // The product reads whole registers: beyond the last channel stand zeros.
        copy.update(repeating: 0, count: lineCopy)
        kernels.readRows(
          gradient, stride: step, rows: grid.width, channels: shape.outputChannels, norm: nil, into: copy,
          targetStride: columns)
        gradient = UnsafePointer(copy)
        step = columns
      }
      lines.withSegments(UnsafePointer(base), piece: piece, line: line) { segments, count in
        for segment in 0..<count {
          kernels.multiply(
            Product(
              rows: length, columns: columns, segments: segments + segment, length: grid.width, rowStep: 1,
              depthStep: shape.stride.width * shape.input.channels, b: gradient, bPanelStep: 16,
              bDepthStep: step, c: total + segment * length * columns, cStride: columns, isAdding: true))
        }
      }
    }
  }
}
