import Foundation
import Foundations
import Imaging
import Inspection
import TestSupport
import Testing

@Suite struct HeterogeneityTests {
  /// From sums of each site alone, what SciPy finds with all values at hand.
  @Test(.enabled(if: PythonReference.isWanted, PythonReference.skipMessage))
  func correlationRatioIsThatOfPooledValues() throws {
    var stream = RandomStream(seed: 6, purpose: .test)
    for (sizes, shift) in [([3, 5, 2], 0.0), ([20, 1, 7, 12], 0.7), ([4, 4], 300)] {
      let sites = sizes.enumerated().map { site, count in
        (0..<count).map { _ in 5 + shift * Double(site) + stream.normal() }
      }
      let output = try PythonReference.run(
        script: "statistics_reference.py", arguments: ["eta"] + sizes.map(String.init),
        input: RawArray.bytes(Array(sites.joined())))
      let expected = try #require(Double(String(decoding: output, as: UTF8.self).dropLast()))
      let found = Heterogeneity.correlationRatio([sites.map { Moments($0) }])
      #expect(abs(found - expected) < 1e-9, "\(sizes): \(found), \(expected)")
    }
  }

  @Test func endsOfTheScale() {
    let alike = [Moments([1, 2, 3]), Moments([1, 2, 3])]
    let apart = [Moments([1, 1]), Moments([2, 2, 2])]
    #expect(Heterogeneity.correlationRatio([alike]) == 0)
    #expect(Heterogeneity.correlationRatio([apart]) == 1)
    // What never varies tells nothing, also where rounding leaves a rest.
    let constant = [Moments([Double](repeating: 0.1, count: 7)), Moments([Double](repeating: 0.1, count: 9))]
    #expect(Heterogeneity.correlationRatio([constant]) == 0)
    #expect(Heterogeneity.correlationRatio([[Moments(), Moments()]]) == 0)
    // One axis that tells the site, and one that does not: weighed by their deviations, 1.2 and 4.
    #expect(abs(Heterogeneity.correlationRatio([apart, alike]) - 1.2 / 5.2) < 1e-12)
  }

  @Test(.enabled(if: PythonReference.isWanted, PythonReference.skipMessage))
  func percentilesAreNumPys() throws {
    var scan = PlantedSites.scan("x")
    scan.voxels[200] = -3.5
    let output = try PythonReference.run(
      script: "statistics_reference.py",
      arguments: ["percentiles"] + IntensitySummary.percents.map { "\($0)" },
      input: RawArray.bytes(scan.voxels.map(Double.init)))
    let expected = String(decoding: output, as: UTF8.self).split(separator: "\n").map { Double($0)! }
    let found = IntensitySummary(scan)
    #expect(zip(found.percentiles, expected).allSatisfy { abs($0 - $1) < 1e-9 })
    #expect(found.logMedian == log(expected[4]))
    #expect(abs(try #require(found.spread) - (expected[6] - expected[2]) / expected[4]) < 1e-12)
  }
}
