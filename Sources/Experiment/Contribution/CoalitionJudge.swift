import Coordinator
import FederationProtocol
import Foundations
import Imaging
import Metrics
import Site
import Training

/// Scores models on the validation cases of a run's sites.
struct CoalitionJudge: Sendable {
  /// Those that have validation cases, in order of their names.
  let sites: [String]
  private let cases: [SiteCases]
  private let plan: TrainingPlan
  private let pool: NetworkPool

  /// Reads the run's data again. Throws what that throws, `ContributionError.noValidation`.
  init(
    _ configuration: RunConfiguration, data: String?, excluded: Set<CaseName>, threads: Int, console: Console
  ) async throws {
    var request = RunRequest(replaying: configuration, output: "", threads: threads)
    if let data { request.data = data }
    request.excluded = excluded
    let dataset = try RunDataset.find(request, console: console)
    let found = try await ExperimentData.load(request, dataset: dataset, console: console)
    cases = found.sites.filter { !$0.split.validation.isEmpty }
    guard !cases.isEmpty else { throw ContributionError.noValidation(data: request.data) }
    sites = cases.map(\.name)
    plan = found.plan
    pool = request.networks(found.plan, tuning: found.tuning)
  }

  /// Mean Dice over regions at each site; 0 where no region can be scored.
  func scores(_ weights: [Float]) throws -> [Double] {
    let predictor = Predictor(plan: plan, weights: weights, pool: pool)
    let scorer = CaseScores(regions: plan.regions, labels: plan.labels, settings: .diceOnly())
    return try cases.map { site in
      guard
        let found = try scorer.score(
          try site.cases(site.split.validation), predictor: predictor, loop: pool.loop)
      else { throw StoppedByUser(kept: "Contributions are not written.") }
      let evaluation = scorer.evaluation(found, part: .validation, seconds: 0)
      return try SiteScores(evaluation, expecting: .validation, site: site.name, round: 0).meanOverRegions
        ?? 0
    }
  }
}
