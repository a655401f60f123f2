import FederationProtocol
import Fingerprint
import Foundations
import Harmonization
import Imaging
import Training

/// A site before there is a plan: tells counts and sums of its scans' grids, label volumes and intensities.
package actor FingerprintNode: SiteConnection {
  package nonisolated let site: String
  private let cases: [CaseFiles]
  private let reading: CaseReading
  private let codec: EnvelopeCodec
  private let skipped: SkippedCases
  private let progress: ProgressLine?
  /// nil until scans were looked at.
  private var looks: [CaseLook]?

  /// `reading` is for a plan that has the scans' contrasts and labels; its spacing does not count.
  package init(
    site: String, cases: [CaseFiles], reading: CaseReading, identity: RunIdentity, skipped: SkippedCases,
    progress: ProgressLine? = nil
  ) {
    self.site = site
    self.cases = cases
    self.reading = reading
    self.skipped = skipped
    self.progress = progress
    codec = EnvelopeCodec(identity: identity, site: site)
  }

  package func exchange(_ message: [UInt8]) async throws -> [UInt8] {
    let (round, request) = try codec.openRequest(message)
    switch request {
    case .fingerprint(let request):
      guard request.contrasts == reading.plan.contrasts else {
        return try codec.seal(WireRefusal("the site's scans have other contrasts"), round: round)
      }
      let statistics = try look().reduce(DataStatistics(contrasts: request.contrasts)) {
        $0.merged(with: $1.statistics)
      }
      return try codec.seal(WireSiteFingerprint(statistics), round: round)
    case .sizes(let request):
      guard request.spacing.isEmpty || request.spacing.count == 3, request.spacing.allSatisfy({ $0 > 0 })
      else {
        return try codec.seal(WireRefusal("the request has no spacing along three axes"), round: round)
      }
      let spacing =
        request.spacing.isEmpty
        ? nil : SIMD3(request.spacing[0], request.spacing[1], request.spacing[2])
      var answer = WireSiteSizes()
      answer.sizes = WireAxisCounts(AxisCounts(try look().map { $0.size(at: spacing) }))
      return try codec.seal(answer, round: round)
    case .describe, .train, .evaluate, .landmarks, .atlas:
      return try codec.seal(WireRefusal("there is no plan yet"), round: round)
    }
  }

  /// Reads every case once. Throws what reading throws.
  private func look() throws -> [CaseLook] {
    if let looks { return looks }
    let found = try reading.forEach(cases) { index, loop -> CaseLook? in
      try Interruption.check(kept: "Nothing was written.")
      defer { progress?.advance(note: site) }
      return try skipped.attempt(site: site, name: cases[index].name) {
        let item = try ReadCase(
          cases[index], plan: reading.plan, policy: reading.policy, needsLabels: true, loop: loop)
        return try item.naming {
          try CaseLook(
            item.input, isPicture: !item.grid.reorient, mask: reading.plan.harmonisation.mask, loop: loop)
        }
      }
    }.compactMap { $0 }
    looks = found
    return found
  }
}

extension WireSiteFingerprint {
  fileprivate init(_ statistics: DataStatistics) {
    self.init()
    cases = UInt32(statistics.cases)
    micrometres = WireAxisCounts(statistics.micrometres)
    sizes = WireAxisCounts(statistics.sizes)
    croppedPercent = statistics.croppedPercent.entries.map(WireValueCount.init)
    labels = statistics.labels.map { label in
      var wire = WireLabelVolumes()
      wire.value = UInt32(label.value)
      wire.cases = UInt32(label.cases)
      wire.voxels = UInt64(label.voxels)
      wire.millilitres = label.millilitres
      wire.squaredMillilitres = label.squaredMillilitres
      return wire
    }
    intensities = statistics.intensities.map { intensity in
      var wire = WireIntensityStatistics()
      wire.contrast = intensity.contrast
      wire.cases = UInt32(intensity.cases)
      wire.meanSum = intensity.meanSum
      wire.squareSum = intensity.squareSum
      wire.bins = intensity.bins.map(Int32.init)
      wire.shares = intensity.shares
      return wire
    }
  }
}

extension WireAxisCounts {
  fileprivate init(_ counts: AxisCounts) {
    self.init()
    x = counts.x.entries.map(WireValueCount.init)
    y = counts.y.entries.map(WireValueCount.init)
    z = counts.z.entries.map(WireValueCount.init)
  }
}

extension WireValueCount {
  fileprivate init(_ entry: ValueCounts.Entry) {
    self.init()
    value = UInt32(entry.value)
    cases = UInt32(entry.cases)
  }
}
