/// What is computed of a case: the convention, its tolerance and lesion rules, and which metrics.
package struct MetricSettings: Sendable, Equatable {
  package let convention: MetricConvention
  /// For surface Dice, in mm; nil: the convention's own.
  package let surfaceTolerance: Double?
  /// nil: no lesion-wise scores.
  package let lesions: TumourType?
  /// In the order of `RegionMetrics.values`.
  package let metrics: [Metric]

  /// Everything that the convention has; lesion-wise scores with `lesions` alone.
  package init(
    _ convention: MetricConvention = .brats2023, surfaceTolerance: Double? = nil, lesions: TumourType? = nil
  ) {
    self.init(
      convention, surfaceTolerance: surfaceTolerance, lesions: lesions,
      metrics: convention.metrics.filter { lesions != nil || !Metric.ofLesions.contains($0) })
  }

  private init(
    _ convention: MetricConvention, surfaceTolerance: Double?, lesions: TumourType?, metrics: [Metric]
  ) {
    self.convention = convention
    self.surfaceTolerance = surfaceTolerance
    self.lesions = lesions
    self.metrics = metrics
  }

  /// What label maps alone tell: without calibration errors.
  package var withoutProbabilities: MetricSettings {
    MetricSettings(
      convention, surfaceTolerance: surfaceTolerance, lesions: lesions,
      metrics: metrics.filter { !Metric.ofProbabilities.contains($0) })
  }

  /// Whether probabilities are needed beside label maps.
  package var scoresProbabilities: Bool { asks(for: Metric.ofProbabilities) }

  /// Whether the convention knows lesions, and they are asked for.
  package var scoresLesions: Bool { asks(for: Metric.ofLesions) }

  /// What it is, in words for tables: the tool, the tolerance and the lesion rules.
  package var summary: String {
    var parts = ["\(convention.name) (\(convention.tool))"]
    if metrics.contains(.surfaceDice) {
      let unit = convention.measuresWholeMasksInVoxels ? "voxels" : "mm"
      parts.append(
        "surface Dice at \(surfaceTolerance ?? convention.surface?.tolerance ?? 0) \(unit)")
    }
    if convention.measuresWholeMasksInVoxels { parts.append("distances between whole masks in voxels") }
    if let lesions { parts.append("lesions by the rules for \(lesions.rawValue)") }
    return parts.joined(separator: ", ")
  }

  /// Dice alone, cheap enough for every round.
  package static func diceOnly(_ convention: MetricConvention = .brats2023) -> MetricSettings {
    MetricSettings(convention, surfaceTolerance: nil, lesions: nil, metrics: [.dice])
  }

  /// Dice, and the 95th percentile of the distance between surfaces in mm.
  package static func diceAndHausdorff95(_ convention: MetricConvention = .brats2023) -> MetricSettings {
    MetricSettings(convention, surfaceTolerance: nil, lesions: nil, metrics: [.dice, .hausdorff95])
  }

  func asks(for group: [Metric]) -> Bool { metrics.contains { group.contains($0) } }
}

/// BraTS' tumour types, by which lesions are merged and left out.
package enum TumourType: String, Sendable, CaseIterable, Codable {
  case glioma
  /// Glioma in Sub-Saharan Africa.
  case ssa
  case paediatric
  case meningioma
  case metastases

  /// BraTS 2023: how many times a reference is dilated (18 neighbours) to merge lesions.
  var dilations: Int {
    switch self {
    case .glioma, .ssa, .paediatric: 3
    case .meningioma, .metastases: 1
    }
  }

  /// BraTS 2023: lesions of at most this volume in mm³ do not count.
  var ignoredVolume: Double { self == .metastases ? 2 : 50 }

  /// BraTS 2025, metastases alone: lesions below this volume in mm³ are counted, but not scored.
  static let leastScoredVolume = 20.0
}
