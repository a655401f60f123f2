import FederationProtocol
import Foundation

/// The model that a site has.
struct HeldModel: Equatable, Codable {
  let site: String
  /// SHA-256 of the weights.
  let digest: Data
}

/// What a run has come to so far: only whole rounds.
struct RunProgress: Equatable {
  /// The round that was best on validation.
  struct Best: Equatable {
    let round: Int
    let score: Double
    /// nil where only the last model is asked for.
    let model: ModelState?
  }

  var descriptions: [SiteDescription] = []
  private(set) var rounds: [RoundRecord] = []
  private(set) var lastModel: ModelState
  private(set) var best: Best?
  /// What the strategy keeps from round to round.
  private(set) var strategyState: [ServerBuffer]
  /// What the codec left out of the models that were sent so far; empty: nothing.
  private(set) var feedback: [Float] = []
  /// Which model each site has, where a codec asks for that; in order of the names.
  var heldModels: [HeldModel] = []
  var tests: [SiteScores] = []
  /// Sites that could not be tested.
  var untested: [Absence] = []
  /// Who is in the round that was under way when the run was cut off.
  var recorded: Attendance?
  /// Whether the chosen model was tested.
  var isTested = false
  var isInterrupted = false
  private let choice: ModelChoice

  init(model: ModelState, choice: ModelChoice, strategyState: [ServerBuffer]) {
    lastModel = model
    self.strategyState = strategyState
    self.choice = choice
  }

  /// Goes on from what an earlier process had written down.
  init(
    descriptions: [SiteDescription], rounds: [RoundRecord], lastModel: ModelState, best: Best?,
    strategyState: [ServerBuffer], feedback: [Float], heldModels: [HeldModel], choice: ModelChoice
  ) {
    self.feedback = feedback
    self.heldModels = heldModels
    self.descriptions = descriptions
    self.rounds = rounds
    self.lastModel = lastModel
    self.best = best
    self.strategyState = strategyState
    self.choice = choice
  }

  /// Adds a round. Only a better score replaces the best: of equals the earlier stays.
  mutating func add(
    _ record: RoundRecord, model: ModelState, strategyState: [ServerBuffer], feedback: [Float] = []
  ) {
    rounds.append(record)
    self.feedback = feedback
    recorded = nil
    lastModel = model
    self.strategyState = strategyState
    if let score = record.validation.meanOfSiteMeans, best.map({ score > $0.score }) ?? true {
      best = Best(round: record.round, score: score, model: choice == .bestValidation ? model : nil)
    }
  }

  /// Adds what a site says of itself, in order of the names.
  mutating func add(_ description: SiteDescription) {
    let index = descriptions.firstIndex { $0.site > description.site } ?? descriptions.count
    descriptions.insert(description, at: index)
  }

  /// The last round that a site's update is in, of each that was in any.
  var lastRounds: [String: Int] {
    var last: [String: Int] = [:]
    for round in rounds {
      for site in round.sites { last[site.site] = round.round }
    }
    return last
  }

  /// Whether another round is to be trained.
  func goesOn(_ settings: FederationSettings) -> Bool {
    rounds.count < min(settings.rounds, settings.replay?.rounds ?? .max) && !isOutOfPatience(settings)
  }

  private func isOutOfPatience(_ settings: FederationSettings) -> Bool {
    guard let patience = settings.patience, let best else { return false }
    return rounds.count - best.round >= patience
  }

  /// The model that is asked for. If the best is asked for and no region could be scored in any round
  /// (every one was empty), it is the last; the result's `modelRound` and `bestRound` tell.
  var chosen: (model: ModelState, round: Int) {
    if let best, let model = best.model { return (model, best.round) }
    return (lastModel, rounds.count)
  }

  func result(settings: FederationSettings, traffic: [SiteTraffic]) -> FederationResult {
    let (model, round) = chosen
    let stopsEarly = rounds.count < settings.rounds && isOutOfPatience(settings)
    return FederationResult(
      descriptions: descriptions, rounds: rounds, tests: tests, untested: untested, traffic: traffic,
      model: model,
      modelRound: round, modelChoice: best == nil ? .last : choice, lastModel: lastModel,
      bestRound: best?.round, interruptedAfterRound: isInterrupted ? rounds.count : nil,
      earlyStopping: settings.patience.map {
        EarlyStopping(
          patience: $0, bestRound: best?.round, stoppedAfterRound: stopsEarly ? rounds.count : nil)
      })
  }
}
