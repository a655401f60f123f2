import Coordinator
import Foundations
import Reporting
import Synchronization

/// Shows a run while it goes on: a line for each site and round, and a progress line below.
struct RunDisplay: Sendable {
  private let console: Console
  private let lines: RoundLines
  private let regions: [String]
  private let progress: ProgressLine
  private let siteCount: Int
  private let suspects = Suspects()

  init(_ console: Console, sites: [String], regions: [String], rounds: Int) {
    self.console = console
    self.regions = regions
    siteCount = sites.count
    lines = RoundLines(sites: sites, regions: regions, rounds: rounds)
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
      progress.clear()
      console.warn("left out of \(round == 0 ? "the begin" : "round \(round)"): \(absence.reason)")
      if round > 0 { progress.advance(note: "round \(round), \(absence.site)") }
    case .untested(let absence):
      progress.clear()
      console.warn("not tested: \(absence.reason)")
    case .finished(let record):
      progress.clear()
      for site in record.sites {
        console.tell(
          lines.line(
            RoundRow(
              round: record.round, site: site.site, steps: site.steps, loss: site.meanLoss,
              validationDice: regions.map { name in
                site.validation?.regions.first { $0.region == name }?.mean
              }, seconds: site.seconds)))
      }
      for verdict in record.verdicts {
        guard let suspicion = verdict.suspicion, suspects.isNew(verdict.site) else { continue }
        console.warn("round \(record.round): \(verdict.site) is suspicious: \(suspicion)")
      }
    case .described, .validated, .tested: break
    }
  }

  func finish() { progress.finish() }
}

/// Sites that were told of as suspicious: once each, the run's end says how often.
private final class Suspects: Sendable {
  private let sites = Mutex<Set<String>>([])

  func isNew(_ site: String) -> Bool { sites.withLock { $0.insert(site).inserted } }
}
