import Foundations
import Harmonization
import Imaging
import Tensor

/// Applies a model to scans: harmonise as in training, sliding window, back into the scan's own grid.
package struct Predictor: Sendable {
  package let plan: TrainingPlan
  private let pool: NetworkPool
  private let parameters: FloatBuffer

  /// `weights` has the plan's parameters in their layout's order.
  package init(plan: TrainingPlan, weights: [Float], pool: NetworkPool) {
    self.plan = plan
    self.pool = pool
    parameters = FloatBuffer(weights)
  }

  /// The label map of a harmonised case, in its scan's own grid and orientation. Throws `NetworkError`.
  package func predict(_ item: HarmonizedCase) throws -> LabelVolume {
    let scores = try SlidingWindow(plan: plan, pool: pool).probabilities(item, parameters: parameters)
    return scores.withUnsafeBufferPointer {
      item.restoration.restore(
        probabilities: $0, classes: plan.labels.count, labelValues: plan.labelValues, loop: pool.loop)
    }
  }

  /// The label map of one case's files. Throws what reading, harmonising and the network throw.
  package func predict(_ files: CaseFiles) throws -> LabelVolume {
    let item = try PreparedCase(files, plan: plan, needsLabels: false, loop: pool.loop)
    return try predict(item.harmonized)
  }
}
