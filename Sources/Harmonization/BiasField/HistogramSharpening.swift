import Foundations

/// Sharpens a brain's histogram: a bias field has blurred it by about a Gaussian, and what each value most likely was
/// before follows from undoing that (Sled, Zijdenbos & Evans 1998; details as in ITK).
struct HistogramSharpening: Sendable {
  private let settings: N4Settings
  private let transform: FourierTransform
  /// Empty bins before and after the histogram.
  private let margin: Int

  /// Values in a bin below which its mean means nothing.
  private static let leastWeight = 1e-9

  init(_ settings: N4Settings) {
    self.settings = settings
    var count = 2
    while count < settings.bins { count *= 2 }
    transform = FourierTransform(count: 2 * count)
    margin = (2 * count - settings.bins) / 2
  }

  /// What each of the samples' values is expected to be without a field; nil where all are equal.
  func expectation(of values: [Float], _ samples: BiasSamples, loop: ParallelLoop) -> SharpenedValues? {
    let ends = samples.map(SIMD2<Float>(.infinity, -.infinity), loop) { k in
      samples.slice(k).reduce(SIMD2(.infinity, -.infinity)) {
        SIMD2(min($0.x, values[$1]), max($0.y, values[$1]))
      }
    }
    let least = Double(ends.map(\.x).min() ?? 0)
    let width = (Double(ends.map(\.y).max() ?? 0) - least) / Double(settings.bins - 1)
    guard width > 0 else { return nil }
    let histogram = self.histogram(of: values, samples, least: least, width: width, loop: loop)
    return SharpenedValues(
      least: least, width: width, expected: expectations(histogram, least: least, width: width))
  }

  /// Each value counts for the two bins around it, by nearness.
  private func histogram(
    of values: [Float], _ samples: BiasSamples, least: Double, width: Double, loop: ParallelLoop
  ) -> [Double] {
    let bins = settings.bins
    let parts = samples.map([Double](), loop) { k in
      var part = [Double](repeating: 0, count: bins)
      part.withUnsafeMutableBufferPointer { part in
        for sample in samples.slice(k) {
          let (bin, rest) = SharpenedValues.place(values[sample], least: least, width: width, bins: bins)
          part[bin] += 1 - rest
          part[bin + 1] += rest
        }
      }
      return part
    }
    return parts.reduce(into: [Double](repeating: 0, count: bins)) { sum, part in
      for bin in 0..<bins { sum[bin] += part[bin] }
    }
  }

  /// E(u | v) for the value v in the middle of each bin, u being the value before the field.
  private func expectations(_ histogram: [Double], least: Double, width: Double) -> [Double] {
    let count = transform.count
    var blurred = [Double](repeating: 0, count: count)
    blurred.replaceSubrange(margin..<margin + histogram.count, with: histogram)
    let zeros = [Double](repeating: 0, count: count)
    let kernel = transform.forward(ComplexNumbers(real: gaussian(width: width), imaginary: zeros)).real
    var spectrum = transform.forward(ComplexNumbers(real: blurred, imaginary: zeros))
    // Wiener's filter; the Gaussian is even, so that its transform is real.
    spectrum.multiply(by: kernel.map { $0 / ($0 * $0 + settings.wienerNoise) })
    let sharp = transform.inverse(spectrum).real.map { max($0, 0) }
    // Blurring moments and counts again, as the two parts of one complex sequence.
    let moments = sharp.enumerated().map { (least + Double($0.offset - margin) * width) * $0.element }
    var both = transform.forward(ComplexNumbers(real: moments, imaginary: sharp))
    both.multiply(by: kernel)
    let sums = transform.inverse(both)
    return (0..<histogram.count).map { bin in
      let (moment, weight) = (sums.real[margin + bin], sums.imaginary[margin + bin])
      // Far from all values there is rounding alone: nothing is expected to change there.
      return weight > Self.leastWeight ? moment / weight : least + Double(bin) * width
    }
  }

  /// The blur around bin 0, going on at the other end.
  private func gaussian(width: Double) -> [Double] {
    let inBins = settings.fwhm / width
    let ln2 = PortableMath.log(2)
    let scale = 2 * (ln2 / Double.pi).squareRoot() / inBins
    let decay = 4 * ln2 / (inBins * inBins)
    return (0..<transform.count).map { index in
      let distance = Double(min(index, transform.count - index))
      return scale * PortableMath.exp(-distance * distance * decay)
    }
  }
}

extension ComplexNumbers {
  fileprivate mutating func multiply(by factors: [Double]) {
    for index in factors.indices {
      real[index] *= factors[index]
      imaginary[index] *= factors[index]
    }
  }
}

/// The expected value before the field for each value with it, between bins linearly.
struct SharpenedValues: Sendable {
  let least: Double
  let width: Double
  let expected: [Double]

  func callAsFunction(_ value: Float) -> Double {
    let (bin, rest) = Self.place(value, least: least, width: width, bins: expected.count)
    return expected[bin] + (expected[bin + 1] - expected[bin]) * rest
  }

  /// The bin below a value, of which there is a next one, and how far it is to that, 0 to 1.
  static func place(_ value: Float, least: Double, width: Double, bins: Int) -> (bin: Int, rest: Double) {
    let exact = (Double(value) - least) / width
    let bin = min(Int(exact), bins - 2)
    return (bin, min(exact - Double(bin), 1))
  }
}
