import Foundations
import NeuralNetwork

extension TrainingPlan {
  package enum OptimizerName: String, Sendable, Codable, CaseIterable { case adam, sgd }

  package struct OptimizerSettings: Sendable, Equatable, Codable {
    package var name: OptimizerName
    /// The first step's; it falls by (1 − step / all steps of the site)^0.9.
    package var learningRate: Double
    package var weightDecay: Double
    /// Nesterov momentum of `sgd`; `adam` does not use it.
    package var momentum: Double

    enum CodingKeys: String, CodingKey {
      case name
      case learningRate = "learning_rate"
      case weightDecay = "weight_decay"
      case momentum
    }
  }

  /// The optimiser's rule with its constants.
  package var optimizerKind: OptimizerKind {
    switch optimizer.name {
    case .adam: .adam(weightDecay: Float(optimizer.weightDecay))
    case .sgd: .sgd(momentum: Float(optimizer.momentum), weightDecay: Float(optimizer.weightDecay))
    }
  }

  /// The rate of a site's own step, from 0: polynomial decay (nnU-Net), base · (1 − step/totalSteps)^0.9.
  package func learningRate(step: Int, totalSteps: Int) -> Double {
    let left = 1 - Double(min(step, totalSteps - 1)) / Double(max(1, totalSteps))
    return optimizer.learningRate * PortableMath.pow(left, 0.9)
  }
}
