import Foundation
import Foundations
import Kernels
import NeuralNetwork
import Tensor
import Testing

/// Losses against definitions written out in Float64, and their gradients against finite differences of those.
@Suite struct DiceCrossEntropyTests {
  /// One way to compute a loss.
  struct Case: Sendable, CustomTestStringConvertible {
    let targets: LossTargets
    let classes: Int
    let batchDice: Bool
    let weights: [Float]?

    var testDescription: String {
      "\(targets.outputs) outputs of \(classes) classes, \(batchDice ? "batch" : "samples")\(weights == nil ? "" : ", weights")"
    }
    var settings: LossSettings { LossSettings(targets, batchDice: batchDice, weights: weights) }
  }

  private static let regions = RegionMembership(classes: 4, regions: [[1, 2, 3], [1, 3], [3]])
  static let cases = [
    Case(targets: .labels(4), classes: 4, batchDice: true, weights: nil),
    Case(targets: .labels(4), classes: 4, batchDice: false, weights: [0.5, 1, 4, 9]),
    Case(targets: .labels(3), classes: 3, batchDice: false, weights: nil),
    Case(targets: .labels(2), classes: 2, batchDice: true, weights: [1, 3]),
    Case(targets: .regions(regions), classes: 4, batchDice: true, weights: nil),
    Case(targets: .regions(regions), classes: 4, batchDice: false, weights: [1, 3, 8]),
    Case(
      targets: .regions(RegionMembership(classes: 3, regions: [[2]])), classes: 3, batchDice: false,
      weights: nil),
  ]

  private static let rows = 3 * 601  // Three samples, in more than one piece of work and one run of sums.

  @Test(arguments: cases) func valueAndGradientFollowTheDefinition(_ item: Case) {
    let outputs = item.targets.outputs
    let logits = randomValues(Self.rows * outputs, seed: 3)
    let targets = (0..<Self.rows).map { UInt8($0 * $0 / 7 % item.classes) }
    let gradient = FloatBuffer(count: logits.count)
    let share = 0.25
    let found = DiceCrossEntropy(item.settings, samples: 3).evaluate(
      logits: logits, targets: targets, rows: Self.rows, gradient: gradient.pointer, share: share,
      loop: ParallelLoop(threads: 2))
    let values = logits.map(Double.init)
    #expect(abs(found - share * Self.loss(item, values, targets)) < 1e-6)
    var (expected, probed): ([Double], [Float]) = ([], [])
    for place in [
      0, 1, outputs, 4 * outputs + 1, 600 * outputs, 601 * outputs, 1300 * outputs, logits.count - 1,
    ] {
      var (up, down) = (values, values)
      up[place] += 1e-4
      down[place] -= 1e-4
      expected.append(share * (Self.loss(item, up, targets) - Self.loss(item, down, targets)) / 2e-4)
      probed.append(gradient.pointer[place])
    }
    #expect(relativeError(probed, expected) < 1e-4)
  }

  /// Not one value that is not a number may hide in a sum.
  @Test(arguments: cases) func whatIsNoNumberShows(_ item: Case) {
    let outputs = item.targets.outputs
    let targets = (0..<Self.rows).map { UInt8($0 % item.classes) }
    for kernels in KernelChoice.available {
      for (place, value) in [(0, Float.nan), (37 * outputs + outputs - 1, .nan), (700 * outputs, .infinity)] {
        var logits = randomValues(Self.rows * outputs, seed: 3)
        logits[place] = value
        let gradient = FloatBuffer(count: logits.count)
        let found = DiceCrossEntropy(item.settings, samples: 3, kernels: kernels).evaluate(
          logits: logits, targets: targets, rows: Self.rows, gradient: gradient.pointer, loop: .serial)
        #expect(!found.isFinite, "\(kernels.name), \(value) at \(place)")
      }
    }
  }

  @Test(arguments: cases) func bitsDoNotDependOnThreads(_ item: Case) {
    let logits = randomValues(Self.rows * item.targets.outputs, seed: 4)
    let targets = (0..<Self.rows).map { UInt8($0 % item.classes) }
    func run(_ threads: Int) -> (Double, [Float]) {
      let gradient = FloatBuffer(count: logits.count)
      let value = DiceCrossEntropy(item.settings, samples: 3).evaluate(
        logits: logits, targets: targets, rows: Self.rows, gradient: gradient.pointer,
        loop: ParallelLoop(threads: threads))
      return (value, gradient.values)
    }
    let one = run(1)
    for threads in [2, 5] { #expect(run(threads) == one) }
  }

  /// Three samples of as many rows.
  private static func loss(_ item: Case, _ logits: [Double], _ targets: [UInt8]) -> Double {
    let outputs = item.targets.outputs
    let weights = (item.weights ?? [Float](repeating: 1, count: outputs)).map(Double.init)
    var (entropy, total) = (0.0, 0.0)
    var sums = [[Double]](repeating: [Double](repeating: 0, count: 3 * outputs), count: 3)
    for (row, target) in targets.enumerated() {
      let z = Array(logits[row * outputs..<(row + 1) * outputs])
      var (p, g): ([Double], [Double])
      switch item.targets {
      case .labels:
        let e = z.map { exponential($0) }
        p = e.map { $0 / e.reduce(0, +) }
        g = z.indices.map { $0 == Int(target) ? 1 : 0 }
        entropy -= weights[Int(target)] * logarithm(p[Int(target)])
        total += weights[Int(target)]
      case .regions:
        p = z.map { 1 / (1 + exponential(-$0)) }
        let lists = item.classes == 3 ? [[2]] : [[1, 2, 3], [1, 3], [3]]
        g = lists.map { $0.contains(Int(target)) ? 1 : 0 }
        for i in z.indices {
          entropy -= g[i] == 1 ? weights[i] * logarithm(p[i]) : logarithm(1 - p[i])
          total += 1
        }
      }
      let group = item.batchDice ? 0 : row / (rows / 3)
      for i in 0..<outputs {
        sums[group][i] += p[i]
        sums[group][outputs + i] += g[i]
        sums[group][2 * outputs + i] += p[i] * g[i]
      }
    }
    var dice: [Double] = []
    var first = 0
    if case .labels = item.targets { first = 1 }
    for group in item.batchDice ? [sums[0]] : sums {
      for i in first..<outputs {
        dice.append((2 * group[2 * outputs + i] + 1e-5) / (group[i] + group[outputs + i] + 1e-5))
      }
    }
    return entropy / total - dice.reduce(0, +) / Double(dice.count)
  }
}
