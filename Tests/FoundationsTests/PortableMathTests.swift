import Foundation
import Foundations
import Testing

/// Against the C library, which is within an ulp itself.
struct PortableMathTests {
  private func ulps(_ a: Double, _ b: Double) -> Double { abs(a - b) / max(b.ulp, .leastNormalMagnitude) }

  @Test func exponentialIsWithinTwoUlps() {
    for i in -7000...7000 {
      let x = Double(i) * 0.1001
      #expect(ulps(PortableMath.exp(x), exp(x)) <= 2, "exp(\(x))")
    }
    #expect(PortableMath.exp(0) == 1)
    #expect(PortableMath.exp(1000) == .infinity)
    #expect(PortableMath.exp(-1000) == 0)
    #expect(PortableMath.exp(.nan).isNaN)
  }

  @Test func logarithmIsWithinTwoUlps() {
    for i in 1...20_000 {
      let x = Double(i) * 0.00137
      #expect(ulps(PortableMath.log(x), log(x)) <= 2, "log(\(x))")
    }
    #expect(PortableMath.log(1) == 0)
    #expect(PortableMath.log(0) == -.infinity)
    #expect(PortableMath.log(-1).isNaN)
  }

  @Test func sineAndCosineAgreeTo1e15() {
    for i in -20_000...20_000 {
      let x = Double(i) * 0.0137
      #expect(abs(PortableMath.sin(x) - sin(x)) < 1e-15, "sin(\(x))")
      #expect(abs(PortableMath.cos(x) - cos(x)) < 1e-15, "cos(\(x))")
    }
  }

  @Test func powersAgree() {
    for (x, y) in [(2.0, 0.5), (10, -3), (0.3, 0.9), (1, 100), (7.5, 2)] {
      #expect(abs(PortableMath.pow(x, y) / pow(x, y) - 1) < 1e-14)
    }
    #expect(PortableMath.pow(0, 2) == 0)
    #expect(PortableMath.pow(5, 0) == 1)
  }
}
