import FederationProtocol
import Foundations
import Imaging
import Metrics
import Training

/// One case's scores: each region's, then those of each label that is no region of its own.
package struct CaseScore: Sendable, Equatable {
  package let name: String
  package let scores: [RegionMetrics]

  package init(name: String, scores: [RegionMetrics]) {
    self.name = name
    self.scores = scores
  }
}

/// Scores cases by the rules of `settings`; what it finds of a case stays at the site, aggregates may leave.
package struct CaseScores: Sendable {
  package let regions: [Region]
  /// Labels that are no region of their own; none where Dice alone is asked for.
  package let labels: [Region]
  package let settings: MetricSettings

  package init(regions: [Region], labels: [TrainingPlan.Label], settings: MetricSettings) {
    self.regions = regions
    self.settings = settings
    self.labels =
      settings.metrics == [.dice]
      ? []
      : labels.filter { label in
        label.value != 0 && !regions.contains { $0.labels == [label.value] || $0.name == label.name }
      }.map { Region(name: $0.name, labels: [$0.value]) }
  }

  /// Scores a case, both maps in the scan's own grid.
  package func score(
    _ name: String, prediction: LabelVolume, reference: LabelVolume,
    calibration: [CalibrationBins?]? = nil, loop: ParallelLoop
  ) -> CaseScore {
    CaseScore(
      name: name,
      scores: CaseMetrics.score(
        prediction: prediction, reference: reference, regions: regions + labels, settings: settings,
        calibration: calibration, loop: loop))
  }

  /// Predicts and scores each case in its scan's own grid. Returns nil if the user asked to stop.
  ///
  /// Calibration is of the model's probabilities, before anything is taken out of its label map.
  package func score(
    _ cases: [PreparedCase], predictor: Predictor, cleanup: LabelCleanup = LabelCleanup(),
    loop: ParallelLoop
  ) throws -> [CaseScore]? {
    var scores: [CaseScore] = []
    for item in cases {
      if Interruption.isRequested { return nil }
      guard let reference = item.reference else { continue }
      let calibration =
        settings.scoresProbabilities
        ? CaseCalibration(
          regions + labels, plan: predictor.plan, reference: reference,
          restoration: item.harmonized.restoration, loop: loop) : nil
      let prediction = cleanup.applied(
        to: try predictor.predict(item.harmonized, maps: calibration), plan: predictor.plan, loop: loop)
      scores.append(
        score(
          item.name, prediction: prediction, reference: reference, calibration: calibration?.bins(),
          loop: loop))
    }
    return scores
  }

  /// `metrics.csv`: a line for each case and each region or label. What is not a number is left empty.
  package func csv(_ scores: [CaseScore]) -> String {
    var document = CSVDocument(columns: ["case", "region"] + settings.metrics.map(\.rawValue))
    for score in scores {
      for (region, found) in zip(regions + labels, score.scores) {
        document.add(
          [score.name, region.name]
            + found.values.map { $0.isInfinite ? "inf" : CSVDocument.field($0) })
      }
    }
    return document.rendered()
  }

  /// What may leave the site: aggregates of each region and label.
  package func evaluation(_ scores: [CaseScore], part: WirePart, seconds: Double) -> WireEvaluation {
    var wire = WireEvaluation()
    wire.part = part
    wire.cases = UInt32(scores.count)
    wire.seconds = seconds
    let all = (regions + labels).indices.map { summary(scores, of: $0) }
    wire.regions = Array(all[..<regions.count])
    wire.labels = Array(all[regions.count...])
    return wire
  }

  private func summary(_ scores: [CaseScore], of index: Int) -> WireRegionScore {
    var wire = WireRegionScore()
    wire.region = (regions + labels)[index].name
    for (metric, position) in zip(settings.metrics, settings.metrics.indices) {
      let values = scores.map { $0.scores[index].values[position] }
      let summary = MetricSummary(values)
      if metric == .dice {
        wire.cases = UInt32(summary.cases)
        wire.undefined = UInt32(summary.undefined)
        wire.mean = summary.mean ?? 0
        wire.minimum = values.filter { !$0.isNaN }.min() ?? 0
      }
      if settings.metrics.count > 1 { wire.metrics.append(WireMetricScore(metric, summary)) }
    }
    return wire
  }
}

extension WireMetricScore {
  fileprivate init(_ metric: Metric, _ summary: MetricSummary) {
    self.init()
    self.metric = metric.rawValue
    cases = UInt32(summary.cases)
    undefined = UInt32(summary.undefined)
    infinite = UInt32(summary.infinite)
    if let value = summary.mean { mean = value }
    if let value = summary.median { median = value }
    if let value = summary.deviation { deviation = value }
  }
}

extension MetricSettings {
  /// What a coordinator asks for; nil where the site does not know it.
  init?(_ wire: WireScoring) {
    guard let convention = MetricConvention.named(wire.convention) else { return nil }
    if wire.diceOnly {
      self = .diceOnly(convention)
      return
    }
    let lesions = TumourType(rawValue: wire.lesionRules)
    if lesions == nil && !wire.lesionRules.isEmpty { return nil }
    let tolerance = wire.hasSurfaceTolerance ? wire.surfaceTolerance : nil
    if let tolerance, !(tolerance.isFinite && tolerance >= 0) { return nil }
    self.init(convention, surfaceTolerance: tolerance, lesions: lesions)
  }
}
