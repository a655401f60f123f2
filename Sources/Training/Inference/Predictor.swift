import Foundations
import Harmonization
import Imaging
import Tensor

/// Applies a model, or an ensemble of models with the same outputs, to scans: harmonise as in training, sliding window, back
/// into the scan's own grid.
///
/// Logits are averaged over windows and mirrors and resampled, as nnU-Net does; the probabilities of several models are averaged
/// in the scan's grid (`nnUNetv2_ensemble`). What is in memory of the scores follows from the windows' depth, not the scan's.
package struct Predictor: Sendable {
  /// A model: a plan, the parameters of its network, and where its compiled networks are kept.
  package struct Member: Sendable {
    package let plan: TrainingPlan
    package let pool: NetworkPool
    let parameters: FloatBuffer

    /// `weights` has the plan's parameters in their layout's order.
    package init(plan: TrainingPlan, weights: [Float], pool: NetworkPool) {
      self.plan = plan
      self.pool = pool
      parameters = FloatBuffer(weights)
    }
  }

  /// What `predict` tells of its progress; may throw to stop between two windows.
  package struct Progress {
    /// Forward passes that the case takes, told once before the first.
    var begins: (_ passes: Int) -> Void
    /// Passes that have ended since the last call.
    var advances: (_ passes: Int) throws -> Void

    package init(
      begins: @escaping (_ passes: Int) -> Void = { _ in },
      advances: @escaping (_ passes: Int) throws -> Void = { _ in }
    ) {
      self.begins = begins
      self.advances = advances
    }
  }

  /// The first member's, which all agree with on contrasts, labels, regions and grid.
  package let plan: TrainingPlan
  private let members: [Member]
  private let inference: InferenceSettings
  private var loop: ParallelLoop { members[0].pool.loop }

  /// `inference` nil: the plan's own.
  package init(
    plan: TrainingPlan, weights: [Float], pool: NetworkPool, inference: InferenceSettings? = nil
  ) {
    self.init([Member(plan: plan, weights: weights, pool: pool)], inference: inference)
  }

  /// One member or more, whose plans have the same harmonised grid and outputs (`TrainingPlan.disagreement`).
  package init(_ members: [Member], inference: InferenceSettings? = nil) {
    precondition(
      !members.isEmpty && members.allSatisfy { members[0].plan.disagreement(with: $0.plan) == nil },
      "models of an ensemble agree")
    self.members = members
    plan = members[0].plan
    self.inference = inference ?? plan.inference
  }

  /// The label map of a harmonised case, in its scan's own grid and orientation.
  ///
  /// `maps` are asked for more than labels. Throws `NetworkError`, and what `maps` and `progress` throw.
  package func predict(
    _ item: HarmonizedCase, maps: (any ScoreMaps)? = nil, progress: Progress = Progress()
  ) throws -> LabelVolume {
    let sweeps = members.map { WindowSweep($0, over: item, settings: inference) }
    progress.begins(sweeps.reduce(0) { $0 + $1.passes })
    let resampling = ScoreResampling(item.restoration.change)
    let rows = ScoreRows(
      resampling: resampling, decision: ScoreDecision(plan), sweeps: sweeps, maps: maps, loop: loop)
    let size = resampling.size
    var labels = [UInt16](repeating: 0, count: size.x * size.y * size.z)
    var next = 0
    while next < size.z {
      let needed = resampling.sources(ofSlice: next).upper
      for sweep in sweeps {
        while sweep.finished <= needed { try sweep.advance(onPasses: progress.advances) }
      }
      let ready = sweeps.reduce(Int.max) { min($0, $1.finished) }
      var end = next + 1
      while end < size.z && resampling.sources(ofSlice: end).upper < ready { end += 1 }
      try labels.withUnsafeMutableBufferPointer { try rows.write(next..<end, labels: $0.baseAddress!) }
      next = end
    }
    return item.restoration.restored(labels, loop: loop)
  }
}

extension TrainingPlan {
  /// Why models of two plans cannot be averaged: the first field that differs, and what stands in it; nil where they can.
  package func disagreement(with other: TrainingPlan) -> (field: String, own: String, others: String)? {
    func differing<Value: Equatable>(
      _ field: String, _ path: KeyPath<TrainingPlan, Value>, _ text: (Value) -> String
    ) -> (field: String, own: String, others: String)? {
      self[keyPath: path] == other[keyPath: path]
        ? nil : (field, text(self[keyPath: path]), text(other[keyPath: path]))
    }
    return differing("dimensions", \.dimensions) { "\($0)" }
      ?? differing("contrasts", \.contrasts) { $0.joined(separator: ", ") }
      ?? differing("labels", \.labelValues) { $0.map(String.init).joined(separator: ", ") }
      ?? differing("targets", \.targets) { $0.rawValue }
      ?? differing("regions", \.regions) { regions in
        regions.map { "\($0.name) \($0.labels)" }.joined(separator: ", ")
      }
      ?? differing("spacing", \.spacing) { $0.map { "\($0)" } ?? "each scan's own" }
      ?? differing("harmonisation", \.harmonisation) { $0.summary }
  }
}
