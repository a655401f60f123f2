/// How a bias field is looked for (Tustison et al. 2010, names as in ITK).
package struct N4Settings: Sendable, Equatable, Codable {
  /// The field is fitted to voxels not further than this apart, in mm, or to all where voxels are larger: 4 takes every
  /// fourth voxel of 1 mm along each axis, as ANTs.
  package var samplingDistance: Double
  /// Rounds at most for each level; the control points lie twice as dense from one level to the next.
  package var iterations: [Int]
  /// A level ends when the ratio of two successive fields has a coefficient of variation not above this.
  package var convergence: Double
  /// Full width at half maximum of the Gaussian by which the field is taken to blur the histogram of the logarithm.
  package var fwhm: Double
  /// Noise of the Wiener filter that undoes the blur.
  package var wienerNoise: Double
  /// Bins of that histogram.
  package var bins: Int
  /// Control points along each axis at the first level, 4 or more.
  package var controlPoints: Int

  /// SimpleITK's with two levels instead of four, whose spans are half the scan. On the simulated sites, whose fields
  /// are known, the brain's own large structure is taken for a field at finer levels: the field that is left varies by
  /// 2.6 % of its mean with two levels and by 7.2 % with four, 3.2 % before any correction (mean over six sites and
  /// four contrasts; ITK's filter likewise).
  package static let standard = N4Settings(iterations: [50, 50])
  /// SimpleITK's defaults.
  package static let simpleITK = N4Settings(iterations: [50, 50, 50, 50])

  package init(
    samplingDistance: Double = 4, iterations: [Int], convergence: Double = 0.001, fwhm: Double = 0.15,
    wienerNoise: Double = 0.01, bins: Int = 200, controlPoints: Int = 4
  ) {
    self.samplingDistance = samplingDistance
    self.iterations = iterations
    self.convergence = convergence
    self.fwhm = fwhm
    self.wienerNoise = wienerNoise
    self.bins = bins
    self.controlPoints = controlPoints
  }

  enum CodingKeys: String, CodingKey {
    case iterations, convergence, fwhm, bins
    case samplingDistance = "sampling_distance"
    case wienerNoise = "wiener_noise"
    case controlPoints = "control_points"
  }

  /// Throws `HarmonizationError.badBiasSetting`: settings may come from a file.
  func check() throws {
    func expect(_ holds: Bool, _ key: CodingKeys, _ found: some CustomStringConvertible, _ expected: String)
      throws
    {
      if !holds {
        throw HarmonizationError.badBiasSetting(
          name: key.rawValue, found: found.description, expected: expected)
      }
    }
    let isDistance = samplingDistance > 0 && samplingDistance.isFinite
    try expect(isDistance, .samplingDistance, samplingDistance, "a distance above 0 mm")
    let fits = (1...6).contains(iterations.count) && iterations.allSatisfy { $0 >= 0 }
    try expect(fits, .iterations, iterations, "1 to 6 levels, each of 0 or more rounds")
    try expect(convergence >= 0, .convergence, convergence, "0 or more")
    try expect(fwhm > 0 && fwhm.isFinite, .fwhm, fwhm, "a width above 0")
    try expect(wienerNoise > 0 && wienerNoise.isFinite, .wienerNoise, wienerNoise, "a number above 0")
    try expect((16...4096).contains(bins), .bins, bins, "16 to 4096")
    // Spans double from level to level: 67 control points an axis are 300,000.
    let isFew = (4...67).contains(controlPoints) && (controlPoints - 3) << (iterations.count - 1) <= 64
    try expect(
      isFew, .controlPoints, controlPoints, "4 or more, and few enough for 64 spans at the last level")
  }
}
