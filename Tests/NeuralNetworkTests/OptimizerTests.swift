import Foundations
import NeuralNetwork
import Tensor
import Testing

/// Optimiser steps against the papers' update rules, written out in Float64.
@Suite struct OptimizerTests {
  @Test(arguments: [true, false]) func adamFollowsItsRule(isDecoupled: Bool) {
    let gradients: [Double] = [0.5, -0.25, 0.125]
    let optimizer = Optimizer(isDecoupled ? .adamW(weightDecay: 0.01) : .adam(weightDecay: 0.01), count: 1)
    let parameters = FloatBuffer([1.0])
    var (w, m, v) = (1.0, 0.0, 0.0)
    for (t, g) in gradients.enumerated() {
      let gradient = FloatBuffer([Float(g)])
      optimizer.step(parameters: parameters, gradients: gradient, rate: 0.1, loop: .serial)
      let g = isDecoupled ? g : g + 0.01 * w
      m = 0.9 * m + 0.1 * g
      v = 0.999 * v + 0.001 * g * g
      let mHat = m / (1 - power(0.9, t + 1))
      let vHat = v / (1 - power(0.999, t + 1))
      w -= 0.1 * mHat / (vHat.squareRoot() + 1e-8) + (isDecoupled ? 0.1 * 0.01 * w : 0)
      #expect(abs(Double(parameters.values[0]) - w) < 1e-5)
    }
  }

  @Test func nesterovFollowsPyTorchsRule() {
    let gradients: [Double] = [0.5, -0.25, 0.125]
    let optimizer = Optimizer(.sgd(momentum: 0.99, weightDecay: 0.03), count: 1)
    let parameters = FloatBuffer([1.0])
    var (w, velocity) = (1.0, 0.0)
    for g in gradients {
      optimizer.step(parameters: parameters, gradients: FloatBuffer([Float(g)]), rate: 0.1, loop: .serial)
      let d = g + 0.03 * w
      velocity = 0.99 * velocity + d
      w -= 0.1 * (d + 0.99 * velocity)
      #expect(abs(Double(parameters.values[0]) - w) < 1e-5)
    }
  }

  @Test func longGradientsAreClipped() {
    let optimizer = Optimizer(.sgd(momentum: 0, weightDecay: 0), count: 2, clipNorm: 1)
    let parameters = FloatBuffer([0, 0])
    let norm = optimizer.step(
      parameters: parameters, gradients: FloatBuffer([30, 40]), rate: 1, loop: .serial)
    #expect(norm == 50)
    #expect(relativeError(parameters.values, [-0.6, -0.8]) < 1e-6)
  }

  @Test(arguments: [Float.nan, .infinity]) func gradientsThatAreNotFiniteChangeNothing(value: Float) {
    let optimizer = Optimizer(.sgd(momentum: 0.9, weightDecay: 0.1), count: 2)
    let parameters = FloatBuffer([1, 2])
    optimizer.step(parameters: parameters, gradients: FloatBuffer([1, 1]), rate: 0.1, loop: .serial)
    let (before, state) = (parameters.values, optimizer.state)
    let norm = optimizer.step(
      parameters: parameters, gradients: FloatBuffer([0, value]), rate: 0.1, loop: .serial)
    #expect(norm?.isFinite == false)
    #expect(parameters.values == before && optimizer.state == state)
  }

  @Test(arguments: kinds) func aRestoredStateGoesOnToTheSameBits(kind: OptimizerKind) {
    let values = [Float](repeating: 0.5, count: 33)
    func gradient(_ step: Int) -> FloatBuffer { FloatBuffer(randomValues(33, seed: UInt64(step))) }
    func step(_ optimizer: Optimizer, _ parameters: FloatBuffer, _ steps: Range<Int>) {
      for index in steps {
        optimizer.step(parameters: parameters, gradients: gradient(index), rate: 0.1, loop: .serial)
      }
    }
    let (straight, first) = (FloatBuffer(values), FloatBuffer(values))
    step(Optimizer(kind, count: 33), straight, 0..<6)
    let interrupted = Optimizer(kind, count: 33)
    step(interrupted, first, 0..<3)
    let (resumed, second) = (Optimizer(kind, count: 33), FloatBuffer(first.values))
    resumed.restore(interrupted.state)
    step(resumed, second, 3..<6)
    #expect(second.values == straight.values)
  }

  static let kinds = [
    OptimizerKind.adam(weightDecay: 0.01), .adamW(weightDecay: 0.01), .sgd(momentum: 0.9, weightDecay: 0.01),
  ]

  private func power(_ base: Double, _ n: Int) -> Double { (0..<n).reduce(1) { p, _ in p * base } }
}
