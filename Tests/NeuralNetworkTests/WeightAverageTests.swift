import Foundations
import NeuralNetwork
import Tensor
import Testing

@Suite struct WeightAverageTests {
  private let count = 40_000  // More than one piece of work.

  private func weights(_ step: Int) -> FloatBuffer { FloatBuffer(randomValues(count, seed: UInt64(step))) }

  /// Σ dⁿ⁻ⁱ wᵢ / Σ dⁿ⁻ⁱ, written out in Float64.
  @Test(arguments: [0.5, 0.9, 0.999]) func itIsItsDefinition(decay: Double) {
    let average = WeightAverage(decay: decay, count: count)
    for steps in 1...12 {
      average.add(weights(steps), loop: ParallelLoop(threads: 2))
      var expected = [Double](repeating: 0, count: count)
      var total = 0.0
      for step in 1...steps {
        let share = (0..<(steps - step)).reduce(1.0) { value, _ in value * decay }
        total += share
        for (i, value) in weights(step).values.enumerated() { expected[i] += share * Double(value) }
      }
      #expect(relativeError(average.values, expected.map { $0 / total }) < 1e-6)
    }
    average.reset()
    average.add(weights(99), loop: .serial)
    #expect(average.values == weights(99).values)
  }

  @Test func aRestoredStateGoesOnToTheSameBits() {
    let (straight, first) = (WeightAverage(decay: 0.9, count: count), WeightAverage(decay: 0.9, count: count))
    for step in 1...5 { straight.add(weights(step), loop: .serial) }
    for step in 1...3 { first.add(weights(step), loop: .serial) }
    let resumed = WeightAverage(decay: 0.9, count: count)
    resumed.restore(first.state)
    for step in 4...5 { resumed.add(weights(step), loop: .serial) }
    #expect(resumed.state == straight.state)
  }
}
