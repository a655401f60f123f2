import Foundations

/// Normal numbers for tests, with the given mean.
func randomValues(_ count: Int, seed: UInt64, mean: Double = 0) -> [Float] {
  var stream = RandomStream(seed: seed, purpose: .test)
  return (0..<count).map { _ in Float(stream.normal() + mean) }
}

/// max|x − reference| / max|reference|, the measure of error in these tests.
func relativeError(_ x: [Float], _ reference: [Double]) -> Double {
  let scale = reference.map(abs).max() ?? 0
  let difference = zip(x, reference).map { abs(Double($0) - $1) }.max() ?? 0
  return scale == 0 ? difference : difference / scale
}
