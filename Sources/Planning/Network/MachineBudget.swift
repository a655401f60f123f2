import Foundations
import NeuralNetwork
import Tensor

/// What a network takes on this machine.
package struct NetworkCost: Sendable, Equatable {
  /// Bytes of the network in training, with weights, gradients and the optimiser's state, and of another that predicts
  /// beside it: exact, from the compiled plan.
  package let memory: Int
  /// Multiply-adds of a training step, as the convolutions' definition counts them.
  package let multiplyAdds: Int
}

/// A budget in bytes and seconds: memory by the engine's own figure, which it finds by compiling each network without
/// taking memory; time by counting multiply-adds at a given speed.
package struct MachineBudget: PlanningBudget {
  private let contrasts: Int
  private let outputs: Int
  private let threads: Int
  private let memory: Int?
  private let stepSeconds: Double?
  private let speed: EngineSpeed

  /// `memory` in bytes and `stepSeconds` are ceilings; nil sets none.
  package init(
    contrasts: Int, outputs: Int, threads: Int, memory: Int?, stepSeconds: Double?, speed: EngineSpeed
  ) {
    (self.contrasts, self.outputs, self.threads) = (contrasts, outputs, threads)
    (self.memory, self.stepSeconds, self.speed) = (memory, stepSeconds, speed)
  }

  /// Throws `NetworkError` where no such network can be.
  package func cost(of network: PlannedNetwork) throws -> NetworkCost {
    let architecture = network.architecture(contrasts: contrasts, outputs: outputs)
    let options = NetworkOptions(optimizer: .sgd(momentum: 0.99, weightDecay: 3e-5))
    func plan(batch: Int, isTraining: Bool) throws -> UNetPlan {
      try UNetPlan(
        architecture, batch: batch, patch: network.patchAxes, isTraining: isTraining, threads: threads,
        options: options, available: nil)
    }
    let training = try plan(batch: network.batch, isTraining: true)
    let prediction = try plan(batch: 1, isTraining: false)
    return NetworkCost(
      memory: training.memory.total + prediction.memory.total,
      multiplyAdds: training.work(isTraining: true).reduce(0) { $0 + $1.definedMultiplyAdds })
  }

  package func allows(_ network: PlannedNetwork) throws -> Bool {
    let cost = try cost(of: network)
    return cost.memory <= memory ?? .max && speed.seconds(cost.multiplyAdds) <= stepSeconds ?? .infinity
  }

  package func largestBatch(_ network: PlannedNetwork, limit: Int) throws -> Int {
    func allows(_ batch: Int) throws -> Bool {
      var network = network
      network.batch = batch
      return try self.allows(network)
    }
    // Of a batch that fits all smaller ones fit too.
    var (low, high) = (network.batch, limit + 1)
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if try allows(middle) { low = middle } else { high = middle }
    }
    return low
  }

  package func shortage(_ network: PlannedNetwork) throws -> (needed: String, allowed: String) {
    let cost = try cost(of: network)
    let needed = text(cost.memory, speed.seconds(cost.multiplyAdds), rounding: .up)
    return (needed, text(memory ?? cost.memory, stepSeconds ?? 0, rounding: .down))
  }

  /// Only what has a ceiling.
  private func text(_ bytes: Int, _ seconds: Double, rounding: FloatingPointRoundingRule) -> String {
    let parts = [
      memory.map { _ in ByteCount.text(bytes, rounding: rounding) },
      stepSeconds.map { _ in "\((seconds * 100).rounded(rounding) / 100) s a step" },
    ]
    return parts.compactMap { $0 }.joined(separator: " and ")
  }
}
