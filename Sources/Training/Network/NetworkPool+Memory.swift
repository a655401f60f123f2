import Foundations
import NeuralNetwork

extension TrainingPlan {
  /// How the plan's networks are compiled, in training below a ceiling in bytes.
  package func networkOptions(memoryCeiling: Int?) -> NetworkOptions {
    NetworkOptions(
      memoryCeiling: memoryCeiling, optimizer: optimizerKind, keepsAverage: optimizer.average != nil)
  }
}

/// Bytes that a plan's networks take.
package struct MemoryDemand: Sendable, Equatable {
  /// In training.
  package let training: Int
  /// In training with everything computed twice that helps: no ceiling below can be met.
  package let least: Int
  /// Of the network that predicts beside it.
  package let prediction: Int

  package init(training: Int, least: Int, prediction: Int) {
    self.training = training
    self.least = least
    self.prediction = prediction
  }
}

extension NetworkPool {
  /// What training with a plan, and testing beside it, would take, whatever the machine has. Throws `NetworkError`.
  package func demand(_ plan: TrainingPlan) throws -> MemoryDemand {
    let training = try compiled(plan, batch: plan.batch, isTraining: true, available: nil).memory.total
    let prediction = try compiled(
      plan, batch: WindowSweep.batch(plan.patchAxes), isTraining: false, available: nil
    ).memory.total
    var least = training
    var narrow = options
    narrow.memoryCeiling = 1
    do {
      // No network fits into a byte: the refusal tells what recomputation reaches.
      _ = try NetworkPool(architecture, loop: loop, options: narrow, choice: choice)
        .compiled(plan, batch: plan.batch, isTraining: true, available: nil)
    } catch NetworkError.memory(let shortage) {
      least = min(least, shortage.needed)
    }
    return MemoryDemand(training: training, least: least, prediction: prediction)
  }

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
