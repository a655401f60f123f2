import FederationProtocol

/// A round's training: who is in it, and where the updates lie.
struct TrainedRound {
  /// In the order of the names; `index` is the update's place in the spool.
  var updates: [(index: Int, facts: UpdateFacts, seconds: Double)] = []
  var leftOut: [Absence] = []
  /// Where each site goes on with the model of the one before: the last one's.
  var passedOn: [Float]?

  var attendance: Attendance { Attendance(taken: updates.map(\.facts.site), leftOut: leftOut) }
}

/// A site's answer, or why there is none.
private typealias SiteAnswer = Result<(facts: UpdateFacts, seconds: Double), any Error>

extension Federation {
  /// Changes `progress` only once the round is whole. What is written down last, the checkpoint, decides after a crash.
  func runRound(_ progress: inout RunProgress, mayGoBack: Bool, _ observer: Observer) async throws {
    let round = progress.rounds.count + 1
    try await describeSites(&progress, observer)
    let before = trainers.map { meter.traffic(of: $0.site) }
    defer { spool.remove() }
    let trained = try await train(progress, round: round, mayGoBack: mayGoBack, observer)
    observer(.validating(round: round))
    let attendance = trained.attendance
    if attendance != progress.recorded {
      try folder?.journal.append(JournalAttendance(round: round, attendance))
    }
    var strategyState = progress.strategyState
    let own = try await rootUpdate(progress, round: round)
    let (wanted, found) = try aggregate(trained, progress.lastModel, root: own, state: &strategyState)
    if settings.keepsUpdates, let folder {
      try KeptUpdates(coordinator: folder.path).write(
        trained, weights: trained.updates.map { settings.weighting.weight(of: $0.facts) },
        from: progress.lastModel, spool: spool, round: round)
    }
    let verdicts = try await trying(trained, on: progress.lastModel, round: round, verdicts: found)
    if let tensor = wanted.firstNotFinite ?? strategyState.first(where: { !$0.isFinite })?.name {
      throw CoordinatorError.modelNotFinite(round: round, tensor: tensor)
    }
    var feedback = progress.feedback
    let sent = sender.next(wanted, after: progress.lastModel, feedback: &feedback, round: round)
    let next = sent.state
    if let tensor = next.firstNotFinite {
      throw CoordinatorError.modelNotFinite(round: round, tensor: tensor)
    }
    var record = RoundRecord(
      round: round,
      sites: trained.updates.map {
        SiteRound(
          site: $0.facts.site, cases: $0.facts.cases, steps: $0.facts.steps, meanLoss: $0.facts.meanLoss,
          seconds: $0.seconds)
      }, leftOut: trained.leftOut, verdicts: verdicts, modelDigest: next.digest)
    try await validate(sent, &record, progress, observer)
    for (link, before) in zip(trainers, before) {
      let traffic = meter.traffic(of: link.site)
      guard let index = record.sites.firstIndex(where: { $0.site == link.site }) else { continue }
      record.sites[index].bytesDown = traffic.down - before.down
      record.sites[index].bytesUp = traffic.up - before.up
      if settings.codecs.isPlain { continue }
      record.sites[index].tensorsDown = Self.added(traffic.tensorsDown, before.tensorsDown)
      record.sites[index].tensorsUp = Self.added(traffic.tensorsUp, before.tensorsUp)
    }
    try folder?.write(next, round: round, settings: settings)
    try folder?.journal.append(JournalRound(record))
    progress.add(record, model: next, strategyState: strategyState, feedback: feedback)
    progress.heldModels = trainers.compactMap { link in
      link.heldModel.map { HeldModel(site: link.site, digest: $0) }
    }
    try folder?.save(progress, traffic: meter.snapshot())
    observer(.finished(record))
  }

  /// What was counted since an earlier count.
  private static func added(_ after: [Int]?, _ before: [Int]?) -> [Int]? {
    guard let after, let before else { return after }
    return zip(after, before).map { $0 - $1 }
  }

  /// Trains at the round's sites: those that were drawn, or those that were in the round when the run was cut off.
  private func train(
    _ progress: RunProgress, round: Int, mayGoBack: Bool, _ observer: Observer
  ) async throws -> TrainedRound {
    let cases = Dictionary(
      trainingSites(progress).map { ($0.site, $0.trainingCases) }, uniquingKeysWith: { first, _ in first })
    let recorded = progress.recorded ?? settings.replay?.attendance[round]
    let excluded = excluded(progress, recorded: recorded, round: round, observer)
    let drawn =
      recorded?.taken
      ?? settings.participation.sites(
        of: trainers.map(\.site).filter { name in !excluded.contains { $0.site == name } }, cases: cases,
        round: round, seed: settings.seed)
    let model = progress.lastModel
    let task = TrainingTask(
      model: sender.sent(model, round: round), rule: localRule(model, progress, round: round), round: round,
      settings: settings, normaliser: normaliser)
    var trained = TrainedRound(leftOut: recorded?.leftOut ?? excluded)
    let links = trainers.filter { drawn.contains($0.site) }
    for link in links where cases[link.site] == nil {
      trained.leftOut.append(
        Absence(site: link.site, reason: "Site \(link.site), round \(round): it has not said what it holds."))
    }
    let asked = links.filter { cases[$0.site] != nil }
    observer(.asked(round: round, sites: asked.map(\.site)))
    let answers: [SiteAnswer]
    if strategy is any SequentialStrategy {
      var weights = model.values
      answers = try await inTurn(asked, task, progress, cases, &weights, observer)
      trained.passedOn = weights
    } else {
      answers = try await sideBySide(asked, task, progress, cases, observer)
    }
    for (index, answer) in answers.enumerated() {
      switch answer {
      case .success(let (facts, seconds)): trained.updates.append((index, facts, seconds))
      case .failure(let error):
        let absence = try absence(asked[index], error, mayGoBack: mayGoBack)
        trained.leftOut.append(absence)
        observer(.leftOut(round: round, absence))
      }
    }
    trained.leftOut.sort { $0.site < $1.site }
    if trained.updates.count < quorum {
      // Of a single site the reason says more than the number.
      if case .failure(let error)? = answers.first, trainers.count == 1 { throw error }
      throw CoordinatorError.quorumMissed(
        round: round, found: trained.updates.count, needed: quorum, leftOut: trained.leftOut)
    }
    return trained
  }

  /// What the strategy adds to the sites' training; control variates go by the codec that is left of the model's for them.
  private func localRule(_ model: ModelState, _ progress: RunProgress, round: Int) -> WireLocalRule? {
    guard var rule = strategy.localRule(model.ranges, state: progress.strategyState) else { return nil }
    if rule.hasControl, !settings.codecs.isPlain, let control = progress.strategyState.first {
      let context = CodecContext(seed: settings.seed, round: round, part: .control)
      rule.control =
        WireWeights.coding(
          control.values,
          WeightsCoder(settings.codecs.down.ofControls, ranges: model.ranges, context: context)
        ).wire
    }
    return rule
  }

  /// The fewest updates that a round is made of.
  private var quorum: Int { max(settings.minimumSites, strategy.minimumSites) }

  /// Sites that are asked no more; told of in the first round without them.
  private func excluded(
    _ progress: RunProgress, recorded: Attendance?, round: Int, _ observer: Observer
  ) -> [Absence] {
    guard let limit = settings.excludeAfter else { return [] }
    let exclusion = Exclusion(
      limit: limit, sites: trainers.map(\.site), participation: settings.participation, quorum: quorum)
    let excluded =
      recorded?.leftOut.filter { $0.isExclusion == true }
      ?? exclusion.absences(progress.rounds, round: round)
    let earlier = exclusion.suspects(progress.rounds.dropLast()).map(\.site)
    for absence in excluded where !earlier.contains(absence.site) {
      observer(.leftOut(round: round, absence))
    }
    return excluded
  }

  private func sideBySide(
    _ links: [SiteLink], _ task: TrainingTask, _ progress: RunProgress, _ cases: [String: Int],
    _ observer: Observer
  ) async throws -> [SiteAnswer] {
    let spool = spool
    let last = progress.lastRounds
    return try await Gathering.each(
      links, atOnce: settings.sitesAtOnce, mayGoOn: stopIfAsked,
      whenDone: { answer in
        if case .success(let (facts, _)) = answer { observer(.trained(round: task.round, site: facts.site)) }
      },
      { index, link in
        let update: SiteUpdate
        do {
          update = try await link.train(
            task, lastRound: last[link.site] ?? 0, cases: cases[link.site] ?? 0)
        } catch {
          return SiteAnswer.failure(error)
        }
        // What is thrown here is the coordinator's own trouble.
        try spool.put(update.delta, site: index)
        if !update.controlDelta.isEmpty { try spool.put(update.controlDelta, site: index, kind: .control) }
        return .success((update.facts, update.seconds))
      })
  }

  /// Each site goes on with the weights of the one before; one that fails is passed over.
  private func inTurn(
    _ links: [SiteLink], _ task: TrainingTask, _ progress: RunProgress, _ cases: [String: Int],
    _ weights: inout [Float], _ observer: Observer
  ) async throws -> [SiteAnswer] {
    var answers: [SiteAnswer] = []
    let last = progress.lastRounds
    for link in links {
      try stopIfAsked()
      let task = TrainingTask(
        model: SentModel(plain: ModelState(ranges: task.ranges, values: weights)), rule: task.rule,
        round: task.round, settings: settings)
      do {
        let update = try await link.train(
          task, lastRound: last[link.site] ?? 0, cases: cases[link.site] ?? 0)
        weights = zip(weights, update.delta).map { $0 + $1 }
        answers.append(.success((update.facts, update.seconds)))
        observer(.trained(round: task.round, site: link.site))
      } catch {
        answers.append(.failure(error))
      }
    }
    return answers
  }

  private func aggregate(
    _ trained: TrainedRound, _ model: ModelState, root: [Float]?, state: inout [ServerBuffer]
  ) throws -> (ModelState, [Verdict]) {
    let facts = trained.updates.map(\.facts)
    let updates = SiteUpdates(
      spool: spool, indices: trained.updates.map(\.index), facts: facts,
      weights: facts.map(settings.weighting.weight), root: root)
    var verdicts: [Verdict] = []
    let values: [Float]
    switch strategy {
    case let strategy as any SummingStrategy:
      let sums = try sums(trained, strategy.contributions(facts, weighting: settings.weighting))
      values = strategy.apply(sums, to: model.values, state: &state)
      if settings.looksAtUpdates {
        verdicts = UpdateScreen(try UpdateGeometry(updates)).verdicts(of: updates)
      }
    case let strategy as any SelectingStrategy:
      let selection = try strategy.select(updates)
      values = zip(model.values, selection.step).map { $0 + $1 }
      verdicts = selection.verdicts
    default:
      guard let passedOn = trained.passedOn else { preconditionFailure("\(strategy.name) makes no model") }
      values = passedOn
    }
    return (ModelState(ranges: model.ranges, values: values), verdicts)
  }

  private func sums(_ trained: TrainedRound, _ contributions: [Contribution]) throws -> RoundSum {
    let (spool, size) = (spool, spool.size)
    var updates = WeightedSum(count: size)
    for (update, contribution) in zip(trained.updates, contributions) {
      updates.add(try spool.values(update.index, .update), contribution)
    }
    let hasControls = (strategy as? any SummingStrategy)?.hasControls ?? false
    var controls = WeightedSum(count: hasControls ? size : 0)
    if hasControls {
      for update in trained.updates { controls.add(try spool.values(update.index, .control), weight: 1) }
    }
    return RoundSum(updates, controls: controls, sites: trainers.count)
  }

  /// Scores the new model at every site that trains and has not failed in this round.
  private func validate(
    _ model: SentModel, _ record: inout RoundRecord, _ progress: RunProgress, _ observer: Observer
  ) async throws {
    let failed = Set(record.leftOut.map(\.site))
    let taken = Set(record.sites.map(\.site))
    let links = trainers.filter { !failed.contains($0.site) }
    let (round, scoring) = (record.round, settings.scoring)
    let last = strategy.isPersonal ? progress.lastRounds : nil
    let descriptions = progress.descriptions
    let answers = try await Gathering.answers(links, atOnce: settings.sitesAtOnce, mayGoOn: stopIfAsked) {
      _, link in
      let lastRound = last.map { taken.contains(link.site) ? round : $0[link.site] ?? 0 } ?? 0
      return try await link.evaluate(
        model, part: .validation, everyCase: false, round: round, scoring: scoring, lastRound: lastRound,
        description: descriptions.first { $0.site == link.site })
    }
    for (link, answer) in zip(links, answers) {
      switch answer {
      case .success(let scores):
        if let index = record.sites.firstIndex(where: { $0.site == link.site }) {
          record.sites[index].validation = scores
        } else {
          record.scoresElsewhere.append(scores)
        }
        observer(.validated(round: round, scores))
      case .failure(let error):
        let absence = try absence(link, error)
        record.unscored.append(absence)
        observer(.unscored(round: round, absence))
      }
    }
    record.summarise()
  }
}
