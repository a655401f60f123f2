import Coordinator
import Foundations
import Metrics
import Reporting
import Synchronization

/// Shows a run while it goes on: a line for each site and round, and a progress line below.
///
/// With more than `fewSites` it is two lines a round: the sites' mean, and the site whose validation cases do worst.
struct RunDisplay: Sendable {
  private let console: Console
  private let lines: RoundLines
  private let regions: [String]
  private let progress: ProgressLine
  private let siteCount: Int
  private let suspects = SitesOnce()
  private let absentees = SitesOnce()

  private static let fewSites = 12

  init(_ console: Console, sites: [String], regions: [String], rounds: Int) {
    self.console = console
    self.regions = regions
    siteCount = sites.count
    lines = RoundLines(sites: sites + [Self.all(sites.count)], regions: regions, rounds: rounds)
    progress = console.progress("training", total: rounds * sites.count)
    console.tell(lines.header)
  }

  func show(_ event: FederationEvent) {
    switch event {
    case .resumed(let round):
      console.tell("goes on after round \(round)")
      progress.advance(by: round * siteCount)
    case .trained(let round, let site): progress.advance(note: "round \(round), \(site)")
    case .leftOut(let round, let absence):
      if siteCount <= Self.fewSites || absence.isExclusion == true || absentees.isNew(absence.site) {
        warn(
          round == 0
            ? "asked again later: \(absence.reason)" : "left out of round \(round): \(absence.reason)")
      }
      if round > 0 { progress.advance(note: "round \(round), \(absence.site)") }
    case .unscored(let round, let absence): warn("not validated in round \(round): \(absence.reason)")
    case .untested(let absence):
      warn("not tested: \(absence.reason)")
    case .finished(let record):
      progress.clear()
      let rows = record.sites.map { row($0, of: record.round) }
      for row in siteCount > Self.fewSites ? summary(rows) : rows { console.tell(lines.line(row)) }
      for verdict in record.verdicts {
        guard let suspicion = verdict.suspicion, suspects.isNew(verdict.site) else { continue }
        warn("round \(record.round): \(verdict.site) is suspicious: \(suspicion)")
      }
    case .described, .validated, .tested: break
    }
  }

  private func warn(_ line: String) {
    guard console.tellsOfSites else { return }
    progress.clear()
    console.warn(line)
  }

  private func row(_ site: SiteRound, of round: Int) -> RoundRow {
    RoundRow(
      round: round, site: site.site, steps: site.steps, loss: site.meanLoss,
      validationDice: regions.map { name in site.validation?.regions.first { $0.region == name }?.mean },
      seconds: site.seconds)
  }

  /// The mean of all, and the one that does worst in validation, if there is any.
  private func summary(_ rows: [RoundRow]) -> [RoundRow] {
    guard let first = rows.first else { return [] }
    let steps = rows.reduce(0) { $0 + $1.steps }
    let all = RoundRow(
      round: first.round, site: Self.all(rows.count), steps: steps,
      loss: rows.reduce(0) { $0 + $1.loss * Double($1.steps) } / Double(max(1, steps)),
      validationDice: regions.indices.map { region in
        MetricSummary(rows.compactMap { $0.validationDice[region] }).mean
      },
      seconds: rows.reduce(0) { $0 + $1.seconds })
    let worst = rows.compactMap { row in
      MetricSummary(row.validationDice.compactMap { $0 }).mean.map { (row, $0) }
    }
    .min { $0.1 < $1.1 }
    return [all] + (worst.map { [$0.0] } ?? [])
  }

  private static func all(_ count: Int) -> String { "all \(count)" }

  func finish() { progress.finish() }
}

/// Sites that were told of: once each, the run's end says how often.
private final class SitesOnce: Sendable {
  private let sites = Mutex<Set<String>>([])

  func isNew(_ site: String) -> Bool { sites.withLock { $0.insert(site).inserted } }
}
