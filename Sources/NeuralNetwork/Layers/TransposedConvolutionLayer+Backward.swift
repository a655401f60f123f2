import Foundations
import Kernels
import Tensor

extension TransposedConvolutionLayer {
  func backward(_ context: StepContext) {
    let packed = context.workspace.shared
    packBackward(context, into: packed)
    let sums = PartialSums(
      context, piecesPerSample: lines.piecesPerSample, batch: input.shape.batch, channels: coarse)
    let biasSums = sums.base + 2 * coarse * lines.pieces
    biasSums.update(repeating: 0, count: lines.pieces * fine)
    let work = BackwardWork(
      packed: packed, shared: packed + lanes(coarse) * taps * fine, sums: sums, biasSums: biasSums)
    if isStaged { backwardStaged(context, work) } else { backwardInChunks(context, work) }
    finishBias(context, biasSums)
    if let norm = input.finishedNorm(inputGradient) { sums.finish(norm, context) }
  }

  private struct BackwardWork {
    let packed: UnsafePointer<Float>
    /// Voxels as they are read, or partial weight gradients.
    let shared: UnsafeMutablePointer<Float>
    let sums: PartialSums
    let biasSums: UnsafeMutablePointer<Double>

    init(
      packed: UnsafeMutablePointer<Float>, shared: UnsafeMutablePointer<Float>, sums: PartialSums,
      biasSums: UnsafeMutablePointer<Double>
    ) {
      (self.packed, self.shared, self.sums, self.biasSums) = (UnsafePointer(packed), shared, sums, biasSums)
    }
  }

  /// (panel of coarse channels, tap and fine channel, 16).
  private func packBackward(_ context: StepContext, into packed: UnsafeMutablePointer<Float>) {
    let rows = taps * fine
    context.loop.forEach(lanes(coarse) / 16) { panel, _ in
      let to = packed + panel * rows * 16
      let count = min(16, coarse - panel * 16)
      if count < 16 { to.update(repeating: 0, count: rows * 16) }
      context.kernels.readRows(
        context.parameters + weights + panel * 16, stride: coarse, rows: rows, channels: count, norm: nil,
        into: to, targetStride: 16)
    }
  }

  // MARK: Few weights: every piece adds to its chunk's sums

  private func backwardInChunks(_ context: StepContext, _ work: BackwardWork) {
    work.shared.update(repeating: 0, count: chunks * weightSize)
    context.loop.forEach(chunks) { chunk, worker in
      let x = context.workspace.worker(worker)
      let total = work.shared + chunk * weightSize
      for piece in lines.pieces * chunk / chunks..<lines.pieces * (chunk + 1) / chunks {
        readRows(context, piece: piece, into: x)
        // Line by line: both sides of the product then stay in the first-level cache.
        for (place, line) in lines.lines(of: piece).enumerated() {
          for tap in 0..<taps {
            addWeightGradient(
              context, tap: tap, line: line, x: x + place * lines.width * lanes(coarse),
              into: total + tap * fine * lanes(coarse))
          }
        }
        inputGradients(context, work, piece: piece)
      }
    }
    context.loop.forEach(taps * fine) { row, _ in
      let out = context.gradients + weights + row * coarse
      let from = UnsafePointer(work.shared) + row * lanes(coarse)
      for c in 0..<coarse {
        var value = from[c]
        for chunk in 1..<max(1, chunks) { value += from[chunk &* weightSize &+ c] }
        out[c] = value
      }
    }
  }

  // MARK: Many weights: every part of the gradient sees all voxels at once

  private func backwardStaged(_ context: StepContext, _ work: BackwardWork) {
    context.loop.forEach(lines.pieces) { piece, _ in
      readPanels(context, piece: piece, into: work.shared)
      inputGradients(context, work, piece: piece)
    }
    let blocks = (fine + 31) / 32
    context.loop.forEach(taps * blocks) { index, worker in
      let (tap, block) = (index / blocks, index % blocks)
      let rows = block * 32..<min(fine, block * 32 + 32)
      let gradient = context.workspace.worker(worker)
      readGradient(context, tap: tap, rows: rows, into: gradient)
      let total = gradient + voxels * 32
      // In stretches that stay in the first-level cache.
      for first in stride(from: 0, to: voxels, by: 128) {
        withUnsafePointer(to: UnsafePointer(gradient + first * 32)) { segment in
          context.kernels.multiply(
            Product(
              rows: rows.count, columns: lanes(coarse), segments: segment, length: min(128, voxels - first),
              rowStep: 1, depthStep: 32, b: work.shared + first * 16, bPanelStep: voxels * 16, bDepthStep: 16,
              c: total, cStride: lanes(coarse), isAdding: first > 0))
        }
      }
      for row in rows {
        (context.gradients + weights + (tap * fine + row) * coarse).update(
          from: total + (row - rows.lowerBound) * lanes(coarse), count: coarse)
      }
    }
  }

  /// A piece's voxels as they are read, in panels of 16 channels, `(panel, voxel, 16)`.
  private func readPanels(_ context: StepContext, piece: Int, into panels: UnsafeMutablePointer<Float>) {
    let range = lines.lines(of: piece)
    let (first, count) = (range.lowerBound * lines.width, range.count * lines.width)
    let source = input.read(context)
    let terms = source.terms(sample: lines.sample(of: range.lowerBound))
    for channel in stride(from: 0, to: coarse, by: 16) {
      let target = panels + (channel / 16 * voxels + first) * 16
      let width = min(16, coarse - channel)
      if width < 16 { target.update(repeating: 0, count: count * 16) }
      context.kernels.readRows(
        source.base + first * source.stride + channel, stride: source.stride, rows: count, channels: width,
        norm: terms?.advanced(channel), into: target, targetStride: 16)
    }
  }

  /// All voxels' gradient of one tap and up to 32 channels, `(voxel, 32)`.
  private func readGradient(
    _ context: StepContext, tap: Int, rows: Range<Int>, into target: UnsafeMutablePointer<Float>
  ) {
    let gradient = output.writeGradient(context, isAdding: false)
    for line in 0..<voxels / lines.width {
      context.kernels.readRows(
        gradient.base + lines.fineVoxel(line, tap: tap) * gradient.stride + rows.lowerBound,
        stride: step.width * gradient.stride, rows: lines.width, channels: rows.count, norm: nil,
        into: target + line * lines.width * 32, targetStride: 32)
    }
  }

  // MARK: Products

  /// Σ over a line's voxels of one tap's output gradient times the input.
  private func addWeightGradient(
    _ context: StepContext, tap: Int, line: Int, x: UnsafePointer<Float>,
    into total: UnsafeMutablePointer<Float>
  ) {
    let gradient = output.writeGradient(context, isAdding: false)
    let start = UnsafePointer(gradient.base + lines.fineVoxel(line, tap: tap) * gradient.stride)
    withUnsafePointer(to: start) { segment in
      context.kernels.multiply(
        Product(
          rows: fine, columns: lanes(coarse), segments: segment, length: lines.width, rowStep: 1,
          depthStep: step.width * gradient.stride, b: x, bPanelStep: 16, bDepthStep: lanes(coarse), c: total,
          cStride: lanes(coarse), isAdding: true))
    }
  }

  /// The input's gradient for one piece, with the norm's sums, and the sums of the output's gradient.
  private func inputGradients(_ context: StepContext, _ work: BackwardWork, piece: Int) {
    let range = lines.lines(of: piece)
    let gradient = output.writeGradient(context, isAdding: false)
    let target = input.writeGradient(context, isAdding: inputGradient.isAdding)
    withUnsafeTemporaryAllocation(of: UnsafePointer<Float>.self, capacity: taps) { segments in
      for line in range {
        for tap in 0..<taps {
          segments[tap] = UnsafePointer(gradient.base + lines.fineVoxel(line, tap: tap) * gradient.stride)
          context.kernels.accumulateRows(
            segments[tap], stride: step.width * gradient.stride, rows: lines.width, channels: fine,
            sums: work.biasSums + piece * fine)
        }
        context.kernels.multiply(
          Product(
            rows: lines.width, columns: coarse, segments: UnsafePointer(segments.baseAddress!),
            segmentCount: taps, length: fine, rowStep: step.width * gradient.stride, depthStep: 1,
            b: work.packed, bPanelStep: taps * fine * 16, bDepthStep: 16,
            c: target.base + line * lines.width * target.stride, cStride: target.stride,
            isAdding: inputGradient.isAdding))
      }
    }
    let source = input.read(context)
    guard input.finishedNorm(inputGradient) != nil,
      let norm = source.terms(sample: lines.sample(of: range.lowerBound))
    else { return }
    let first = range.lowerBound * lines.width
    context.kernels.accumulateNormGradient(
      source.base + first * source.stride, stride: source.stride,
      gradient: target.base + first * target.stride,
      gradientStride: target.stride, rows: range.count * lines.width, channels: coarse, norm: norm,
      sums: work.sums.base + piece * 2 * coarse)
  }

  private func finishBias(_ context: StepContext, _ biasSums: UnsafePointer<Double>) {
    for f in 0..<fine {
      var total = 0.0
      for piece in 0..<lines.pieces { total += biasSums[piece * fine + f] }
      context.gradients[bias + f] = Float(total)
    }
  }
}
