import Coordinator
import FederationProtocol
import Foundations
import Metrics
import Reporting
import Synchronization
import Terminal
import Training

/// Shows a run while it goes on: a line for each site and round, and below them, on a terminal, where the run is
/// (`LiveRun`); in a pipe or a log a line at each tenth of the work.
///
/// With more than `fewSites` it is two lines a round: the sites' mean, and the site whose validation cases do worst.
final class RunDisplay: Sendable {
  private let console: Console
  private let lines: RoundLines
  private let regions: [String]
  private let sites: [String]
  private let rounds: Int
  private let meter: TrafficMeter?
  /// One of the two once the run begins.
  private let progress = Mutex<ProgressLine?>(nil)
  private let screen = Mutex<LiveRunScreen?>(nil)
  private let suspects = SitesOnce()
  private let absentees = SitesOnce()

  private static let fewSites = 12

  /// `meter` counts what travels; nil: nothing does.
  init(_ console: Console, sites: [String], regions: [String], rounds: Int, meter: TrafficMeter?) {
    (self.console, self.sites, self.regions) = (console, sites, regions)
    (self.rounds, self.meter) = (rounds, meter)
    lines = RoundLines(sites: sites + [Self.all(sites.count)], regions: regions, rounds: rounds)
  }

  /// Shows the columns' titles, and begins to show how far the run is.
  func begin() {
    console.tell(lines.header)
    let terminal = TerminalCapabilities.of(.error)
    // JSON comes when nothing is drawn any longer.
    let isAlone = console.isJSON || !StandardStream.output.isPipe
    if terminal.canRewrite && !console.isQuiet && isAlone {
      let run = LiveRun(part: console.part, sites: sites, rounds: rounds)
      screen.withLock { $0 = LiveRunScreen(run, meter: meter, colours: terminal.colours) }
    } else {
      progress.withLock { $0 = console.progress("training", total: rounds * sites.count) }
    }
  }

  /// Is told the steps of sites in this process.
  var watch: StepProgress.Observer { { [self] step in screen.withLock { $0 }?.take(step) } }

  func show(_ event: FederationEvent) {
    screen.withLock { $0 }?.take(event)
    let progress = progress.withLock { $0 }
    switch event {
    case .resumed(let round):
      console.tell("goes on after round \(round)")
      progress?.advance(by: round * sites.count)
    case .trained(let round, let site): progress?.advance(note: "round \(round), \(site)")
    case .leftOut(let round, let absence):
      if sites.count <= Self.fewSites || absence.isExclusion == true || absentees.isNew(absence.site) {
        warn(
          round == 0
            ? "asked again later: \(absence.reason)" : "left out of round \(round): \(absence.reason)")
      }
      if round > 0 { progress?.advance(note: "round \(round), \(absence.site)") }
    case .unscored(let round, let absence): warn("not validated in round \(round): \(absence.reason)")
    case .untested(let absence):
      warn("not tested: \(absence.reason)")
    case .finished(let record):
      progress?.clear()
      let rows = record.sites.map { row($0, of: record.round) }
      for row in sites.count > Self.fewSites ? summary(rows) : rows { console.tell(lines.line(row)) }
      for verdict in record.verdicts {
        guard let suspicion = verdict.suspicion, suspects.isNew(verdict.site) else { continue }
        warn("round \(record.round): \(verdict.site) is suspicious: \(suspicion)")
      }
    case .described, .asked, .validating, .validated, .testing, .tested: break
    }
  }

  private func warn(_ line: String) {
    guard console.tellsOfSites else { return }
    progress.withLock { $0 }?.clear()
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

  func finish() {
    progress.withLock { $0 }?.finish()
    screen.withLock { $0 }?.finish()
  }
}

/// Sites that were told of: once each, the run's end says how often.
private final class SitesOnce: Sendable {
  private let sites = Mutex<Set<String>>([])

  func isNew(_ site: String) -> Bool { sites.withLock { $0.insert(site).inserted } }
}
