import Kernels

extension CompiledKernels {
  package static func adamStep(
    _ parameters: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>,
    first: UnsafeMutablePointer<Float>, second: UnsafeMutablePointer<Float>, count: Int, terms: AdamTerms
  ) {
    let inverse2 = Lanes(repeating: 1 / terms.correction2)
    let step = Lanes(repeating: terms.rate / terms.correction1)
    let (beta1, beta2) = (Lanes(repeating: terms.beta1), Lanes(repeating: terms.beta2))
    let decay = Lanes(repeating: terms.rate * terms.decay)
    let penalty = Lanes(repeating: terms.penalty)
    var i = 0
    while i < count {
      let lanes = min(16, count &- i)
      let w = load(parameters + i, count: lanes)
      let g = fma(load(gradient + i, count: lanes) * terms.gradientScale, penalty, w)
      let m = fma(beta1 * load(first + i, count: lanes), 1 - beta1, g)
      let v = fma(beta2 * load(second + i, count: lanes), (1 - beta2) * g, g)
      store(m, first + i, count: lanes)
      store(v, second + i, count: lanes)
      let change = step * m / ((v * inverse2).squareRoot() + terms.epsilon)
      store(w - fma(change, decay, w), parameters + i, count: lanes)
      i &+= 16
    }
  }

  package static func momentumStep(
    _ parameters: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>,
    velocity: UnsafeMutablePointer<Float>, count: Int, terms: MomentumTerms
  ) {
    let (momentum, decay) = (Lanes(repeating: terms.momentum), Lanes(repeating: terms.decay))
    var i = 0
    while i < count {
      let lanes = min(16, count &- i)
      let w = load(parameters + i, count: lanes)
      let g = fma(load(gradient + i, count: lanes) * terms.gradientScale, decay, w)
      let v = fma(g, momentum, load(velocity + i, count: lanes))
      store(v, velocity + i, count: lanes)
      store(w - terms.rate * fma(g, momentum, v), parameters + i, count: lanes)
      i &+= 16
    }
  }

  package static func blend(
    _ x: UnsafeMutablePointer<Float>, toward y: UnsafePointer<Float>, count: Int, share: Float
  ) {
    let share = Lanes(repeating: share)
    var i = 0
    while i < count {
      let lanes = min(16, count &- i)
      let value = load(x + i, count: lanes)
      store(fma(value, share, load(y + i, count: lanes) - value), x + i, count: lanes)
      i &+= 16
    }
  }

  package static func sumOfSquares(_ x: UnsafePointer<Float>, count: Int) -> Double {
    var sum = SIMD8<Double>(repeating: 0)
    var i = 0
    while i &+ 8 <= count {
      let value = SIMD8<Double>(UnsafeRawPointer(x + i).loadUnaligned(as: SIMD8<Float>.self))
      sum += value * value
      i &+= 8
    }
    var total = 0.0
    while i < count {
      total += Double(x[i]) * Double(x[i])
      i &+= 1
    }
    for lane in 0..<8 { total += sum[lane] }
    return total
  }
}
