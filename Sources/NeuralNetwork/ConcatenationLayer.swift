import Kernels
import Tensor

/// Joins two tensors of one grid along the channels: the decoder's and the skip connection's.
struct ConcatenationLayer: Layer {
  let first: Activation
  let second: Activation
  let output: Activation

  var demand: Workspace.Demand { Workspace.Demand() }

  func forward(_ context: StepContext) {
    let target = context.pointer(output.value)
    copy(context) { start, rows, channels, offset, part in
      copyChannels(
        rows: rows, channels: channels, source: context.pointer(part.value) + start * channels,
        sourceLength: channels, from: 0, target: target + start * output.shape.channels,
        targetLength: output.shape.channels, to: offset, adding: false)
    }
  }

  /// The concatenation is the first to write both parts' gradients, being the last to read them.
  func backward(_ context: StepContext) {
    let source = context.pointer(output.gradient)
    copy(context) { start, rows, channels, offset, part in
      copyChannels(
        rows: rows, channels: channels, source: source + start * output.shape.channels,
        sourceLength: output.shape.channels, from: offset,
        target: context.pointer(part.gradient) + start * channels, targetLength: channels, to: 0,
        adding: false)
    }
  }

  private func copy(
    _ context: StepContext,
    _ body: (_ start: Int, _ rows: Int, _ channels: Int, _ offset: Int, _ part: Activation) -> Void
  ) {
    let pieces = RowPieces(rows: output.shape.rows)
    context.loop.forEach(pieces.count) { index, _ in
      let range = pieces.range(index)
      body(range.lowerBound, range.count, first.shape.channels, 0, first)
      body(range.lowerBound, range.count, second.shape.channels, first.shape.channels, second)
    }
  }
}
