import Foundation
import Foundations
import Harmonization
import Testing

@Suite struct FourierTransformTests {
  /// The transform is its definition's sum, and the inverse leads back.
  @Test func theTransformIsItsSum() {
    var stream = RandomStream(seed: 3, purpose: .test)
    let count = 32
    let numbers = ComplexNumbers(
      real: (0..<count).map { _ in stream.normal() }, imaginary: (0..<count).map { _ in stream.normal() })
    let transform = FourierTransform(count: count)
    let result = transform.forward(numbers)
    let back = transform.inverse(result)
    for k in 0..<count {
      var sum = SIMD2<Double>.zero
      for n in 0..<count {
        let angle = -2 * Double.pi * Double(k * n) / Double(count)
        let (re, im) = (numbers.real[n], numbers.imaginary[n])
        sum += SIMD2(re * cos(angle) - im * sin(angle), re * sin(angle) + im * cos(angle))
      }
      #expect(abs(result.real[k] - sum.x) < 1e-12 && abs(result.imaginary[k] - sum.y) < 1e-12)
      #expect(abs(back.real[k] - numbers.real[k]) < 1e-13)
      #expect(abs(back.imaginary[k] - numbers.imaginary[k]) < 1e-13)
    }
  }
}
