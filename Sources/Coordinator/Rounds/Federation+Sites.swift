import FederationProtocol

extension Federation {
  /// Each site once, in order of the names.
  private var uniqueLinks: [SiteLink] {
    let others = evaluators.map(\.link).filter { link in !trainers.contains { $0.site == link.site } }
    return (trainers + others).sorted { $0.site < $1.site }
  }

  /// Asks the sites that are not known yet what they hold.
  ///
  /// A site that does not answer is asked again before the next round. Throws where none does, or what those that do hold cannot
  /// be trained on.
  func describeSites(_ progress: inout RunProgress, _ observer: Observer) async throws {
    let known = Set(progress.descriptions.map(\.site))
    let isFirst = progress.rounds.isEmpty && known.isEmpty
    var failures: [any Error] = []
    for link in uniqueLinks where !known.contains(link.site) {
      try stopIfAsked()
      do {
        let description = try await link.describe()
        try check(description, isFirst: isFirst)
        progress.add(description)
        observer(.described(description))
      } catch {
        if isFirst, case CoordinatorError.noTrainingCases = error { throw error }
        let absence = try absence(link, error)
        if isFirst { observer(.leftOut(round: 0, absence)) }
        failures.append(error)
      }
    }
    guard isFirst else { return }
    if let error = failures.first, progress.descriptions.isEmpty { throw error }
    if settings.needsValidation, trainingSites(progress).allSatisfy({ $0.validationCases == 0 }) {
      throw CoordinatorError.noValidationCases
    }
  }

  /// The sites that train and have said what they hold.
  func trainingSites(_ progress: RunProgress) -> [SiteDescription] {
    progress.descriptions.filter { description in trainers.contains { $0.site == description.site } }
  }

  private func check(_ description: SiteDescription, isFirst: Bool) throws {
    if trainers.contains(where: { $0.site == description.site }), description.trainingCases == 0 {
      throw CoordinatorError.noTrainingCases(site: description.site)
    }
    for count in [description.trainingCases, description.validationCases, description.testCases]
    where count > Self.mostCases {
      throw ProtocolError.mismatch(
        site: description.site, round: 0, field: .cases, found: "\(count)",
        expected: "\(Self.mostCases) or fewer")
    }
  }

  /// No hospital trains on more: a claim of more would outweigh all others.
  private static let mostCases = 1_000_000

  /// Tests the chosen model at each evaluator, after it was fine-tuned there if that is asked for.
  ///
  /// A site that fails is left out; throws where every one does.
  func test(_ progress: inout RunProgress, _ observer: Observer) async throws {
    let model = progress.chosen.model
    let wire = model.wire
    let rounds = progress.rounds.count
    var failures: [any Error] = []
    progress.tests = []
    for evaluator in evaluators {
      try stopIfAsked()
      let link = evaluator.link
      do {
        var last = strategy.isPersonal ? progress.lastRound(of: link.site) : 0
        let trains = trainers.contains { $0.site == link.site }
        if let steps = settings.fineTuneSteps, trains, !evaluator.everyCase {
          let task = TrainingTask(
            wire: wire, ranges: model.ranges,
            rule: strategy.localRule(model.ranges, state: progress.strategyState),
            round: rounds + 1, settings: settings)
          try await link.fineTune(task, steps: steps, lastRound: last)
          last = rounds + 1
        }
        let scores = try await link.evaluate(
          wire, part: .test, everyCase: evaluator.everyCase, round: rounds, scoring: settings.scoring,
          lastRound: last)
        progress.tests.append(scores)
        observer(.tested(scores))
      } catch {
        let absence = try absence(link, error)
        progress.untested.append(absence)
        observer(.untested(absence))
        failures.append(error)
      }
    }
    if let error = failures.first, progress.tests.isEmpty { throw error }
  }
}
