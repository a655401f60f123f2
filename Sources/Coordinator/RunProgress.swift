import FederationProtocol

/// What a run has come to so far: only whole rounds.
struct RunProgress {
  var descriptions: [SiteDescription] = []
  private(set) var rounds: [RoundRecord] = []
  private(set) var lastModel: ModelState
  private var best: (round: Int, score: Double, model: ModelState)?
  var tests: [SiteScores] = []
  var isInterrupted = false

  init(model: ModelState) {
    lastModel = model
  }

  /// Adds a round. Only a better score replaces the best: of equals the earlier stays.
  mutating func add(_ record: RoundRecord, model: ModelState) {
    rounds.append(record)
    lastModel = model
    if let score = record.validation.meanOfSiteMeans, best.map({ score > $0.score }) ?? true {
      best = (record.round, score, model)
    }
  }

  /// The model that `choice` asks for. If the best is asked for and no region could be scored in any round
  /// (every one was empty), it is the last; the result's `modelRound` and `bestRound` tell.
  func chosen(_ choice: ModelChoice) -> (model: ModelState, round: Int) {
    if choice == .bestValidation, let best { return (best.model, best.round) }
    return (lastModel, rounds.count)
  }

  func result(settings: FederationSettings, traffic: [SiteTraffic]) -> FederationResult {
    let (model, round) = chosen(settings.modelChoice)
    return FederationResult(
      descriptions: descriptions, rounds: rounds, tests: tests, traffic: traffic, model: model,
      modelRound: round, modelChoice: best == nil ? .last : settings.modelChoice, lastModel: lastModel,
      bestRound: best?.round, interruptedAfterRound: isInterrupted ? rounds.count : nil)
  }
}
