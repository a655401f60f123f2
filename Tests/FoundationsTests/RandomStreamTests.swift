import Foundations
import Testing

struct RandomStreamTests {
  @Test func equalNamesGiveEqualNumbers() {
    var one = RandomStream(seed: 3, purpose: .patch, site: "aspen", round: 2, step: 5, sample: 1)
    var two = RandomStream(seed: 3, purpose: .patch, site: "aspen", round: 2, step: 5, sample: 1)
    for _ in 0..<100 { #expect(one.nextUInt32() == two.nextUInt32()) }
  }

  @Test func everyPartOfTheNameMatters() {
    func first(_ change: (inout (UInt64, RandomStream.Purpose, String, Int, Int, Int)) -> Void) -> UInt64 {
      var name: (UInt64, RandomStream.Purpose, String, Int, Int, Int) = (1, .patch, "a", 1, 1, 1)
      change(&name)
      var stream = RandomStream(
        seed: name.0, purpose: name.1, site: name.2, round: name.3, step: name.4, sample: name.5)
      return stream.nextUInt64()
    }
    let all = [
      first { _ in }, first { $0.0 = 2 }, first { $0.0 = 1 << 40 }, first { $0.1 = .split },
      first { $0.2 = "b" }, first { $0.3 = 2 }, first { $0.4 = 2 }, first { $0.5 = 2 },
    ]
    #expect(Set(all).count == all.count)
  }

  @Test func momentsAreThoseOfTheDistributions() {
    var stream = RandomStream(seed: 11, purpose: .test)
    let count = 200_000
    let uniform = (0..<count).map { _ in stream.uniform() }
    let normal = (0..<count).map { _ in stream.normal() }
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    #expect(abs(mean(uniform) - 0.5) < 0.003)
    #expect(abs(mean(uniform.map { $0 * $0 }) - 1.0 / 3) < 0.003)
    #expect(abs(mean(normal)) < 0.01)
    #expect(abs(mean(normal.map { $0 * $0 }) - 1) < 0.02)
    #expect(abs(mean(normal.map { $0 * $0 * $0 * $0 }) - 3) < 0.1)
    let inRange = uniform.allSatisfy { $0 >= 0 && $0 < 1 }
    #expect(inRange)
  }

  /// Mean and variance of a gamma distribution with scale 1 are its shape.
  @Test(arguments: [0.3, 1.0, 4.5]) func gammaNumbersHaveTheirMoments(shape: Double) {
    var stream = RandomStream(seed: 7, purpose: .test)
    let values = (0..<40_000).map { _ in stream.gamma(shape: shape) }
    let mean = values.reduce(0, +) / 40_000
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 40_000
    #expect(abs(mean / shape - 1) < 0.03 && abs(variance / shape - 1) < 0.08)
    let isPositive = values.allSatisfy { $0 > 0 }
    #expect(isPositive)
  }

  @Test func permutationsAreComplete() {
    var stream = RandomStream(seed: 5, purpose: .order)
    #expect(stream.permutation(50).sorted() == Array(0..<50))
    #expect(stream.permutation(0) == [])
  }

  @Test func integersCoverTheirRangeEvenly() {
    var stream = RandomStream(seed: 6, purpose: .order)
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<70_000 { counts[stream.integer(below: 7)] += 1 }
    let even = counts.allSatisfy { abs($0 - 10_000) < 400 }
    #expect(even)
  }
}
