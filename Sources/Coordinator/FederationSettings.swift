import FederationProtocol

/// How long a site trains in each round.
package enum LocalBudget: Sendable, Equatable {
  /// The same number of optimiser steps at every site.
  case steps(Int)
  /// Passes over the site's own training cases.
  case epochs(Int)
}

/// Which model is tested and kept after the last round.
package enum ModelChoice: String, Sendable, Equatable, Codable {
  /// That of the last round.
  case last
  /// That of the round with the best validation score (`ScoreSummary.meanOfSiteMeans`, ties: the earlier).
  case bestValidation = "best-validation"
}

/// What a federation does, apart from with whom.
package struct FederationSettings: Sendable, Equatable {
  package var identity: RunIdentity
  /// 1 or more.
  package var rounds: Int
  package var budget: LocalBudget
  /// Whether sites carry momentum over from round to round.
  package var keepOptimizerState: Bool
  /// The seed of the sites' random streams.
  package var seed: UInt64
  package var modelChoice: ModelChoice
  /// By which rules test cases are scored, and validation cases for Dice; nil: Dice by the sites' default convention.
  package var scoring: ScoringRequest?
  /// Rounds without a better validation score (`ScoreSummary.meanOfSiteMeans`) after which training stops; nil: never.
  package var patience: Int?
  /// Which sites train in a round.
  package var participation = Participation.all
  /// The fewest updates that a round is made of; with fewer the run ends.
  package var minimumSites = 1
  /// Seconds that a site may take for a request, from when its own work starts; nil: as many as it needs.
  package var deadline: Double?
  /// Sites that work at the same time. Changes no bit of a result.
  package var sitesAtOnce = 1
  /// What the sites' updates weigh, where the strategy leaves that open.
  package var weighting = Weighting.cases
  /// Whether updates that stand out are told of, where the strategy does not look at them by itself.
  package var screensUpdates = false
  /// In how many rounds a site's updates are suspected before it is asked no more; nil: however many.
  package var excludeAfter: Int?
  /// Whether every round's updates are kept in the coordinator's folder.
  package var keepsUpdates = false
  /// An earlier run's record that this one repeats; nil: a run of its own.
  package var replay: Replay?
  /// How weights go down and come up.
  package var codecs = CodecPair.plain
  /// Whether sites can make the model that a run begins with themselves: with a codec they are told its digest alone.
  package var startIsKnown = false
  /// Steps that each site fine-tunes the last model before it is tested there; nil: none.
  package var fineTuneSteps: Int?

  package init(
    identity: RunIdentity, rounds: Int, budget: LocalBudget, keepOptimizerState: Bool = false,
    seed: UInt64, modelChoice: ModelChoice = .last, patience: Int? = nil
  ) {
    precondition(rounds >= 1, "\(rounds) rounds")
    precondition(patience.map { $0 >= 1 } ?? true, "a patience of \(patience ?? 0) rounds")
    self.patience = patience
    self.identity = identity
    self.rounds = rounds
    self.budget = budget
    self.keepOptimizerState = keepOptimizerState
    self.seed = seed
    self.modelChoice = modelChoice
  }

  /// Whether updates are looked at also where the strategy does not: to tell of them, or to exclude who sends them.
  var looksAtUpdates: Bool { screensUpdates || excludeAfter != nil }

  /// Whether a round must be told from a better one.
  package var needsValidation: Bool { modelChoice == .bestValidation || patience != nil }
}
