import Foundations

/// What a network's outputs say of a voxel: nnU-Net's rules for exclusive labels and for regions.
///
/// Rows of scores are `(voxel, output)`, output fastest.
package struct ScoreDecision: Sendable {
  package let targets: TrainingPlan.Targets
  package let outputs: Int
  /// For labels the label of each output, for regions the label that each region paints, in their order.
  private let values: [UInt16]

  package init(_ plan: TrainingPlan) {
    targets = plan.targets
    outputs = plan.outputCount
    values = plan.targets == .labels ? plan.labelValues : plan.paintedLabels
  }

  /// The label of each voxel: the output with the highest score, of equals the first; for regions what the last region above
  /// its threshold paints, 0 where none is.
  ///
  /// `areProbabilities` tells probabilities (threshold ½) from logits (0).
  package func labels(
    _ scores: UnsafePointer<Float>, count: Int, areProbabilities: Bool,
    into target: UnsafeMutablePointer<UInt16>
  ) {
    values.withUnsafeBufferPointer { values in
      switch targets {
      case .labels:
        for voxel in 0..<count {
          let row = scores + voxel * outputs
          var (best, highest) = (0, row[0])
          for output in stride(from: 1, to: outputs, by: 1) where row[output] > highest {
            (best, highest) = (output, row[output])
          }
          target[voxel] = values[best]
        }
      case .regions:
        let threshold: Float = areProbabilities ? 0.5 : 0
        for voxel in 0..<count {
          let row = scores + voxel * outputs
          var label: UInt16 = 0
          for output in 0..<outputs where row[output] > threshold { label = values[output] }
          target[voxel] = label
        }
      }
    }
  }

  /// Adds `share` of the logits' softmax, or of their sigmoids, to `sums` `(voxel, output)`.
  package func addProbabilities(
    _ logits: UnsafePointer<Float>, count: Int, share: Double, to sums: UnsafeMutablePointer<Float>
  ) {
    switch targets {
    case .labels:
      withUnsafeTemporaryAllocation(of: Double.self, capacity: outputs) { powers in
        for voxel in 0..<count {
          let (row, target) = (logits + voxel * outputs, sums + voxel * outputs)
          var top = row[0]
          for output in 1..<outputs { top = max(top, row[output]) }
          var total = 0.0
          for output in 0..<outputs {
            powers[output] = PortableMath.exp(Double(row[output] - top))
            total += powers[output]
          }
          let factor = share / total
          for output in 0..<outputs { target[output] += Float(powers[output] * factor) }
        }
      }
    case .regions:
      for index in 0..<count * outputs {
        sums[index] += Float(share / (1 + PortableMath.exp(-Double(logits[index]))))
      }
    }
  }

  /// How undecided each voxel is, from 0 (one output certain) to 1 (all alike): the entropy of the labels' probabilities as a
  /// share of the highest possible, ln(labels); for regions the mean of each region's own, as a share of ln 2.
  package func entropy(
    _ probabilities: UnsafePointer<Float>, count: Int, into target: UnsafeMutablePointer<Float>
  ) {
    func term(_ p: Double) -> Double { p > 0 ? -p * PortableMath.log(p) : 0 }
    let most =
      targets == .labels
      ? PortableMath.log(Double(outputs)) : Double(outputs) * PortableMath.log(2)
    for voxel in 0..<count {
      var sum = 0.0
      for output in 0..<outputs {
        let p = Double(probabilities[voxel * outputs + output])
        sum += targets == .labels ? term(p) : term(p) + term(1 - p)
      }
      target[voxel] = Float(min(max(sum / most, 0), 1))
    }
  }
}
