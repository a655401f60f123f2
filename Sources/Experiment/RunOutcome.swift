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
  /// Scores of test cases that lie apart (`FrozenTest`); nil: those of the sites' own.
  var frozen: FrozenTest.Scores?

  /// Set if the user stopped the run: the last finished round.
  package var interruptedAfterRound: Int? { results.compactMap(\.interruptedAfterRound).first }

  /// After a stop: what the run folder holds.
  func kept(rounds: Int, output: String) -> String {
    guard let last = results.last, let done = last.interruptedAfterRound else { return "" }
    let others = results.dropLast().flatMap { $0.rounds.first?.sites.map(\.site) ?? [] }
    let whole =
      others.isEmpty ? "" : " Models of the sites before are whole: \(others.joined(separator: ", "))."
    let resume = " Go on with the same command and --resume."
    if done == 0 { return "\(output): no round was finished, so there is no model.\(whole)\(resume)" }
    return
      "\(output): \(done) of \(rounds) rounds are kept with their journal, and the model of round "
      + "\(last.modelRound); no test was finished, so there is no metrics.json.\(whole)\(resume)"
  }

  /// What became of early stopping; nil where the plan does not ask for it.
  var earlyStopping: EarlyStoppingReport? {
    guard let patience = results.first?.earlyStopping?.patience else { return nil }
    return EarlyStoppingReport(
      patience: patience,
      trainings: results.map { result in
        EarlyStoppingReport.Training(
          site: mode == .local ? result.rounds.first?.sites.first?.site : nil,
          bestRound: result.bestRound, stoppedAfterRound: result.earlyStopping?.stoppedAfterRound)
      })
  }

  /// What there is to say of sites that did not do as the others.
  var notices: SiteNotices {
    let rounds = results.flatMap(\.rounds)
    func notices(_ found: [(site: String, round: Int, reason: String)]) -> [SiteNotices.Notice] {
      Dictionary(grouping: found, by: \.site).sorted { $0.key < $1.key }.map { site, found in
        SiteNotices.Notice(site: site, rounds: found.map(\.round), reason: found[0].reason)
      }
    }
    func absences(excluded: Bool) -> [SiteNotices.Notice] {
      notices(
        rounds.flatMap { round in
          round.leftOut.filter { ($0.isExclusion == true) == excluded }.map {
            ($0.site, round.round, $0.reason)
          }
        })
    }
    return SiteNotices(
      leftOut: absences(excluded: false),
      suspected: notices(
        rounds.flatMap { round in
          round.verdicts.compactMap { verdict in
            verdict.suspicion.map { (verdict.site, round.round, $0) }
          }
        }),
      excluded: absences(excluded: true),
      untested: results.flatMap(\.untested).map {
        SiteNotices.Notice(site: $0.site, rounds: [], reason: $0.reason)
      }, rounds: results.first?.rounds.count ?? 0)
  }

  /// Test scores by site name.
  package var tests: [SiteScores] { frozen?.tests ?? results.flatMap(\.tests).sorted { $0.site < $1.site } }

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

  /// What the tested model is called.
  var model: String {
    guard let first = results.first else { return "no model" }
    if results.count == 1 { return Self.title(first.modelChoice, round: first.modelRound) }
    return Self.titleOfEach(first.modelChoice)
  }

  /// What the models of sites that trained alone are called.
  static func titleOfEach(_ choice: ModelChoice) -> String { "\(kind(choice)) of each site" }

  /// What the one model of a run is called.
  static func title(_ choice: ModelChoice, round: Int) -> String { "\(kind(choice)) (round \(round))" }

  private static func kind(_ choice: ModelChoice) -> String {
    choice == .last ? "last model" : "best model on validation"
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
