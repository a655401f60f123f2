import Foundations
import NeuralNetwork

/// Where a round's steps stand on the schedule of learning rates.
package enum RoundSchedule: Sendable, Equatable {
  /// One round of a run in which a site takes so many steps.
  case round(Int, totalSteps: Int)
  /// Fine-tuning of a trained model: polynomial from a tenth of the plan's rate on, over the round's own steps.
  case fineTuning(round: Int)

  var round: Int {
    switch self {
    case .round(let round, _), .fineTuning(let round): round
    }
  }
}

extension TrainingPlan {
  /// The learning rate of each step of a round of `steps` steps.
  package func rates(_ schedule: RoundSchedule, steps: Int) -> [Double] {
    switch schedule {
    case .round(let round, let total):
      // The position follows from the round: a site that goes on after a crash needs no count of its own.
      let before = max(0, round - 1) * steps
      return (0..<steps).map { learningRateSchedule.rate(step: before + $0, of: total) }
    case .fineTuning:
      let gentle = LearningRateSchedule(.polynomial, base: optimizer.learningRate / 10)
      return (0..<steps).map { gentle.rate(step: $0, of: steps) }
    }
  }

  /// ‖a‖₁ of FedNova (Wang et al., arXiv 2007.07481) in units of the plan's learning rate: how far the optimiser's steps move a
  /// parameter whose gradient is 1 throughout. Nil where the optimiser is none that this holds for.
  package func normaliser(_ rates: [Double]) -> Double? {
    guard optimizer.name == .sgd else { return nil }
    var (velocity, moved) = (0.0, 0.0)
    for rate in rates {
      velocity = optimizer.momentum * velocity + 1
      // Nesterov's: the step goes along the gradient and the velocity that it has made.
      moved += rate * (optimizer.momentum == 0 ? 1 : 1 + optimizer.momentum * velocity)
    }
    return moved / optimizer.learningRate
  }

  /// The same for a round of `steps` steps, in a run in which a site takes `totalSteps`.
  package func normaliser(round: Int, steps: Int, totalSteps: Int) -> Double? {
    normaliser(rates(.round(round, totalSteps: totalSteps), steps: steps))
  }
}
