import Foundations
import Kernels
import Tensor

/// Soft Dice plus cross-entropy of one output, 1 : 1, by the conventions of nnU-Net 2.8 (`DC_and_CE_loss`,
/// `DC_and_BCE_loss` with `MemoryEfficientSoftDiceLoss`).
///
/// Dice is −mean of (2Σpg + s) / (Σp + Σg + s), s = 1e-5, over classes (labels: without background) and, unless it is of the whole
/// batch, over samples. Cross-entropy is the mean over the batch's voxels, for regions over voxels and regions.
/// Not thread-safe: it keeps the memory of its sums.
package final class DiceCrossEntropy {
  package static let smooth = 1e-5

  private let settings: LossSettings
  private let outputs: Int
  /// Parts of the batch that Dice is computed of: one, or as many as there are samples.
  private let groups: Int
  private let kernels: any KernelSet.Type
  /// Sums of each piece of work in double precision: Σp, Σg and Σp·g of each output, and the cross-entropy.
  private let partials: FloatBuffer
  /// ∂Dice loss/∂p of each group's outputs: see `KernelSet.overlapGradient`.
  private let terms: FloatBuffer
  private let weights: FloatBuffer
  private let membership: FloatBuffer

  /// `samples` is the batch's size; it matters where Dice is not of the whole batch.
  package init(
    _ settings: LossSettings, samples: Int = 1, kernels: any KernelSet.Type = KernelChoice.current
  ) {
    self.settings = settings
    self.kernels = kernels
    outputs = settings.targets.outputs
    groups = settings.batchDice ? 1 : samples
    partials = FloatBuffer(count: 2 * groups * RowPieces.most * (3 * outputs + 1))
    terms = FloatBuffer(count: 2 * groups * outputs)
    weights = FloatBuffer(settings.weights ?? [Float](repeating: 1, count: outputs))
    if case .regions(let table) = settings.targets {
      membership = FloatBuffer(table.values)
    } else {
      membership = FloatBuffer(count: 0)
    }
  }

  /// Exclusive classes, Dice of the whole batch, no weights.
  package convenience init(classes: Int, kernels: any KernelSet.Type = KernelChoice.current) {
    self.init(LossSettings(.labels(classes)), kernels: kernels)
  }

  /// The loss of a batch, and its gradient with respect to the logits in `gradient`, both times `share`.
  ///
  /// - Parameters:
  ///   - logits: `(rows, outputs)`, rows over batch and voxels.
  ///   - targets: a class index for each row.
  ///   - gradient: `(rows, outputs)`, overwritten.
  package func evaluate(
    logits: UnsafePointer<Float>, targets: UnsafePointer<UInt8>, rows: Int,
    gradient: UnsafeMutablePointer<Float>, share: Double = 1, loop: ParallelLoop
  ) -> Double {
    precondition(rows % groups == 0, "the rows are not those of the samples")
    let pieces = RowPieces(rows: rows / groups)
    let width = 3 * outputs + 1
    let sums = partials.doubles
    sums.update(repeating: 0, count: groups * pieces.count * width)
    loop.forEach(groups * pieces.count) { index, _ in
      let range = pieces.range(index % pieces.count)
      let first = index / pieces.count * pieces.rows + range.lowerBound
      sums[index * width + 3 * outputs] = accumulate(
        logits + first * outputs, targets + first, rows: range.count, into: gradient + first * outputs,
        sums: sums + index * width)
    }
    for group in 0..<groups {
      let total = sums + group * pieces.count * width
      for index in 1..<max(1, pieces.count) {
        for i in 0..<width { total[i] += total[index * width + i] }
      }
    }
    let dice = prepareTerms(sums, step: pieces.count * width, share: share)
    let (entropy, count) = crossEntropy(sums, step: pieces.count * width, rows: rows)
    let weight = Float(share) / Float(count)
    loop.forEach(groups * pieces.count) { index, _ in
      let range = pieces.range(index % pieces.count)
      let group = index / pieces.count
      let first = group * pieces.rows + range.lowerBound
      differentiate(
        gradient + first * outputs, targets + first, rows: range.count, group: group, weight: weight)
    }
    return share * (entropy / count - dice)
  }

  private func accumulate(
    _ logits: UnsafePointer<Float>, _ targets: UnsafePointer<UInt8>, rows: Int,
    into probabilities: UnsafeMutablePointer<Float>, sums: UnsafeMutablePointer<Double>
  ) -> Double {
    switch settings.targets {
    case .labels:
      kernels.softmaxRows(logits, rows: rows, classes: outputs, into: probabilities)
      return kernels.accumulateOverlap(
        probabilities, targets: targets, rows: rows, classes: outputs, weights: weights.pointer, sums: sums)
    case .regions:
      return kernels.accumulateRegions(
        logits, targets: targets, rows: rows, regions: outputs, membership: membership.pointer,
        weights: weights.pointer, into: probabilities, sums: sums)
    }
  }

  private func differentiate(
    _ probabilities: UnsafeMutablePointer<Float>, _ targets: UnsafePointer<UInt8>, rows: Int, group: Int,
    weight: Float
  ) {
    let slope = terms.pointer + 2 * group * outputs
    switch settings.targets {
    case .labels:
      kernels.overlapGradient(
        probabilities, targets: targets, rows: rows, classes: outputs, slope: slope, bonus: slope + outputs,
        weights: weights.pointer, weight: weight)
    case .regions:
      kernels.regionGradient(
        probabilities, targets: targets, rows: rows, regions: outputs, membership: membership.pointer,
        slope: slope, bonus: slope + outputs, weights: weights.pointer, weight: weight)
    }
  }

  /// The gradient's terms from the groups' sums, `step` apart; returns the mean Dice.
  private func prepareTerms(_ sums: UnsafePointer<Double>, step: Int, share: Double) -> Double {
    var isBackgroundFirst = false
    if case .labels = settings.targets { isBackgroundFirst = true }
    let count = Double(groups * (isBackgroundFirst ? outputs - 1 : outputs))
    var dice = 0.0
    for group in 0..<groups {
      let sums = sums + group * step
      let slope = terms.pointer + 2 * group * outputs
      let bonus = slope + outputs
      for c in 0..<outputs {
        if isBackgroundFirst && c == 0 {
          (slope[0], bonus[0]) = (0, 0)
          continue
        }
        let denominator = sums[c] + sums[outputs + c] + Self.smooth
        let numerator = 2 * sums[2 * outputs + c] + Self.smooth
        dice += numerator / denominator
        slope[c] = Float(numerator / (denominator * denominator) / count * share)
        bonus[c] = Float(-2 / denominator / count * share)
      }
    }
    return dice / count
  }

  /// The summed cross-entropy, and what it is divided by: the voxels' weights (labels), or voxels times regions.
  private func crossEntropy(
    _ sums: UnsafePointer<Double>, step: Int, rows: Int
  ) -> (sum: Double, count: Double) {
    var (entropy, count) = (0.0, 0.0)
    for group in 0..<groups {
      let sums = sums + group * step
      entropy += sums[3 * outputs]
      for c in 0..<outputs { count += Double(weights.pointer[c]) * sums[outputs + c] }
    }
    if case .regions = settings.targets { count = Double(rows * outputs) }
    return (entropy, count)
  }
}
