import Simulation
import Testing

@Suite struct FrontMarchTests {
  /// With speed 1 the arrival time is the distance; first-order differences overrate it by a few percent.
  @Test func evenSpeedGivesDistance() {
    let n = 41
    var march = FrontMarch(
      size: SIMD3(n, n, n), spacing: 2, speed: [Float](repeating: 1, count: n * n * n))
    let middle = n / 2
    march.start(at: middle + n * (middle + n * middle))
    let order = march.run(until: n * n * n)
    #expect(order.count == n * n * n)
    for (i, j, k) in [(40, 20, 20), (20, 3, 20), (35, 35, 20), (38, 37, 36), (10, 25, 33)] {
      let square = (i - 20) * (i - 20) + (j - 20) * (j - 20) + (k - 20) * (k - 20)
      let distance = 2 * Float(square).squareRoot()
      let time = march.times[i + n * (j + n * k)]
      #expect(time > distance * 0.999 && time < distance * 1.12 + 1, "\(time) for \(distance)")
    }
    for (before, after) in zip(order, order.dropFirst()) {
      #expect(march.times[before] <= march.times[after])
    }
  }

  @Test func nothingCrossesAWallButThroughItsGap() {
    let n = 21
    var speed = [Float](repeating: 1, count: n * n)
    for j in 0..<n where j != 20 { speed[10 + n * j] = 0 }
    var march = FrontMarch(size: SIMD3(n, n, 1), spacing: 1, speed: speed)
    march.start(at: 0)
    _ = march.run(until: n * n)
    #expect(march.times[10].isInfinite)
    // Around the wall: to its gap at (10, 20) and back, against 20 straight ahead.
    #expect(march.times[20] > 42 && march.times[20] < 50)
  }
}
