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
    for bytes in [description.scanBytesOnDisk, description.scanBytesUncompressed] where bytes > Self.mostBytes
    {
      throw ProtocolError.mismatch(
        site: description.site, round: 0, field: .scanBytes, found: "\(bytes)",
        expected: "\(Self.mostBytes) or fewer")
    }
  }

  /// No hospital trains on more: a claim of more would outweigh all others.
  private static let mostCases = 1_000_000
  /// A petabyte.
  private static let mostBytes = 1_000_000_000_000_000

  /// Tests the chosen model at each evaluator, after it was fine-tuned there if that is asked for.
  ///
  /// A site that fails is left out; throws where every one does.
  func test(_ progress: inout RunProgress, _ observer: Observer) async throws {
    observer(.testing)
    let model = progress.chosen.model
    let rounds = progress.rounds.count
    let task = TrainingTask(
      model: sender.sent(model, round: rounds), rule: nil, round: rounds + 1, settings: settings)
    let last = strategy.isPersonal ? progress.lastRounds : [:]
    let (settings, evaluators, trainers) = (settings, evaluators, Set(trainers.map(\.site)))
    let descriptions = progress.descriptions
    let answers = try await Gathering.answers(
      evaluators.map(\.link), atOnce: settings.sitesAtOnce, mayGoOn: stopIfAsked
    ) { index, link in
      var lastRound = last[link.site] ?? 0
      let everyCase = evaluators[index].everyCase
      if let steps = settings.fineTuneSteps, trainers.contains(link.site), !everyCase {
        try await link.fineTune(task, steps: steps, lastRound: lastRound)
        lastRound = task.round
      }
      return try await link.evaluate(
        task.model, part: .test, everyCase: everyCase, round: rounds, scoring: settings.scoring,
        lastRound: lastRound, description: descriptions.first { $0.site == link.site })
    }
    progress.tests = []
    var failure: (any Error)?
    for (link, answer) in zip(evaluators.map(\.link), answers) {
      switch answer {
      case .success(let scores):
        progress.tests.append(scores)
        observer(.tested(scores))
      case .failure(let error):
        let absence = try absence(link, error)
        progress.untested.append(absence)
        observer(.untested(absence))
        failure = failure ?? error
      }
    }
    if let failure, progress.tests.isEmpty { throw failure }
  }
}
