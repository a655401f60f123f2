import Foundations
import Training

/// The networks of models, and the predictors made of them: models with one architecture take turns with one network.
struct Predictors {
  private let pools: [NetworkPool]
  private let inference: InferenceChoice

  /// Makes sure that the machine holds every model's network. `tuning` is a table's file. Throws `PlanError`, and what reading the
  /// table throws.
  init(_ models: [ModelFile], tuning path: String? = nil, inference: InferenceChoice, loop: ParallelLoop)
    throws
  {
    self.inference = inference
    let tuning = try path.map { try TuningTable.read($0) }
    var pools: [NetworkPool] = []
    for model in models where !pools.contains(where: { $0.architecture == model.plan.architecture }) {
      if let tuning, let path { try tuning.checkServes(model.plan, isTraining: false, file: path) }
      let pool = NetworkPool(model.plan.architecture, loop: loop, choice: tuning?.choice)
      // The models of one run share their plan.
      try PlanError.naming(model.path) { try pool.checkPrediction(model.plan) }
      pools.append(pool)
    }
    self.pools = pools
  }

  /// One of the models, or an ensemble of some of them.
  func predictor(of models: [ModelFile]) -> Predictor {
    let members = models.map { model in
      guard let pool = pools.first(where: { $0.architecture == model.plan.architecture }) else {
        preconditionFailure("every model's network was checked")
      }
      return Predictor.Member(plan: model.plan, weights: model.weights, pool: pool)
    }
    return Predictor(members, inference: inference.applied(to: members[0].plan.inference))
  }
}
