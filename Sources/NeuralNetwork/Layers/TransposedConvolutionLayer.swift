import Foundations
import Kernels
import Tensor

/// A transposed convolution whose kernel is its stride, with bias: each voxel becomes a block of `step` voxels.
///
/// Weights lie as `(step…, fine channels, coarse channels)`: those of the convolution that it is the adjoint
/// of. One product makes a row of all taps from each coarse voxel; nothing overlaps.
struct TransposedConvolutionLayer: Layer {
  let name: String
  let step: Axes
  let input: Feature
  let output: Feature
  let weights: Int
  let bias: Int
  /// Terms of the joined feature that the output is the first part of; its own are the identity.
  let joined: NormFeature
  let inputGradient: InputGradient

  private var coarse: Int { input.shape.channels }
  private var fine: Int { output.shape.channels }
  private var taps: Int { step.product }
  /// Values of a row of all taps, each padded to whole registers.
  private var rowLength: Int { taps * lanes(fine) }
  private var rows: Int {
    max(1, min((input.shape.voxels + 7) / 8, 65_536 / (rowLength + lanes(coarse))))
  }
  private var piecesPerSample: Int { (input.shape.voxels + rows - 1) / rows }
  private var pieces: Int { piecesPerSample * input.shape.batch }
  private var chunks: Int { min(4, pieces) }
  private var weightSize: Int { rowLength * lanes(coarse) }

  func demand(isTraining: Bool) -> Workspace.Demand {
    let perWorker = rows * (rowLength + 2 * lanes(coarse))
    let packed = rowLength * lanes(coarse)
    return Workspace.Demand(
      perWorker: perWorker, shared: isTraining ? packed + chunks * weightSize : packed,
      sums: 2 * coarse * pieces + pieces * rowLength)
  }

  var forwardWork: Double {
    Double(input.shape.rows) * Double(taps * fine * coarse)
      + 16 * Double(input.shape.count + output.shape.count)
  }

  var accesses: LayerAccesses {
    // Recomputing writes the identity's terms too.
    let values = input.reads + [output.valueWritten] + output.termsWritten
    let gradients = [output.gradientRead, input.gradientWritten(isAdding: inputGradient.isAdding)]
    return LayerAccesses(
      forward: values, recompute: values,
      backward: [input.reads + gradients + (inputGradient.isComplete ? input.sumsWritten : [])])
  }

  private func piece(_ index: Int) -> (sample: Int, voxels: Range<Int>) {
    let first = index % piecesPerSample * rows
    return (index / piecesPerSample, first..<min(input.shape.voxels, first + rows))
  }

  // MARK: Forward

  func forward(_ context: StepContext) {
    markIdentity(context)
    let packed = context.workspace.shared
    packForward(context, into: packed)
    let (source, target) = (input.read(context), output.write(context))
    context.loop.forEach(pieces) { index, worker in
      let (sample, voxels) = piece(index)
      let first = sample * input.shape.voxels + voxels.lowerBound
      let x = context.workspace.worker(worker)
      let y = x + rows * lanes(coarse)
      readRows(context, source, sample: sample, first: first, count: voxels.count, into: x)
      multiply(
        context, rows: voxels.count, columns: rowLength, a: x, length: coarse, rowStep: lanes(coarse),
        depthStep: 1, b: packed, bPanelStep: coarse * 16, bDepthStep: 16, c: y, cStride: rowLength,
        isAdding: false)
      for tap in 0..<taps {
        context.kernels.scatterRows(
          y + tap * lanes(fine), scatter: scatter(tap), first: first, count: voxels.count,
          bias: context.parameters + bias, isAdding: false, into: target.base)
      }
    }
  }

  /// The output is read as it is: scale 1, shift 0, slope 1.
  private func markIdentity(_ context: StepContext) {
    for sample in 0..<output.shape.batch {
      for row in 0..<NormFeature.rows {
        joined.row(context, row, sample: sample).update(repeating: row == 0 || row == 2 ? 1 : 0, count: fine)
      }
    }
  }

  /// (panel of taps and fine channels, coarse channel, 16).
  private func packForward(_ context: StepContext, into packed: UnsafeMutablePointer<Float>) {
    let w = context.parameters + weights
    context.loop.forEach(rowLength / 16) { panel, _ in
      let (tap, first) = (panel * 16 / lanes(fine), panel * 16 % lanes(fine))
      let to = packed + panel * coarse * 16
      for lane in 0..<16 {
        let f = first + lane
        let from = w + (tap * fine + min(f, fine - 1)) * coarse
        for c in 0..<coarse { to[c &* 16 &+ lane] = f < fine ? from[c] : 0 }
      }
    }
  }

  private func scatter(_ tap: Int) -> ScatterGrid {
    let phase = (
      tap / step.width / step.height, tap / step.width % step.height, tap % step.width
    )
    return ScatterGrid(
      positions: input.shape.grid.triple, target: output.shape.grid.triple, step: step.triple, phase: phase,
      channels: fine, rowStride: rowLength, targetStride: output.stride)
  }

  func recompute(_ context: StepContext) { forward(context) }

  // MARK: Backward

  func backward(_ context: StepContext) {
    let packed = context.workspace.shared
    packBackward(context, into: packed)
    let weightSums = packed + rowLength * lanes(coarse)
    let sums = PartialSums(
      context, piecesPerSample: piecesPerSample, batch: input.shape.batch, channels: coarse)
    let biasSums = sums.base + 2 * coarse * pieces
    biasSums.update(repeating: 0, count: pieces * rowLength)
    weightSums.update(repeating: 0, count: chunks * weightSize)
    context.loop.forEach(chunks) { chunk, worker in
      for index in pieces * chunk / chunks..<pieces * (chunk + 1) / chunks {
        backwardPiece(
          context, index, scratch: context.workspace.worker(worker), packed: packed,
          weightSums: weightSums + chunk * weightSize, biasSums: biasSums + index * rowLength, sums: sums)
      }
    }
    finishParameters(context, weightSums: weightSums, biasSums: biasSums)
    if let norm = input.norm, inputGradient.isComplete { sums.finish(norm, context) }
  }

  /// (panel of coarse channels, tap and fine channel, 16).
  private func packBackward(_ context: StepContext, into packed: UnsafeMutablePointer<Float>) {
    let w = context.parameters + weights
    context.loop.forEach(lanes(coarse) / 16) { panel, _ in
      for row in 0..<rowLength {
        let (tap, f) = (row / lanes(fine), row % lanes(fine))
        let to = packed + (panel * rowLength + row) * 16
        for lane in 0..<16 {
          let c = panel * 16 + lane
          to[lane] = f < fine && c < coarse ? w[(tap * fine + f) * coarse + c] : 0
        }
      }
    }
  }

  private func backwardPiece(
    _ context: StepContext, _ index: Int, scratch: UnsafeMutablePointer<Float>,
    packed: UnsafePointer<Float>, weightSums: UnsafeMutablePointer<Float>,
    biasSums: UnsafeMutablePointer<Double>, sums: PartialSums
  ) {
    let (sample, voxels) = piece(index)
    let first = sample * input.shape.voxels + voxels.lowerBound
    let x = scratch
    let g = scratch + rows * lanes(coarse)
    g.update(repeating: 0, count: voxels.count * rowLength)
    gatherGradient(context, first: first, count: voxels.count, into: g)
    context.kernels.accumulateRows(
      g, stride: rowLength, rows: voxels.count, channels: rowLength, sums: biasSums)
    let source = input.read(context)
    readRows(context, source, sample: sample, first: first, count: voxels.count, into: x)
    multiply(
      context, rows: rowLength, columns: lanes(coarse), a: g, length: voxels.count, rowStep: 1,
      depthStep: rowLength, b: x, bPanelStep: 16, bDepthStep: lanes(coarse), c: weightSums,
      cStride: lanes(coarse), isAdding: true)
    let target = input.writeGradient(context, isAdding: inputGradient.isAdding)
    let out = target.base + first * target.stride
    multiply(
      context, rows: voxels.count, columns: coarse, a: g, length: rowLength, rowStep: rowLength, depthStep: 1,
      b: packed, bPanelStep: rowLength * 16, bDepthStep: 16, c: out, cStride: target.stride,
      isAdding: inputGradient.isAdding)
    if inputGradient.isComplete, let norm = source.terms(sample: sample) {
      context.kernels.accumulateNormGradient(
        source.base + first * source.stride, stride: source.stride, gradient: out,
        gradientStride: target.stride, rows: voxels.count, channels: coarse, norm: norm,
        sums: sums.base + index * 2 * coarse)
    }
  }

  /// Rows of the fine gradient, all taps of a coarse voxel side by side.
  private func gatherGradient(
    _ context: StepContext, first: Int, count: Int, into g: UnsafeMutablePointer<Float>
  ) {
    let gradient = output.writeGradient(context, isAdding: false)
    for tap in 0..<taps {
      context.kernels.collectRows(
        UnsafePointer(gradient.base), scatter: scatter(tap), first: first, count: count,
        into: g + tap * lanes(fine))
    }
  }

  private func finishParameters(
    _ context: StepContext, weightSums: UnsafePointer<Float>, biasSums: UnsafePointer<Double>
  ) {
    let (fine, coarse, wide) = (fine, coarse, lanes(coarse))
    context.loop.forEach(taps) { tap, _ in
      for f in 0..<fine {
        let row = (tap * lanes(fine) + f) * wide
        let out = context.gradients + weights + (tap * fine + f) * coarse
        for c in 0..<coarse {
          var value = weightSums[row &+ c]
          for chunk in 1..<max(1, chunks) { value += weightSums[chunk &* weightSize &+ row &+ c] }
          out[c] = value
        }
      }
    }
    for f in 0..<fine {
      var total = 0.0
      for piece in 0..<pieces {
        for tap in 0..<taps { total += biasSums[piece * rowLength + tap * lanes(fine) + f] }
      }
      context.gradients[bias + f] = Float(total)
    }
  }

  // MARK: Kernels

  private func readRows(
    _ context: StepContext, _ source: TensorRead, sample: Int, first: Int, count: Int,
    into x: UnsafeMutablePointer<Float>
  ) {
    if lanes(coarse) != coarse { x.update(repeating: 0, count: count * lanes(coarse)) }
    context.kernels.readRows(
      source.base + first * source.stride, stride: source.stride, rows: count, channels: coarse,
      norm: source.terms(sample: sample), into: x, targetStride: lanes(coarse))
  }

  private func multiply(
    _ context: StepContext, rows: Int, columns: Int, a: UnsafePointer<Float>, length: Int, rowStep: Int,
    depthStep: Int, b: UnsafePointer<Float>, bPanelStep: Int, bDepthStep: Int,
    c: UnsafeMutablePointer<Float>, cStride: Int, isAdding: Bool
  ) {
    withUnsafePointer(to: a) { segment in
      context.kernels.multiply(
        Product(
          rows: rows, columns: columns, segments: segment, length: length, rowStep: rowStep,
          depthStep: depthStep, b: b, bPanelStep: bPanelStep, bDepthStep: bDepthStep, c: c, cStride: cStride,
          isAdding: isAdding))
    }
  }
}
