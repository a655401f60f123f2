import Foundations
import Simulation
import Testing

@Suite struct NoiseFieldTests {
  @Test func foldGradientIsTheSlopeOfItsValue() {
    var stream = RandomStream(seed: 5, purpose: .test)
    let folds = NoiseField.folds(wavelength: 24, stream: &stream)
    var worst: Float = 0
    for step in 0..<200 {
      let at = SIMD3(Float(step % 7) * 9 - 30, Float(step % 11) * 7 - 35, Float(step % 13) * 5 - 28)
      let value = folds.sample(at)
      for axis in 0..<3 {
        var offset = SIMD3<Float>.zero
        offset[axis] = 1
        let slope = (folds.sample(at + offset).x - folds.sample(at - offset).x) / 2
        worst = max(worst, abs(slope - value[axis + 1]))
      }
    }
    // Gradients are near 2π/24 · 0.6 = 0.16; splines and the difference leave some percent.
    #expect(worst < 0.05)
  }

  @Test func noiseIsSmoothCentredAndRepeatsAfterItsPeriod() {
    var stream = RandomStream(seed: 6, purpose: .test)
    let noise = NoiseField(period: 16, spacing: 5, stream: &stream)
    var sum = SIMD4<Float>.zero
    for step in 0..<4096 {
      let at = SIMD3(Float(step % 16), Float(step / 16 % 16), Float(step / 256)) * 5
      sum += noise.sample(at)
      if step % 97 == 0 {
        let jump = noise.sample(at) - noise.sample(at + SIMD3<Float>(0.05, 0, 0))
        #expect(abs(jump.x) < 0.05)
        let far = noise.sample(at + SIMD3<Float>(80, 0, -80)) - noise.sample(at)
        #expect(abs(far.y) < 1e-3)
      }
    }
    for channel in 0..<4 { #expect(abs(sum[channel] / 4096) < 0.06) }
  }
}
