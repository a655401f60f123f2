import Fingerprint
import Foundations
import Testing

@Suite struct IntensityStatisticsTests {
  private func voxels(_ count: Int, mean: Double, deviation: Double, seed: UInt64) -> [Float] {
    var stream = RandomStream(seed: seed, purpose: .test)
    return (0..<count).map { _ in Float(mean + deviation * stream.normal()) }
  }

  @Test func binsHoldTheirIntensitiesAndAreNarrow() {
    var stream = RandomStream(seed: 3, purpose: .test)
    let ordinary = (0..<5000).map { _ in Float(stream.normal() * PortableMath.exp(20 * stream.normal())) }
    let edges: [Float] = [
      0, -0.0, .leastNonzeroMagnitude, .leastNormalMagnitude, 1, -1, 255, 256, .greatestFiniteMagnitude,
      -.greatestFiniteMagnitude,
    ]
    var last = (value: -Float.infinity, bin: Int.min)
    for value in (ordinary + edges).sorted() {
      let bin = IntensityBin.index(of: value)
      let bounds = IntensityBin.bounds(bin)
      #expect(IntensityBin.indices.contains(bin) && bounds.contains(Double(value)), "\(value)")
      if value.magnitude > .leastNormalMagnitude && value.magnitude < .greatestFiniteMagnitude {
        #expect(bounds.upperBound - bounds.lowerBound <= Double(value.magnitude) / 256 * 1.0001)
      }
      #expect(last.value == value || last.bin <= bin, "\(value)")
      last = (value, bin)
    }
  }

  /// Of one case the summary is that of its foreground, percentiles true to a bin.
  @Test func oneCaseIsItsForeground() throws {
    let inside = voxels(20_000, mean: 300, deviation: 60, seed: 4)
    let values = inside + [Float](repeating: 9000, count: 500)
    let labels = [UInt16](repeating: 2, count: inside.count) + [UInt16](repeating: 0, count: 500)
    let summary = try #require(
      IntensityStatistics(contrast: "t1", voxels: values, labels: labels).summary)
    let sorted = inside.sorted()
    let mean = inside.reduce(0) { $0 + Double($1) } / Double(inside.count)
    let variance = inside.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(inside.count)
    #expect(abs(summary.mean - mean) < 1e-9 && abs(summary.deviation - variance.squareRoot()) < 1e-6)
    for (found, percent) in [
      (summary.lowPercentile, 0.5), (summary.median, 50), (summary.highPercentile, 99.5),
    ] {
      let exact = sorted.percentile(percent)
      #expect(abs(found - exact) <= abs(exact) / 256, "\(percent) %: \(found), \(exact)")
    }
    #expect(summary.least <= Double(sorted[0]) && summary.least > Double(sorted[0]) * 255 / 256)
    #expect(summary.largest >= Double(sorted.last!) && summary.largest < Double(sorted.last!) * 257 / 256)
  }

  /// A large foreground counts no more than a small one, as nnU-Net samples cases alike.
  @Test func casesCountTheSame() throws {
    func statistics(_ value: Float, count: Int) -> IntensityStatistics {
      IntensityStatistics(
        contrast: "t1", voxels: .init(repeating: value, count: count),
        labels: .init(repeating: 1, count: count))
    }
    let both = statistics(100, count: 10).merged(with: statistics(300, count: 9000))
    let summary = try #require(both.summary)
    #expect(summary.mean == 200 && abs(summary.deviation - 100) < 1e-9)
    let none = IntensityStatistics(contrast: "t1", voxels: [5, 6], labels: [0, 0])
    #expect(none.summary == nil && both.merged(with: none) == both && none.merged(with: both) == both)
  }

  /// However cases are dealt to sites, the sites' statistics add up to the pooled ones.
  @Test(arguments: [1, 2, 3, 4, 5]) func sitesAddUpToPooled(seed: UInt64) {
    var stream = RandomStream(seed: seed, purpose: .test)
    let cases = (0..<12).map { number -> DataStatistics in
      let count = 200 + stream.integer(below: 3000)
      let values = voxels(count, mean: 200, deviation: 90, seed: 100 * seed + UInt64(number))
      let map = (0..<count).map { _ in UInt16(stream.integer(below: 3)) }
      return DataStatistics(
        contrasts: ["t1"], cases: 1,
        micrometres: AxisCounts([SIMD3(stream.integer(below: 3), 1000, 2000 + stream.integer(below: 9))]),
        sizes: AxisCounts([SIMD3(stream.integer(below: 200), 50, stream.integer(below: 90))]),
        croppedPercent: ValueCounts([stream.integer(below: 101)]),
        labels: [1, 2].map { value in
          let voxels = map.count { $0 == value }
          return LabelVolumes(value: UInt16(value), voxels: voxels, millilitres: Double(voxels) * 0.7)
        }, intensities: [IntensityStatistics(contrast: "t1", voxels: values, labels: map)])
    }
    let empty = DataStatistics(contrasts: ["t1"])
    let pooled = cases.reduce(empty) { $0.merged(with: $1) }
    var sites = [DataStatistics](repeating: empty, count: 4)
    for item in cases {
      let site = stream.integer(below: 4)
      sites[site] = sites[site].merged(with: item)
    }
    let merged = sites.reduce(empty) { $0.merged(with: $1) }
    // Counts are equal; sums of fractions but for the order of additions.
    #expect(merged.cases == 12 && merged.micrometres == pooled.micrometres && merged.sizes == pooled.sizes)
    #expect(merged.croppedPercent == pooled.croppedPercent)
    for (one, other) in zip(merged.labels, pooled.labels) {
      #expect(one.value == other.value && one.cases == other.cases && one.voxels == other.voxels)
      #expect(abs(one.millilitres - other.millilitres) <= 1e-12 * other.millilitres)
      #expect(abs(one.squaredMillilitres - other.squaredMillilitres) <= 1e-12 * other.squaredMillilitres)
    }
    let (one, other) = (merged.intensities[0], pooled.intensities[0])
    #expect(one.cases == other.cases && one.bins == other.bins)
    for (a, b) in zip(one.shares, other.shares) { #expect(abs(a - b) <= 1e-12) }
    #expect(abs(one.meanSum - other.meanSum) <= 1e-9 && abs(one.squareSum - other.squareSum) <= 1e-6)
  }
}
