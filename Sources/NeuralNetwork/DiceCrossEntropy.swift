import Foundations
import Kernels
import Tensor

/// Soft Dice plus cross-entropy over exclusive classes, as nnU-Net combines them (1 : 1).
///
/// Dice is over the whole batch (nnU-Net's `batch_dice`), smooth 1e-5, background left out:
/// −mean over classes of (2Σpg + s) / (Σp + Σg + s). Cross-entropy is the mean over voxels.
/// Not thread-safe: it keeps the memory of its sums.
package final class DiceCrossEntropy {
  package static let smooth = 1e-5

  private let classes: Int
  private let kernels: any KernelSet.Type
  /// Sums of each piece of work in double precision: Σp, Σg and Σp·g of each class, and the cross-entropy.
  private let partials: FloatBuffer
  /// ∂Dice loss/∂p of each class: see `KernelSet.overlapGradient`.
  private let terms: FloatBuffer

  package init(classes: Int, kernels: any KernelSet.Type = KernelChoice.current) {
    self.classes = classes
    self.kernels = kernels
    partials = FloatBuffer(count: 2 * RowPieces.most * (3 * classes + 1))
    terms = FloatBuffer(count: 2 * classes)
  }

  /// The loss of a batch, and its gradient with respect to the logits in `gradient`.
  ///
  /// - Parameters:
  ///   - logits: `(rows, classes)`, rows over batch and voxels.
  ///   - targets: a class index for each row.
  ///   - gradient: `(rows, classes)`, overwritten.
  package func evaluate(
    logits: UnsafePointer<Float>, targets: UnsafePointer<UInt8>, rows: Int,
    gradient: UnsafeMutablePointer<Float>, loop: ParallelLoop
  ) -> Double {
    let (classes, kernels) = (classes, kernels)
    let pieces = RowPieces(rows: rows)
    let width = 3 * classes + 1
    let sums = partials.doubles
    sums.update(repeating: 0, count: pieces.count * width)
    loop.forEach(pieces.count) { index, _ in
      let range = pieces.range(index)
      let offset = range.lowerBound * classes
      kernels.softmaxRows(logits + offset, rows: range.count, classes: classes, into: gradient + offset)
      let entropy = kernels.accumulateOverlap(
        gradient + offset, targets: targets + range.lowerBound, rows: range.count, classes: classes,
        sums: sums + index * width)
      sums[index * width + 3 * classes] = entropy
    }
    for index in 1..<max(1, pieces.count) {
      for i in 0..<width { sums[i] += sums[index * width + i] }
    }
    let foreground = Double(classes - 1)
    let dice = prepareTerms(sums, foreground: foreground)
    let (slope, bonus) = (terms.pointer, terms.pointer + classes)
    loop.forEach(pieces.count) { index, _ in
      let range = pieces.range(index)
      kernels.overlapGradient(
        gradient + range.lowerBound * classes, targets: targets + range.lowerBound,
        rows: range.count, classes: classes, slope: slope, bonus: bonus, weight: 1 / Float(rows))
    }
    return sums[3 * classes] / Double(rows) - dice / foreground
  }

  /// The gradient's terms from the batch's sums; returns the sum of Dice over the foreground classes.
  private func prepareTerms(_ sums: UnsafePointer<Double>, foreground: Double) -> Double {
    var dice = 0.0
    let (slope, bonus) = (terms.pointer, terms.pointer + classes)
    slope[0] = 0
    bonus[0] = 0
    for c in 1..<classes {
      let denominator = sums[c] + sums[classes + c] + Self.smooth
      let numerator = 2 * sums[2 * classes + c] + Self.smooth
      dice += numerator / denominator
      slope[c] = Float(numerator / (denominator * denominator) / foreground)
      bonus[c] = Float(-2 / denominator / foreground)
    }
    return dice
  }
}
