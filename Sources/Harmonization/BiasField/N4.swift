import Foundations
import Imaging

/// Finds the bias field of a magnetic resonance scan (Tustison et al. 2010, "N4ITK: improved N3 bias correction").
///
/// In the logarithm a field is a smooth summand. In turns the histogram of what is left is sharpened, and a B-spline
/// through the difference that this makes is added to the field; its lattice grows finer from level to level.
package enum N4 {
  /// The field of `volume`, looked for inside the brain.
  ///
  /// As ITK's `N4BiasFieldCorrectionImageFilter` (equal to 10⁻⁵ on the same voxels), with these changes: values that
  /// have no logarithm are left out (ITK keeps them as they are), the thinned grid's voxels keep their places in the
  /// scan, and an axis of one voxel makes a 2D field.
  ///
  /// - Parameter mask: i fastest, 0 outside the brain.
  ///
  /// Throws `HarmonizationError` for settings that cannot be, where no brain voxel is above 0 and where all are equal.
  package static func field(
    of volume: Volume, mask: [UInt8], settings: N4Settings = .standard, loop: ParallelLoop
  ) throws -> BiasField {
    try settings.check()
    let samples = try BiasSamples(volume, mask: mask, distance: settings.samplingDistance)
    let sharpening = HistogramSharpening(settings)
    var lattice = SplineLattice(points: SIMD3(repeating: settings.controlPoints))
    var field = [Float](repeating: 0, count: samples.count)
    for (level, rounds) in settings.iterations.enumerated() {
      if level > 0 { lattice = lattice.refined }
      let fit = SplineFit(samples, points: lattice.points, loop: loop)
      for _ in 0..<rounds {
        let corrected = samples.values(loop) { samples.logs[$0] - field[$0] }
        // Nothing varies any more: the field explains the whole scan.
        guard let sharpened = sharpening.expectation(of: corrected, samples, loop: loop) else { break }
        let residual = samples.values(loop) { Float(Double(corrected[$0]) - sharpened(corrected[$0])) }
        lattice.add(fit.lattice(of: residual, loop: loop))
        let next = fit.values(of: lattice, loop: loop)
        let change = variation(from: field, to: next, samples, loop: loop)
        field = next
        if change <= settings.convergence { break }
      }
    }
    return BiasField(size: samples.size, lattice: lattice)
  }

  /// The coefficient of variation, over all samples, of the ratio of two fields given by their logarithms.
  private static func variation(
    from old: [Float], to new: [Float], _ samples: BiasSamples, loop: ParallelLoop
  ) -> Double {
    let sums = samples.map(SIMD2<Double>.zero, loop) { k in
      var sums = SIMD2<Double>.zero
      let slice = samples.slice(k)
      for first in stride(from: slice.lowerBound, to: slice.upperBound, by: 8) {
        var logs = SIMD8<Float>.zero
        for lane in 0..<min(8, slice.upperBound - first) {
          logs[lane] = old[first + lane] - new[first + lane]
        }
        // Less 1, so that the squares of ratios near 1 do not cancel.
        let excess = FastExponential.exp(logs) - 1
        for lane in 0..<8 {
          let value = Double(excess[lane])
          sums += SIMD2(value, value * value)
        }
      }
      return sums
    }.reduce(.zero, +)
    let count = Double(samples.count)
    let mean = sums.x / count
    let variance = max(0, sums.y - count * mean * mean) / max(1, count - 1)
    return variance.squareRoot() / (1 + mean)
  }
}
