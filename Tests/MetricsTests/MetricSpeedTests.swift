import Foundation
import Foundations
import Imaging
import Metrics
import Testing

/// How long a case of BraTS' size takes; in the long test alone, since a busy machine says nothing.
@Suite(.serialized) struct MetricSpeedTests {
  /// Rough concentric tissues with small lesions around them.
  private static func case240(_ centre: SIMD3<Double>, radius: Double, seed: UInt64) -> LabelVolume {
    var random = RandomStream(seed: seed, purpose: .test)
    let size = SIMD3(240, 240, 155)
    let waves = (0..<12).map { _ in
      (
        direction: SIMD3(random.uniform(-0.1...0.1), random.uniform(-0.1...0.1), random.uniform(-0.1...0.1)),
        height: random.uniform(-2...2)
      )
    }
    var map = MaskPair.map(size) { i, j, k in
      let place = SIMD3(Double(i), Double(j), Double(k))
      let distance = ((place - centre) * (place - centre)).sum().squareRoot()
      if distance > radius + 12 { return 0 }
      let rough = waves.reduce(distance) {
        $0 + 0.5 * $1.height * PortableMath.sin(($1.direction * place).sum())
      }
      return rough < radius * 0.45 ? 4 : rough < radius * 0.7 ? 1 : rough < radius ? 2 : 0
    }
    for _ in 0..<30 {
      let corner = SIMD3(random.integer(below: 230), random.integer(below: 230), random.integer(below: 150))
      for k in 0..<4 {
        for j in 0..<4 {
          for i in 0..<4 {
            map.labels[map.geometry.offset(corner.x + i, corner.y + j, corner.z + k)] = 2
          }
        }
      }
    }
    return map
  }

  @Test(.enabled(if: ProcessInfo.processInfo.environment["SEGFED_LONG_TESTS"] != nil, "make test-long"))
  func allMetricsOfAWholeCaseTakeUnderTwoSeconds() {
    let prediction = Self.case240([120, 118, 78], radius: 37, seed: 1)
    let reference = Self.case240([118, 120, 77], radius: 36, seed: 2)
    let regions = [
      Region(name: "WT", labels: [1, 2, 4]), Region(name: "TC", labels: [1, 4]),
      Region(name: "ET", labels: [4]),
    ]
    for convention in MetricConvention.all {
      let settings = MetricSettings(convention, lesions: .glioma)
      let times = (0..<5).map { _ in
        ContinuousClock().measure {
          _ = CaseMetrics.score(
            prediction: prediction, reference: reference, regions: regions, settings: settings,
            loop: ParallelLoop(threads: 2))
        }
      }
      print("\(convention.name): all metrics of 240×240×155, three regions: \(times.min()!) at best of 5")
      #expect(times.min()! < .seconds(2), "\(convention.name)")
    }
  }
}
