import Foundations
import Imaging

/// One region's scores of one case, in the order of the settings' metrics; NaN where a metric has no value.
package struct RegionMetrics: Sendable, Equatable {
  package let values: [Double]

  package init(values: [Double]) {
    self.values = values
  }
}

/// The scores of one case.
package enum CaseMetrics {
  /// Scores each region of a prediction, the two maps on one grid. Distances are in mm along the reference's axes.
  ///
  /// `calibration` are each region's predicted probabilities beside the reference; nil, or nil for a region, where there are none.
  package static func score(
    prediction: LabelVolume, reference: LabelVolume, regions: [Region], settings: MetricSettings,
    calibration: [CalibrationBins?]? = nil, loop: ParallelLoop
  ) -> [RegionMetrics] {
    precondition(calibration.map { $0.count == regions.count } ?? true, "bins for each region")
    let grid = reference.geometry
    if settings.metrics == [.dice] {
      let survey = RegionSurvey(regions, prediction: prediction, reference: reference, loop: loop)
      return survey.counts.map { RegionMetrics(values: [settings.convention.dice($0)]) }
    }
    let all = RegionMasks.of(regions, prediction: prediction, reference: reference, loop: loop)
    return all.enumerated().map { index, masks in
      var scores = RegionScores(masks, grid: grid, settings: settings)
      if settings.asks(for: Metric.ofSurfaces) { scores.addSurfaces(loop) }
      if settings.asks(for: Metric.ofLesions) { scores.addLesions(loop) }
      if let bins = calibration?[index] { scores.add(bins) }
      return RegionMetrics(values: settings.metrics.map { scores.value(of: $0) })
    }
  }
}

/// One region's scores while they are found.
private struct RegionScores {
  private let masks: RegionMasks
  private let grid: Geometry
  private let settings: MetricSettings
  private var found: [Metric: Double] = [:]

  private var convention: MetricConvention { settings.convention }
  private var isPicture: Bool { grid.size.z == 1 }
  private var voxelVolume: Double { grid.spacing.x * grid.spacing.y * grid.spacing.z }

  init(_ masks: RegionMasks, grid: Geometry, settings: MetricSettings) {
    self.masks = masks
    self.grid = grid
    self.settings = settings
    let counts = masks.counts
    let difference = Double(counts.prediction - counts.reference) * voxelVolume
    found = [
      .dice: counts.dice, .jaccard: counts.jaccard, .precision: counts.precision,
      .sensitivity: counts.sensitivity,
      .specificity: counts.total == counts.reference
        ? settings.convention.specificityWithoutBackground : counts.specificity,
      .volumeDifference: settings.convention.volumeDifferenceHasSign ? difference : abs(difference),
      .relativeVolumeDifference: counts.relativeVolumeDifference,
    ]
  }

  func value(of metric: Metric) -> Double {
    convention.value(of: metric, where: masks.counts.emptiness) ?? found[metric] ?? .nan
  }

  mutating func add(_ bins: CalibrationBins) {
    found[.expectedCalibrationError] = bins.expected
    found[.averageCalibrationError] = bins.average
    found[.maximumCalibrationError] = bins.maximum
  }

  mutating func addSurfaces(_ loop: ParallelLoop) {
    guard let rule = convention.surface, let box = masks.box, masks.counts.prediction > 0,
      masks.counts.reference > 0
    else { return }
    let surfaces = SurfaceDistances(
      prediction: masks.prediction, reference: masks.reference, size: box.size,
      spacing: convention.measuresWholeMasksInVoxels ? .one : grid.spacing, isPicture: isPicture, rule: rule,
      loop: loop)
    found[.hausdorff95] = surfaces.hausdorff(percent: 95)
    found[.hausdorff] = surfaces.hausdorff(percent: 100)
    found[.averageDistance] = surfaces.fromPrediction.mean
    found[.averageDistanceFromReference] = surfaces.fromReference.mean
    found[.averageSymmetricDistance] = surfaces.averageSymmetric
    found[.surfaceDice] = surfaces.surfaceDice(
      tolerance: settings.surfaceTolerance ?? rule.tolerance)
  }

  mutating func addLesions(_ loop: ParallelLoop) {
    guard let lesionRule = convention.lesions, let rule = convention.surface, let tumour = settings.lesions
    else { return }
    var scorer = LesionScorer(
      masks: masks, grid: grid, rule: rule, tolerance: settings.surfaceTolerance, loop: loop)
    if !convention.measuresWholeMasksInVoxels, let distance = found[.hausdorff95],
      let surfaceDice = found[.surfaceDice]
    {
      scorer.whole = LesionScore(
        dice: masks.counts.dice, hausdorff95: distance, surfaceDice: surfaceDice)
    }
    let scores =
      switch lesionRule {
      case .dilation(let penalty): scorer.mergedByDilation(tumour, penalty: penalty)
      case .bipartite(let penalty): scorer.matchedOneToOne(tumour, penalty: penalty)
      }
    found[.lesionDice] = scores.dice
    found[.lesionHausdorff95] = scores.hausdorff95
    found[.lesionSurfaceDice] = scores.surfaceDice
    found[.lesionTruePositives] = Double(scores.truePositives)
    found[.lesionFalsePositives] = Double(scores.falsePositives)
    found[.lesionFalseNegatives] = Double(scores.falseNegatives)
  }
}
