import Foundations

/// The learning rate of each step: a linear start, then a fall.
package struct LearningRateSchedule: Sendable, Equatable {
  package enum Course: String, Sendable, Codable, CaseIterable {
    /// base · (1 − t/T)^0.9 (nnU-Net's `PolyLRScheduler`).
    case polynomial
    /// base · (1 + cos(π t/T)) / 2 (Loshchilov & Hutter 2017, without restarts).
    case cosine
    case constant
  }

  package let course: Course
  package let base: Double
  /// Steps in which the rate rises to `base`: base · (t + 1) / warmupSteps. The fall's t and T begin after them
  /// (nnU-Net's `Lin_incr_LRScheduler`, `PolyLRScheduler_offset` and `CosineAnnealingLR_offset`).
  package let warmupSteps: Int

  package init(_ course: Course, base: Double, warmupSteps: Int = 0) {
    (self.course, self.base, self.warmupSteps) = (course, base, warmupSteps)
  }

  /// The rate of a step, counted from 0, of `total`; steps beyond have the last one's.
  package func rate(step: Int, of total: Int) -> Double {
    let step = min(step, total - 1)
    if step < warmupSteps { return base / Double(warmupSteps) * Double(step + 1) }
    let done = Double(step - warmupSteps) / Double(max(1, total - warmupSteps))
    return switch course {
    case .polynomial: base * PortableMath.pow(1 - done, 0.9)
    case .cosine: base * (1 + PortableMath.cos(Double.pi * done)) / 2
    case .constant: base
    }
  }
}
