import Coordinator
import FederationProtocol
import Foundation
import Foundations
import Metrics
import Site
import Statistics
import Training

/// `segfed contribution`: what each site has added to a run's model, from its kept updates, without training again.
///
/// Of each round the models of coalitions of its sites are scored on all sites' validation cases; parts of a round's gain are added up
/// over rounds. Test cases are not read.
package struct ContributionStudy {
  /// How a round's gain is divided.
  package enum Method: String, Sendable, CaseIterable {
    /// Every coalition of a round's sites.
    case exact
    /// GTG-Shapley: permutations, until they tell no more.
    case gtg
  }

  private let run: RunFolder
  private let configuration: RunConfiguration
  private let rounds: Int

  /// Throws `FileError`, `ContributionError`.
  package init(_ path: String) throws {
    run = RunFolder(path: path)
    guard let configuration = try run.begun() else { throw FileError.notFound(path: run.configuration) }
    self.configuration = configuration
    let name = configuration.strategy?.descriptor.name ?? StrategyChoice.fedAvg.descriptor.name
    guard configuration.mode == .federated else {
      throw ContributionError.run(
        path: path, found: "a run of mode \(configuration.mode.rawValue)", expected: "a federated one")
    }
    guard ["fedavg", "fedprox"].contains(name) else {
      throw ContributionError.run(
        path: path, found: "the strategy \(name)",
        expected: "fedavg or fedprox: what a coalition makes is the mean of its updates")
    }
    rounds = try RunJournal.rounds(at: run.coordinator + "/rounds.jsonl").count
  }

  /// Scores, divides, prints a table and writes it as `contribution.csv` into the coordinator's folder.
  ///
  /// `method` nil: by enumeration up to six sites. Throws `ContributionError`, what reading cases throws, and `StoppedByUser`.
  package func execute(
    data: String?, method: Method?, settings: GuidedShapley, threads: Int, console: Console
  ) async throws {
    let kept = KeptUpdates(coordinator: run.coordinator)
    guard rounds > 0, kept.has(1) else {
      throw ContributionError.run(
        path: run.path, found: "no kept updates", expected: "those of every round. Train with --keep-updates")
    }
    let count = configuration.plan.architecture.parameterLayout.count
    let judge = try await CoalitionJudge(
      configuration, data: data, excluded: run.excludedCases(), threads: threads, console: console)
    var ledger = ContributionLedger(judges: judge.sites)
    let progress = console.progress("scoring coalitions", total: rounds)
    defer { progress.finish() }
    for number in 1...rounds {
      try Interruption.check(kept: "\(run.path): contributions are not written.")
      guard let round = try kept.round(number, count: count) else {
        throw ContributionError.run(
          path: run.path, found: "no kept updates of round \(number)", expected: "those of every round")
      }
      let sites = round.updates.map(\.site)
      var values = CoalitionValues(players: sites.count) { try judge.scores(round.model($0)) }
      let isExact = method.map { $0 == .exact } ?? (sites.count <= 6)
      if isExact && sites.count > Shapley.mostPlayers {
        throw ContributionError.run(
          path: run.path, found: "\(sites.count) sites in round \(number)",
          expected: "\(Shapley.mostPlayers) or fewer to enumerate: use --method gtg")
      }
      let parts =
        isExact
        ? try await Shapley.values(&values).map { GuidedShapley.Part(values: $0) }
        : try await settings.parts(&values, round: number)
      ledger.add(sites, parts, without: try await Shapley.leaveOneOut(&values), asked: values.asked)
      ledger.addGain(try await values.value(values.everyone), from: try await values.value(0))
      progress.advance()
    }
    let table = ContributionTable(ledger)
    try AtomicFile.write(table.csv(), to: run.coordinator + "/contribution.csv")
    console.print(table.text())
  }
}

/// What can be wrong with a run whose sites' contributions are asked for.
package enum ContributionError: DescribedError {
  case run(path: String, found: String, expected: String)
  /// No site has cases to score a model on.
  case noValidation(data: String)

  package var description: String {
    switch self {
    case .run(let path, let found, let expected): "\(path): found \(found), expected \(expected)."
    case .noValidation(let data):
      "\(data): no site holds validation cases, expected some to score coalitions on. Set the plan's validation share above 0."
    }
  }
}
