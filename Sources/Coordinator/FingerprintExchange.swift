import FederationProtocol
import Fingerprint
import Foundations

/// How a coordinator learns what a plan needs to know of all sites' scans, without seeing one: each site tells counts and
/// sums, the coordinator adds them up.
package struct FingerprintExchange: Sendable {
  private let contrasts: [String]
  private let links: [SiteLink]
  private let shouldStop: @Sendable () -> Bool

  /// Messages are counted in `meter`.
  package init(
    identity: RunIdentity, contrasts: [String], sites: [any SiteConnection], meter: TrafficMeter,
    shouldStop: @escaping @Sendable () -> Bool = { Interruption.isRequested }
  ) {
    self.contrasts = contrasts
    links = sites.map { SiteLink($0, identity: identity, meter: meter) }.sorted { $0.site < $1.site }
    self.shouldStop = shouldStop
  }

  /// What pooled cases would tell. Sites are asked and added up in the order of their names.
  ///
  /// Throws `ProtocolError`, `CoordinatorError`, and `CancellationError` where it was asked to stop.
  package func statistics() async throws -> DataStatistics {
    var sum = DataStatistics(contrasts: contrasts)
    for link in links {
      if shouldStop() { throw CancellationError() }
      sum = sum.merged(with: try await link.statistics(of: contrasts))
    }
    return sum
  }

  /// Sizes of all sites' cropped scans at a spacing in mm along x, y, z; nil keeps their grids. Throws as `statistics`.
  ///
  /// They are asked for once the spacing is known: a size at one spacing follows from a scan's spacing and size together,
  /// which sites do not tell.
  package func sizes(at spacing: SIMD3<Double>?) async throws -> AxisCounts {
    var sum = AxisCounts()
    for link in links {
      if shouldStop() { throw CancellationError() }
      sum = sum.merged(with: try await link.sizes(at: spacing))
    }
    return sum
  }
}

extension SiteLink {
  fileprivate func statistics(of contrasts: [String]) async throws -> DataStatistics {
    var request = WireFingerprintRequest()
    request.contrasts = contrasts
    let answer = try await ask(request, for: WireSiteFingerprint.self, round: 0)
    let told = answer.intensities.map(\.contrast)
    try check(
      .contrasts, 0, told == contrasts, told.joined(separator: ", "), contrasts.joined(separator: ", "))
    let cases = Int(answer.cases)
    let isPicture = answer.micrometres.x.isEmpty
    try check(answer.micrometres, of: isPicture ? 0 : cases, "spacings")
    try check(answer.sizes, of: cases, "sizes")
    try check(answer.croppedPercent, of: cases, "crops")
    try check(answer.croppedPercent.allSatisfy { $0.value <= 100 }, "a crop larger than its scan")
    let values = answer.labels.map(\.value)
    try check(
      values == Set(values).sorted() && values.allSatisfy { (1...65535).contains($0) },
      "label values out of order")
    for label in answer.labels {
      try check(
        Int(label.cases) <= cases && label.millilitres.isFinite && label.millilitres >= 0
          && label.squaredMillilitres.isFinite && label.squaredMillilitres >= 0,
        "impossible volumes of label \(label.value)")
    }
    for intensity in answer.intensities {
      try check(isPossible(intensity, cases: cases), "impossible intensities of \(intensity.contrast)")
    }
    return DataStatistics(answer)
  }

  fileprivate func sizes(at spacing: SIMD3<Double>?) async throws -> AxisCounts {
    var request = WireSizesRequest()
    request.spacing = spacing.map { [$0.x, $0.y, $0.z] } ?? []
    let answer = try await ask(request, for: WireSiteSizes.self, round: 0).sizes
    try check(answer, of: answer.x.reduce(0) { $0 + Int($1.cases) }, "sizes")
    return AxisCounts(answer)
  }

  private func check(_ isRight: Bool, _ found: String) throws {
    try check(.statistics, 0, isRight, found, "counts and sums of one site's cases")
  }

  private func check(_ counts: WireAxisCounts, of cases: Int, _ name: String) throws {
    for axis in [counts.x, counts.y, counts.z] { try check(axis, of: cases, name) }
  }

  private func check(_ counts: [WireValueCount], of cases: Int, _ name: String) throws {
    let told = counts.reduce(0) { $0 + Int($1.cases) }
    try check(
      told == cases && counts.allSatisfy { $0.value < 1 << 30 },
      "\(name) of \(told) cases where there are \(cases)"
    )
  }

  private func isPossible(_ intensity: WireIntensityStatistics, cases: Int) -> Bool {
    let ascends = zip(intensity.bins, intensity.bins.dropFirst()).allSatisfy { $0 < $1 }
    let sum = intensity.shares.reduce(0, +)
    return intensity.cases <= cases && ascends && intensity.bins.count == intensity.shares.count
      && intensity.bins.allSatisfy { IntensityBin.indices.contains(Int($0)) }
      && intensity.shares.allSatisfy { $0 > 0 } && abs(sum - Double(intensity.cases)) < 1e-6 * max(1, sum)
      && intensity.meanSum.isFinite && intensity.squareSum.isFinite && intensity.squareSum >= 0
  }
}

extension DataStatistics {
  fileprivate init(_ wire: WireSiteFingerprint) {
    self.init(
      contrasts: wire.intensities.map(\.contrast), cases: Int(wire.cases),
      micrometres: AxisCounts(wire.micrometres), sizes: AxisCounts(wire.sizes),
      croppedPercent: ValueCounts(wire.croppedPercent),
      labels: wire.labels.map {
        LabelVolumes(
          value: UInt16($0.value), cases: Int($0.cases), voxels: Int(clamping: $0.voxels),
          millilitres: $0.millilitres, squaredMillilitres: $0.squaredMillilitres)
      },
      intensities: wire.intensities.map {
        IntensityStatistics(
          contrast: $0.contrast, cases: Int($0.cases), meanSum: $0.meanSum, squareSum: $0.squareSum,
          bins: $0.bins.map(Int.init), shares: $0.shares)
      })
  }
}

extension AxisCounts {
  fileprivate init(_ wire: WireAxisCounts) {
    self.init(x: ValueCounts(wire.x), y: ValueCounts(wire.y), z: ValueCounts(wire.z))
  }
}

extension ValueCounts {
  fileprivate init(_ wire: [WireValueCount]) {
    self.init(wire.map { Entry(value: Int($0.value), cases: Int($0.cases)) })
  }
}
