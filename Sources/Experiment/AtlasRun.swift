import Coordinator
import FederationProtocol
import Foundations
import Harmonization
import Imaging
import Site
import Training

/// Sites agree on an intensity atlas before training: coordinator and sites in one process, meeting only in messages.
struct AtlasRun {
  let reading: CaseReading
  /// Sites with the cases whose scans count.
  let contributors: [SiteFolder]
  /// Sites that are told the atlas only.
  let others: [SiteFolder]
  let skipped: SkippedCases
  let traffic: TrafficMeter

  /// SHA-256 of the study that the agreement belongs to; nil: of none.
  let study: String?

  /// The plan without an atlas names the agreement.
  static func identity(of plan: TrainingPlan, study: String?) -> RunIdentity {
    let digest = plan.canonicalDigest
    return RunIdentity(
      runID: "atlas-" + String(Digest.hex(digest).prefix(16)), planDigest: digest,
      studyDigest: study.flatMap(Digest.bytes) ?? digest)
  }

  /// Throws what reading throws, `ProtocolError`, `CoordinatorError`, and `StoppedByUser`.
  func agree(console: Console) async throws -> IntensityAtlas {
    let progress = console.progress(
      "agreeing on an atlas", total: contributors.reduce(0) { $0 + $1.cases.count })
    defer { progress.finish() }
    let identity = Self.identity(of: reading.plan, study: study)
    func node(_ site: SiteFolder, counts: Bool) -> AtlasNode {
      AtlasNode(
        site: site.name, cases: counts ? site.cases : [], reading: reading, identity: identity,
        skipped: skipped,
        progress: progress)
    }
    let tellers = contributors.map { node($0, counts: true) }
    let listeners = others.map { node($0, counts: false) }
    let agreement = AtlasAgreement(
      identity: identity, contrasts: reading.plan.contrasts, contributors: tellers, others: listeners,
      meter: traffic)
    do {
      _ = try await agreement.run()
    } catch is CancellationError {
      throw StoppedByUser(kept: "Nothing was written.")
    }
    // Every site was told the same; what the first of them was told is what all map their scans to.
    guard let atlas = await tellers.first?.atlas else {
      preconditionFailure("an agreement ends with an atlas at each site")
    }
    progress.finish()
    let scans = atlas.contrasts.map { "\($0.name) \($0.scans)" }.joined(separator: ", ")
    console.tell("intensity atlas: agreed between \(contributors.count) sites, scans: \(scans)")
    return atlas
  }
}
