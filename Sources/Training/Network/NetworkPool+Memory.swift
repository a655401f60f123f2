import Foundations
import NeuralNetwork

extension TrainingPlan {
  /// How the plan's networks are compiled, in training below a ceiling in bytes.
  package func networkOptions(memoryCeiling: Int?) -> NetworkOptions {
    NetworkOptions(
      memoryCeiling: memoryCeiling, optimizer: optimizerKind, keepsAverage: optimizer.average != nil)
  }
}

extension NetworkPool {
  /// Makes sure, without taking any, that there is memory to train with a plan and to test beside it.
  ///
  /// Returns the layers that training computes twice to stay below its ceiling. Throws `NetworkError`.
  @discardableResult
  package func checkTraining(_ plan: TrainingPlan) throws -> [String] {
    let training = try compiled(
      plan, batch: plan.batch, isTraining: true, available: MachineMemory.available())
    // The pool keeps the network in training while another predicts.
    try checkPrediction(plan, available: MachineMemory.available().map { $0 - training.memory.total })
    return training.recomputed
  }

  /// Makes sure that there is memory to predict with a plan. Throws `NetworkError`.
  package func checkPrediction(
    _ plan: TrainingPlan, available: Int? = MachineMemory.available()
  ) throws {
    _ = try compiled(
      plan, batch: WindowSweep.batch(plan.patchAxes), isTraining: false, available: available)
  }

  private func compiled(
    _ plan: TrainingPlan, batch: Int, isTraining: Bool, available: Int?
  ) throws -> UNetPlan {
    try UNetPlan(
      architecture, batch: batch, patch: plan.patchAxes, isTraining: isTraining, threads: loop.threads,
      choice: choice ?? ConvolutionChoice(), options: options, available: available)
  }
}
