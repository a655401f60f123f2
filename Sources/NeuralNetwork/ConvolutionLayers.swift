import Kernels
import Tensor

/// What happens to the gradient that a layer sends to its input.
enum InputGradient {
  /// The network's input: nobody asks for it.
  case none
  /// First to arrive: overwrites.
  case write
  /// Another consumer has already written its share.
  case add
}

/// A convolution, with bias where no normalisation follows.
struct ConvolutionLayer: Layer {
  let convolution: Convolution
  let input: Activation
  let output: Activation
  /// Offsets into the flat parameters.
  let weights: Int
  let bias: Int?
  let inputGradient: InputGradient

  var demand: Workspace.Demand { convolution.demand }

  func forward(_ context: StepContext) {
    convolution.forward(
      input: context.pointer(input.value), weights: context.parameters + weights,
      output: context.pointer(output.value), workspace: context.workspace, loop: context.loop)
    if let bias { Bias(offset: bias, output: output).forward(context) }
  }

  func backward(_ context: StepContext) {
    let gradient = context.pointer(output.gradient)
    if let bias { Bias(offset: bias, output: output).backward(context) }
    convolution.weightGradient(
      input: context.pointer(input.value), outputGradient: gradient,
      weightGradient: context.gradients + weights, workspace: context.workspace, loop: context.loop)
    if inputGradient == .none { return }
    convolution.inputGradient(
      outputGradient: gradient, weights: context.parameters + weights, adding: inputGradient == .add,
      inputGradient: context.pointer(input.gradient), workspace: context.workspace,
      loop: context.loop)
  }
}

/// A transposed convolution: the adjoint of `convolution`, which runs from the fine grid to the coarse one.
///
/// Its weights lie as that convolution's: `(kernel…, fine channels, coarse channels)`.
struct TransposedConvolutionLayer: Layer {
  let convolution: Convolution
  let input: Activation
  let output: Activation
  let weights: Int
  let bias: Int

  var demand: Workspace.Demand { convolution.demand }

  func forward(_ context: StepContext) {
    convolution.inputGradient(
      outputGradient: context.pointer(input.value), weights: context.parameters + weights,
      adding: false, inputGradient: context.pointer(output.value), workspace: context.workspace,
      loop: context.loop)
    Bias(offset: bias, output: output).forward(context)
  }

  func backward(_ context: StepContext) {
    let gradient = context.pointer(output.gradient)
    Bias(offset: bias, output: output).backward(context)
    convolution.weightGradient(
      input: gradient, outputGradient: context.pointer(input.value),
      weightGradient: context.gradients + weights, workspace: context.workspace, loop: context.loop)
    convolution.forward(
      input: gradient, weights: context.parameters + weights,
      output: context.pointer(input.gradient), workspace: context.workspace, loop: context.loop)
  }
}

/// A bias per channel of `output`.
private struct Bias {
  let offset: Int
  let output: Activation

  func forward(_ context: StepContext) {
    let pieces = RowPieces(rows: output.shape.rows)
    let channels = output.shape.channels
    let base = context.pointer(output.value)
    context.loop.forEach(pieces.count) { index, _ in
      let range = pieces.range(index)
      addBias(
        base + range.lowerBound * channels, rows: range.count, channels: channels,
        bias: context.parameters + offset)
    }
  }

  func backward(_ context: StepContext) {
    let pieces = RowPieces(rows: output.shape.rows)
    let channels = output.shape.channels
    let base = context.pointer(output.gradient)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: pieces.count * channels) { partials in
      partials.initialize(repeating: 0)
      let sums = partials.baseAddress!
      context.loop.forEach(pieces.count) { index, _ in
        let range = pieces.range(index)
        accumulateRows(
          base + range.lowerBound * channels, rows: range.count, channels: channels,
          sums: sums + index * channels)
      }
      for c in 0..<channels {
        var total = 0.0
        for index in 0..<pieces.count { total += sums[index * channels + c] }
        context.gradients[offset + c] = Float(total)
      }
    }
  }
}
