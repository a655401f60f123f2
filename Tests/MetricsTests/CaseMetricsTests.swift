import Foundations
import Imaging
import Metrics
import Testing

@Suite struct CaseMetricsTests {
  private static func spheres(_ spacing: SIMD3<Double> = .one) -> MaskPair {
    MaskPair(
      prediction: MaskPair.sphere(18, [32, 32, 32], spacing: spacing),
      reference: MaskPair.sphere(20, [34, 32, 33], spacing: spacing))
  }

  private static func scores(
    _ convention: MetricConvention, _ spacing: SIMD3<Double> = .one
  ) -> [Metric: Double] { spheres(spacing).scores(MetricSettings(convention)) }

  /// The worked check of two spheres, measured with the tools.
  @Test func spheresScoreAsMeasured() {
    let (monai, medpy, deepmind) = (Self.scores(.monai), Self.scores(.medpy), Self.scores(.deepmind))
    func expect(_ value: Double?, _ expected: Double, _ digits: Double = 5e-4) {
      #expect(abs((value ?? .nan) - expected) < digits)
    }
    for scores in [monai, medpy, deepmind] { expect(scores[.dice], 0.8432, 5e-5) }
    expect(monai[.hausdorff95], 4)
    expect(medpy[.hausdorff95], 4)
    expect(deepmind[.hausdorff95], 3.606)
    for scores in [monai, medpy] { expect(scores[.hausdorff], 4.472) }
    for scores in [monai, medpy] { expect(scores[.averageSymmetricDistance], 1.946) }
    expect(deepmind[.averageDistanceFromReference], 1.743)
    expect(deepmind[.averageDistance], 1.554)
    expect(monai[.surfaceDice], 0.3391, 5e-5)
    expect(deepmind[.surfaceDice], 0.4062, 5e-5)
    // Slices of 3 mm, across which the spheres are one voxel apart: the tools of the golden file say this of the same masks.
    let thick = SIMD3(1.0, 1, 3)
    expect(Self.scores(.monai, thick)[.hausdorff95], 6.403)
    expect(Self.scores(.medpy, thick)[.hausdorff95], 5.831)
    expect(Self.scores(.deepmind, thick)[.hausdorff95], 5.099)
  }

  @Test func threadsAndMirrorsChangeNothing() {
    for convention in MetricConvention.all {
      let settings = MetricSettings(convention, lesions: .glioma)
      let pair = Self.spheres([1.5, 0.8, 1.1])
      let found = pair.scores(settings, threads: 1)
      for threads in [2, 7] {
        for (metric, value) in pair.scores(settings, threads: threads) {
          #expect(value == found[metric] || (value.isNaN && found[metric]!.isNaN), "\(metric)")
        }
      }
      let swapped = MaskPair(prediction: pair.reference, reference: pair.prediction).scores(settings)
      for metric in [
        Metric.dice, .jaccard, .hausdorff95, .hausdorff, .averageSymmetricDistance, .surfaceDice,
      ]
      where found[metric] != nil {
        #expect(abs(swapped[metric]! - found[metric]!) < 1e-9, "\(convention.name) \(metric)")
      }
    }
  }

  @Test func regionsAreUnionsOfLabels() {
    let prediction = MaskPair.map([4, 4, 4]) { i, _, _ in [0, 1, 2, 4][i] }
    let reference = MaskPair.map([4, 4, 4]) { i, _, _ in [0, 4, 1, 2][i] }
    let regions = [
      Region(name: "WT", labels: [1, 2, 4]), Region(name: "TC", labels: [1, 4]),
      Region(name: "ET", labels: [4]),
    ]
    let found = CaseMetrics.score(
      prediction: prediction, reference: reference, regions: regions, settings: .diceOnly(), loop: .serial)
    #expect(found.map(\.values) == [[1], [0.5], [0]])
  }

  @Test func emptyRegionsFollowTheConvention() {
    let empty = MaskPair.map([3, 3, 3]) { _, _, _ in 0 }
    let full = MaskPair.map([3, 3, 3]) { _, _, _ in 1 }
    func dice(_ convention: MetricConvention, _ prediction: LabelVolume, _ reference: LabelVolume) -> Double {
      MaskPair(prediction: prediction, reference: reference).scores(.diceOnly(convention))[.dice]!
    }
    for convention in MetricConvention.all {
      #expect(dice(convention, empty, full) == 0)
      #expect(dice(convention, full, full) == 1)
      let both = dice(convention, empty, empty)
      #expect(convention == .brats2023 ? both == 1 : both.isNaN)
      let invented = dice(convention, full, empty)
      #expect(convention == .monai ? invented.isNaN : invented == 0)
    }
  }

  /// Distances are exact: every voxel against every other.
  @Test func distancesAreThoseOfEveryPairOfVoxels() {
    var random = RandomStream(seed: 3, purpose: .test)
    for spacing in [SIMD3(1.0, 1, 1), [0.6, 1.7, 4]] {
      let size = SIMD3(11, 7, 9)
      func noise() -> LabelVolume {
        MaskPair.map(size, spacing: spacing) { _, _, _ in random.uniform() < 0.02 ? 1 : 0 }
      }
      let pair = MaskPair(prediction: noise(), reference: noise())
      func places(_ map: LabelVolume) -> [SIMD3<Double>] {
        map.labels.indices.filter { map.labels[$0] == 1 }.map { index in
          SIMD3(
            Double(index % size.x), Double(index / size.x % size.y), Double(index / (size.x * size.y)))
            * spacing
        }
      }
      func farthest(_ ones: [SIMD3<Double>], _ others: [SIMD3<Double>]) -> Double {
        ones.map { one in others.map { (($0 - one) * ($0 - one)).sum().squareRoot() }.min()! }.max()!
      }
      // Single voxels are all border.
      let (p, r) = (places(pair.prediction), places(pair.reference))
      let expected = max(farthest(p, r), farthest(r, p))
      #expect(abs(pair.scores(MetricSettings(.medpy))[.hausdorff]! - expected) < 1e-9)
    }
  }
}
