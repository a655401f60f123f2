import FederationProtocol

/// What one site did in one round.
package struct SiteRound: Sendable, Equatable {
  package let site: String
  package let cases: Int
  package let steps: Int
  /// Mean training loss over the round's steps.
  package let meanLoss: Double
  package let seconds: Double
  package var validation: SiteScores?
  /// Bytes of all messages of this round to and from the site.
  package var bytesDown = 0
  package var bytesUp = 0
  /// What each of the model's tensors took of them, in their order; nil without a codec, where that is 4 bytes a number.
  package var tensorsDown: [Int]?
  package var tensorsUp: [Int]?

  package init(
    site: String, cases: Int, steps: Int, meanLoss: Double, seconds: Double, validation: SiteScores? = nil,
    bytesDown: Int = 0, bytesUp: Int = 0, tensorsDown: [Int]? = nil, tensorsUp: [Int]? = nil
  ) {
    (self.site, self.cases, self.steps) = (site, cases, steps)
    (self.meanLoss, self.seconds, self.validation) = (meanLoss, seconds, validation)
    (self.bytesDown, self.bytesUp) = (bytesDown, bytesUp)
    (self.tensorsDown, self.tensorsUp) = (tensorsDown, tensorsUp)
  }
}

/// One round, sites in order of their names.
package struct RoundRecord: Sendable, Equatable {
  /// From 1.
  package let round: Int
  package var sites: [SiteRound]
  /// Validation over all sites.
  package var validation = ScoreSummary([])
  /// Sites that were to train and whose update is not in the round.
  package var leftOut: [Absence] = []
  /// Validation of sites that were not drawn to train.
  package var scoresElsewhere: [SiteScores] = []
  /// Sites that could not be scored.
  package var unscored: [Absence] = []
  /// What the strategy made of single updates.
  package var verdicts: [Verdict] = []
  /// SHA-256 of the round's model, its values as little-endian Float32; empty in journals of earlier releases.
  package var modelDigest = ""

  package init(
    round: Int, sites: [SiteRound], leftOut: [Absence] = [], scoresElsewhere: [SiteScores] = [],
    unscored: [Absence] = [], verdicts: [Verdict] = [], modelDigest: String = ""
  ) {
    self.round = round
    self.sites = sites
    self.leftOut = leftOut
    self.scoresElsewhere = scoresElsewhere
    self.unscored = unscored
    self.verdicts = verdicts
    self.modelDigest = modelDigest
    summarise()
  }

  /// Takes `validation` from the sites' scores.
  mutating func summarise() {
    validation = ScoreSummary(
      (sites.compactMap(\.validation) + scoresElsewhere).sorted { $0.site < $1.site })
  }
}

/// What a site says of itself before the first round.
package struct SiteDescription: Sendable, Equatable, Codable {
  package let site: String
  package let trainingCases: Int
  package let validationCases: Int
  package let testCases: Int
  package let contrasts: [String]
  package let scanBytesOnDisk: Int
  package let scanBytesUncompressed: Int

  /// How many it can score; `everyCase`: those that it trains on too.
  func cases(of part: WirePart, everyCase: Bool) -> Int {
    if everyCase { return trainingCases + validationCases + testCases }
    return part == .validation ? validationCases : testCases
  }
}

/// What became of a run that stops when validation gets no better.
package struct EarlyStopping: Sendable, Equatable, Codable {
  /// Rounds without a better score that it waits.
  package let patience: Int
  /// nil: no round had a score.
  package let bestRound: Int?
  /// nil: all rounds were run.
  package let stoppedAfterRound: Int?

  private enum CodingKeys: String, CodingKey {
    case patience
    case bestRound = "best_round"
    case stoppedAfterRound = "stopped_after_round"
  }
}

/// What a federation came to.
package struct FederationResult: Sendable {
  /// One per site that trains or is evaluated, by name.
  package let descriptions: [SiteDescription]
  package let rounds: [RoundRecord]
  /// Test scores of `model`, by site name; empty if the run was interrupted.
  package let tests: [SiteScores]
  /// Sites that could not be tested.
  package let untested: [Absence]
  /// Bytes of all messages of the run, by site name.
  package let traffic: [SiteTraffic]
  /// The chosen model, and the round it comes from (0: the initial weights).
  package let model: ModelState
  package let modelRound: Int
  package let modelChoice: ModelChoice
  package let lastModel: ModelState
  /// The round that was best on validation; nil without validation cases.
  package let bestRound: Int?
  /// Set if the run was stopped: the last round that was finished and kept (0: none).
  package let interruptedAfterRound: Int?
  /// nil where the settings do not ask for it.
  package let earlyStopping: EarlyStopping?

  package var testSummary: ScoreSummary { ScoreSummary(tests) }
}

/// What happens while a federation runs, for a progress line.
package enum FederationEvent: Sendable {
  /// An earlier process' work is gone on with, after so many rounds.
  case resumed(afterRound: Int)
  case described(SiteDescription)
  /// A round begins at these sites.
  case asked(round: Int, sites: [String])
  case trained(round: Int, site: String)
  /// A site's update is not in the round, or the site could not be asked for another reason; round 0: before the first.
  case leftOut(round: Int, Absence)
  /// All have trained; the round's model is made and scored.
  case validating(round: Int)
  case validated(round: Int, SiteScores)
  /// A site did not score the round's model; its update counts.
  case unscored(round: Int, Absence)
  case finished(RoundRecord)
  /// The chosen model is tested.
  case testing
  case tested(SiteScores)
  case untested(Absence)
}
