import FederationProtocol

/// By which rules sites score their test cases; words, since the coordinator computes no metric.
package struct ScoringRequest: Sendable, Equatable, Codable {
  /// Such as `brats2023`.
  package var convention: String
  /// Of surface Dice, in mm; nil: the convention's own.
  package var surfaceTolerance: Double?
  /// A tumour type; nil: no lesion-wise scores.
  package var lesionRules: String?

  enum CodingKeys: String, CodingKey {
    case convention
    case surfaceTolerance = "surface_tolerance"
    case lesionRules = "lesion_rules"
  }

  package init(convention: String, surfaceTolerance: Double? = nil, lesionRules: String? = nil) {
    self.convention = convention
    self.surfaceTolerance = surfaceTolerance
    self.lesionRules = lesionRules
  }

  /// `diceOnly` for a round's validation, which is to be cheap.
  func wire(diceOnly: Bool) -> WireScoring {
    var wire = WireScoring()
    wire.convention = convention
    if let surfaceTolerance { wire.surfaceTolerance = surfaceTolerance }
    wire.lesionRules = lesionRules ?? ""
    wire.diceOnly = diceOnly
    return wire
  }
}

/// One metric of one region over cases. Mean, median and deviation are nil where they are not finite or there is no value.
package struct MetricScore: Sendable, Equatable, Codable {
  /// Such as `hd95_mm`.
  package let metric: String
  /// Cases with a value, infinite ones too.
  package let cases: Int
  /// Cases without one.
  package let undefined: Int
  /// Of `cases`.
  package let infinite: Int
  package let mean: Double?
  /// nil over several sites, too: aggregates do not tell it.
  package let median: Double?
  /// Of a sample (n − 1).
  package let deviation: Double?

  /// Checks an answer: counts that hold together, finite numbers. Throws `ProtocolError.mismatch`.
  init(_ wire: WireMetricScore, cases limit: UInt32, site: String, round: Int) throws {
    func check(_ isRight: Bool, _ field: ProtocolError.Field, _ found: String, _ expected: String) throws {
      if isRight { return }
      throw ProtocolError.mismatch(
        site: site, round: round, field: field, found: found, expected: expected)
    }
    try check(
      UInt64(wire.cases) + UInt64(wire.undefined) <= UInt64(limit) && wire.infinite <= wire.cases, .cases,
      "\(wire.cases) + \(wire.undefined), \(wire.infinite) infinite", "\(limit) or fewer")
    mean = wire.hasMean ? wire.mean : nil
    median = wire.hasMedian ? wire.median : nil
    deviation = wire.hasDeviation ? wire.deviation : nil
    for value in [mean, median, deviation].compactMap({ $0 }) {
      try check(value.isFinite, .regions, "a \(wire.metric) of \(value)", "a finite number")
    }
    metric = wire.metric
    cases = Int(wire.cases)
    undefined = Int(wire.undefined)
    infinite = Int(wire.infinite)
  }

  /// The same metric over several sites' cases, each case counting the same. Sums go in the order of `scores`.
  init?(pooling scores: [MetricScore]) {
    guard let first = scores.first else { return nil }
    metric = first.metric
    cases = scores.reduce(0) { $0 + $1.cases }
    undefined = scores.reduce(0) { $0 + $1.undefined }
    infinite = scores.reduce(0) { $0 + $1.infinite }
    median = nil
    let parts = scores.filter { $0.cases > 0 }
    guard cases > 0, parts.allSatisfy({ $0.mean != nil }) else {
      (mean, deviation) = (nil, nil)
      return
    }
    let mean = parts.reduce(0) { $0 + Double($1.cases) * ($1.mean ?? 0) } / Double(cases)
    self.mean = mean
    let squares = parts.reduce(0.0) { sum, part in
      let (spread, off) = (part.deviation ?? 0, (part.mean ?? 0) - mean)
      return sum + Double(part.cases - 1) * spread * spread + Double(part.cases) * off * off
    }
    deviation = cases > 1 ? (squares / Double(cases - 1)).squareRoot() : nil
  }
}
