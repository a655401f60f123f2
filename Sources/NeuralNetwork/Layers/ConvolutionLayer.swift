import Kernels
import Tensor

/// A convolution, followed by instance norm and leaky ReLU, or with a bias and nothing after it.
struct ConvolutionLayer: Layer {
  let name: String
  let convolution: Convolution
  let input: Feature
  let output: Feature
  /// Offsets into the flat parameters.
  let weights: Int
  let bias: Int?
  let norm: InstanceNorm?
  let inputGradient: InputGradient

  func demand(isTraining: Bool) -> Workspace.Demand {
    var demand = convolution.demand(isTraining: isTraining)
    if bias != nil {
      demand.include(Workspace.Demand(sums: RowPieces(rows: output.shape.rows).count * output.shape.channels))
    }
    return demand
  }

  var forwardWork: Double {
    Double(output.shape.rows) * Double(convolution.shape.weightCount)
      + 16 * Double(input.shape.count + output.shape.count)
  }

  var accesses: LayerAccesses {
    let values = input.reads + [output.valueWritten]
    // The weight gradient turns the output's gradient into that before the normalisation, in its place, and
    // ends before the input gradient begins: by then the output's value is dead.
    var phases = [
      [output.gradientRead] + input.reads + (norm == nil ? [] : output.reads + output.sumsRead)
    ]
    if inputGradient != .none {
      var phase = [output.gradientRead, input.gradientWritten(isAdding: inputGradient.isAdding)]
      if input.finishedNorm(inputGradient) != nil { phase += input.reads + input.sumsWritten }
      phases.append(phase)
    }
    return LayerAccesses(
      forward: values + (norm == nil ? [] : output.termsWritten), recompute: values, backward: phases)
  }

  func forward(_ context: StepContext) {
    var call = forwardCall(context)
    guard let norm else {
      convolution.forward.run(call, context.convolution)
      return
    }
    let sums = PartialSums(
      context, piecesPerSample: convolution.forward.piecesPerSample, batch: output.shape.batch,
      channels: output.shape.channels)
    call.epilogue = .moments(sums: sums.base)
    convolution.forward.run(call, context.convolution)
    norm.finishForward(sums, context)
  }

  func recompute(_ context: StepContext) {
    convolution.forward.run(forwardCall(context), context.convolution)
  }

  private func forwardCall(_ context: StepContext) -> DataCall {
    DataCall(
      source: input.read(context), weights: context.parameters + weights,
      bias: bias.map { context.parameters + $0 }, target: output.write(context))
  }

  func backward(_ context: StepContext) {
    norm?.beginBackward(context)
    if let bias { biasGradient(bias, context) }
    let gradient = output.writeGradient(context, isAdding: false)
    convolution.weightGradient.run(
      WeightCall(
        input: input.read(context),
        gradient: GradientRead(
          values: gradient.base, stride: gradient.stride, output: norm == nil ? nil : output.read(context)),
        weightGradient: context.gradients + weights), context.convolution)
    context.observer?(name, .weightGradient)
    if inputGradient == .none { return }
    var call = DataCall(
      source: TensorRead(base: UnsafePointer(gradient.base), stride: gradient.stride),
      weights: context.parameters + weights,
      target: input.writeGradient(context, isAdding: inputGradient.isAdding))
    guard let inputNorm = input.finishedNorm(inputGradient) else {
      convolution.inputGradient.run(call, context.convolution)
      return
    }
    let sums = PartialSums(
      context, piecesPerSample: convolution.inputGradient.piecesPerSample, batch: input.shape.batch,
      channels: input.shape.channels)
    call.epilogue = .normGradient(input: input.read(context), sums: sums.base)
    convolution.inputGradient.run(call, context.convolution)
    sums.finish(inputNorm, context)
  }

  /// Sums of the output's gradient over all voxels.
  private func biasGradient(_ bias: Int, _ context: StepContext) {
    let channels = output.shape.channels
    let pieces = RowPieces(rows: output.shape.rows)
    let gradient = output.writeGradient(context, isAdding: false)
    let sums = context.workspace.sums
    sums.update(repeating: 0, count: pieces.count * channels)
    context.loop.forEach(pieces.count) { index, _ in
      let range = pieces.range(index)
      context.kernels.accumulateRows(
        gradient.base + range.lowerBound * gradient.stride, stride: gradient.stride, rows: range.count,
        channels: channels, sums: sums + index * channels)
    }
    for c in 0..<channels {
      var total = 0.0
      for index in 0..<pieces.count { total += sums[index * channels + c] }
      context.gradients[bias + c] = Float(total)
    }
  }
}
