import FederationProtocol

extension Federation {
  /// The update of the coordinator's own cases in this round, from the same start; nil where the strategy does not ask for it.
  ///
  /// Throws what training there throws: the coordinator cannot do without it.
  func rootUpdate(_ progress: RunProgress, round: Int) async throws -> [Float]? {
    guard let root, type(of: strategy).descriptor.needsRoot else { return nil }
    try stopIfAsked()
    let model = progress.lastModel
    var settings = settings
    // Nothing crosses a wire here.
    settings.codecs = .plain
    let task = TrainingTask(model: SentModel(plain: model), rule: nil, round: round, settings: settings)
    let cases = try await root.describe().trainingCases
    return try await root.train(task, lastRound: round - 1, cases: cases).delta
  }

  /// Tries each update alone on the coordinator's own cases, where it has some and updates are looked at: one whose model scores
  /// less than half of what the middle one does is suspected too. Of three or more updates, and once the middle one scores at all.
  func trying(
    _ trained: TrainedRound, on model: ModelState, round: Int, verdicts: [Verdict]
  ) async throws -> [Verdict] {
    guard let root, !verdicts.isEmpty, verdicts.count >= 3 else { return verdicts }
    var scores: [Double] = []
    for update in trained.updates {
      try stopIfAsked()
      let delta = try spool.update(update.index)
      let alone = ModelState(ranges: model.ranges, values: zip(model.values, delta).map { $0 + $1 })
      let found = try await root.evaluate(
        SentModel(plain: alone), part: .validation, everyCase: true, round: round, scoring: settings.scoring)
      scores.append(found.meanOverRegions ?? 0)
    }
    let middle = scores.median
    guard middle >= 0.05 else { return verdicts }
    return zip(verdicts, scores).map { verdict, score in
      guard score < middle / 2 else { return verdict }
      let reason =
        "Dice \(UpdateScreen.written(score, digits: 2)) on the coordinator's own cases, "
        + "\(UpdateScreen.written(middle, digits: 2)) of the middle site"
      return Verdict(
        site: verdict.site, share: verdict.share,
        suspicion: verdict.suspicion.map { $0 + "; " + reason } ?? reason)
    }
  }
}
