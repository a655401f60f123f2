/// One Adam step on `count` parameters (Kingma & Ba 2015), weight decay decoupled (AdamW).
///
/// `correction1` and `correction2` are 1 − β₁ᵗ and 1 − β₂ᵗ.
package func adamStep(
  _ parameters: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>,
  first: UnsafeMutablePointer<Float>, second: UnsafeMutablePointer<Float>, count: Int,
  gradientScale: Float, rate: Float, beta1: Float, beta2: Float, epsilon: Float, decay: Float,
  correction1: Float, correction2: Float
) {
  let inverse2 = 1 / correction2
  let step = rate / correction1
  for i in 0..<count {
    let g = gradient[i] * gradientScale
    let m = beta1 * first[i] + (1 - beta1) * g
    let v = beta2 * second[i] + (1 - beta2) * g * g
    first[i] = m
    second[i] = v
    parameters[i] -= step * m / ((v * inverse2).squareRoot() + epsilon) + rate * decay * parameters[i]
  }
}

/// One step of SGD with momentum as PyTorch defines it, Nesterov or heavy-ball, L2 weight decay in the gradient.
package func momentumStep(
  _ parameters: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>,
  velocity: UnsafeMutablePointer<Float>, count: Int, gradientScale: Float, rate: Float,
  momentum: Float, nesterov: Bool, decay: Float
) {
  for i in 0..<count {
    let g = gradient[i] * gradientScale + decay * parameters[i]
    let v = momentum * velocity[i] + g
    velocity[i] = v
    parameters[i] -= rate * (nesterov ? g + momentum * v : v)
  }
}

/// Σx² of `count` values, in Double.
package func sumOfSquares(_ x: UnsafePointer<Float>, count: Int) -> Double {
  var sum = 0.0
  for i in 0..<count { sum += Double(x[i]) * Double(x[i]) }
  return sum
}
