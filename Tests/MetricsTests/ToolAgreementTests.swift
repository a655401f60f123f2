import Foundation
import Metrics
import Testing

/// Convention by convention the numbers of the tools themselves, to 1e-4, on 200 pairs of masks: empty, full, of one voxel,
/// touching the border, with anisotropic voxels, and pictures among them.
@Suite struct ToolAgreementTests {
  private static let golden = Result { try MetricsGolden.read() }

  private static func check(_ key: String, _ settings: (MetricsGolden.Pair) throws -> MetricSettings) throws {
    var compared = 0
    for (index, pair) in try golden.get().pairs.enumerated() {
      guard let expected = pair.scores[key] else { continue }
      let found = try pair.masks.scores(settings(pair))
      for (name, number) in expected {
        let metric = try #require(Metric(rawValue: name))
        let value = try #require(found[metric], "\(key) has no \(name)")
        #expect(number.isNear(value), "pair \(index): \(key) has \(name) \(number.value), found \(value)")
        compared += 1
      }
    }
    #expect(compared >= 350)
  }

  @Test(arguments: ["monai", "deepmind", "medpy", "nnunet"])
  func wholeMasksScoreAsInTheTool(name: String) throws {
    let convention = try #require(MetricConvention.named(name))
    try Self.check(name) { MetricSettings(convention, surfaceTolerance: $0.tolerance) }
  }

  @Test(arguments: [TumourType.glioma, .meningioma, .metastases])
  func lesionsScoreByTheRulesOfBraTS2023(tumour: TumourType) throws {
    try Self.check("brats2023 \(tumour.rawValue)") { _ in MetricSettings(.brats2023, lesions: tumour) }
  }

  @Test(arguments: [TumourType.glioma, .metastases])
  func lesionsScoreAsInTheEvaluatorOf2025(tumour: TumourType) throws {
    try Self.check("brats2025 \(tumour.rawValue)") { _ in MetricSettings(.brats2025, lesions: tumour) }
  }

  @Test func surfaceElementsHaveTheAreasOfDeepMindsTable() throws {
    let golden = try Self.golden.get()
    #expect(golden.areas.count == 256)
    let own = SurfaceElements.areas(spacing: [0.7, 1.3, 2.9])
    for code in 0..<256 {
      #expect(abs(own[code] - golden.areas[code]) < 1e-9, "code \(code)")
    }
  }

  @Test func probabilitiesAreAsFarFromTheTruthAsInMONAI() throws {
    for sample in try Self.golden.get().calibration {
      let probabilities = sample.steps.map { Float($0) / 4096 }
      var bins = CalibrationBins()
      bins.add(Array(probabilities[..<200]), Array(sample.reference[..<200]))
      var rest = CalibrationBins()
      rest.add(Array(probabilities[200...]), Array(sample.reference[200...]))
      bins.add(rest)
      #expect(abs(bins.expected - sample.expected) < 1e-5)
      #expect(abs(bins.average - sample.average) < 1e-5)
      #expect(abs(bins.maximum - sample.maximum) < 1e-5)
    }
  }
}
