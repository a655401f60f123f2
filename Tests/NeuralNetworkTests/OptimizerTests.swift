import Foundations
import NeuralNetwork
import Tensor
import Testing

/// Optimiser steps against the papers' update rules, written out in Float64.
@Suite struct OptimizerTests {
  @Test func adamFollowsItsRule() {
    let gradients: [Double] = [0.5, -0.25, 0.125]
    let optimizer = Optimizer(.adam(weightDecay: 0.01), count: 1)
    let parameters = FloatBuffer([1.0])
    var (w, m, v) = (1.0, 0.0, 0.0)
    for (t, g) in gradients.enumerated() {
      let gradient = FloatBuffer([Float(g)])
      optimizer.step(parameters: parameters, gradients: gradient, rate: 0.1, loop: .serial)
      m = 0.9 * m + 0.1 * g
      v = 0.999 * v + 0.001 * g * g
      let mHat = m / (1 - power(0.9, t + 1))
      let vHat = v / (1 - power(0.999, t + 1))
      w -= 0.1 * mHat / (vHat.squareRoot() + 1e-8) + 0.1 * 0.01 * w
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

  private func power(_ base: Double, _ n: Int) -> Double { (0..<n).reduce(1) { p, _ in p * base } }
}
