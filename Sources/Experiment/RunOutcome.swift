import Coordinator
import FederationProtocol
import Metrics
import Reporting
import Training

/// What a run came to, as the report shows it.
package struct RunOutcome: Sendable {
  package let mode: RunRequest.Mode
  /// One federation; after a local run one for each site.
  package let results: [FederationResult]

  /// Set if the user stopped the run: the last finished round.
  package var interruptedAfterRound: Int? { results.compactMap(\.interruptedAfterRound).first }

  /// After a stop: what the run folder holds.
  func kept(rounds: Int, output: String) -> String {
    guard let last = results.last, let done = last.interruptedAfterRound else { return "" }
    let others = results.dropLast().flatMap { $0.rounds.first?.sites.map(\.site) ?? [] }
    let whole =
      others.isEmpty ? "" : " Models of the sites before are whole: \(others.joined(separator: ", "))."
    if done == 0 { return "\(output): no round was finished, so there is no model.\(whole)" }
    return
      "\(output): \(done) of \(rounds) rounds are kept with their journal, and the model of round "
      + "\(last.modelRound); no test was finished, so there is no metrics.json.\(whole)"
  }

  /// Test scores by site name.
  package var tests: [SiteScores] { results.flatMap(\.tests).sorted { $0.site < $1.site } }

  /// The test tables, whose cases were scored as `metrics` says.
  package func scores(plan: TrainingPlan, metrics: MetricSettings) -> ScoreReport {
    ScoreReport(tests, steps: steps, regions: plan.regions, metrics: metrics, model: model)
  }

  /// Steps over all rounds, by site that trained.
  private var steps: [String: Int] {
    var steps: [String: Int] = [:]
    for site in results.flatMap(\.rounds).flatMap(\.sites) { steps[site.site, default: 0] += site.steps }
    return steps
  }

  private var model: String {
    guard let first = results.first else { return "no model" }
    let kind = first.modelChoice == .last ? "last model" : "best model on validation"
    return results.count == 1 ? "\(kind) (round \(first.modelRound))" : "\(kind) of each site"
  }

  /// Bytes of all messages beside the bytes of the scans.
  package var bandwidth: BandwidthReport {
    let rows = results.flatMap { result in
      result.descriptions.map { site in
        let traffic = result.traffic.first { $0.site == site.site }
        return BandwidthRow(
          site: site.site, down: traffic?.down ?? 0, up: traffic?.up ?? 0,
          scansCompressed: site.scanBytesOnDisk, scansUncompressed: site.scanBytesUncompressed)
      }
    }
    return BandwidthReport(sites: rows)
  }
}
