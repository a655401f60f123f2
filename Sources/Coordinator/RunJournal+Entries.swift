import FederationProtocol

/// A round's line in the journal.
struct JournalRound: Codable, Equatable {
  struct Site: Codable, Equatable {
    let site: String
    let cases: Int
    let steps: Int
    let loss: Double
    let seconds: Double
    let bytesDown: Int
    let bytesUp: Int
    let validation: SiteScores?

    private enum CodingKeys: String, CodingKey {
      case site
      case cases
      case steps
      case loss
      case seconds
      case bytesDown = "bytes_down"
      case bytesUp = "bytes_up"
      case validation
    }
  }

  var entry = "round"
  var schemaVersion = RunJournal.schemaVersion
  let round: Int
  let sites: [Site]
  let validationMean: Double?

  private enum CodingKeys: String, CodingKey {
    case entry
    case schemaVersion = "schema_version"
    case round
    case sites
    case validationMean = "validation_mean"
  }

  init(_ record: RoundRecord) {
    round = record.round
    validationMean = record.validation.meanOfSiteMeans
    sites = record.sites.map { site in
      Site(
        site: site.site, cases: site.cases, steps: site.steps, loss: site.meanLoss, seconds: site.seconds,
        bytesDown: site.bytesDown, bytesUp: site.bytesUp, validation: site.validation)
    }
  }
}

/// A journal's last line.
package struct JournalEnd: Sendable, Codable, Equatable {
  struct Traffic: Codable, Equatable {
    let site: String
    let bytesDown: Int
    let bytesUp: Int

    private enum CodingKeys: String, CodingKey {
      case site
      case bytesDown = "bytes_down"
      case bytesUp = "bytes_up"
    }
  }

  var entry = "end"
  var schemaVersion = RunJournal.schemaVersion
  package let model: ModelChoice
  package let modelRound: Int
  package let interruptedAfterRound: Int?
  /// There if the plan asks for it.
  package let earlyStopping: EarlyStopping?
  package let test: [SiteScores]
  let traffic: [Traffic]

  private enum CodingKeys: String, CodingKey {
    case entry
    case schemaVersion = "schema_version"
    case model
    case modelRound = "model_round"
    case interruptedAfterRound = "interrupted_after_round"
    case earlyStopping = "early_stopping"
    case test
    case traffic
  }

  init(_ result: FederationResult) {
    model = result.modelChoice
    modelRound = result.modelRound
    interruptedAfterRound = result.interruptedAfterRound
    earlyStopping = result.earlyStopping
    test = result.tests
    traffic = result.traffic.map { Traffic(site: $0.site, bytesDown: $0.down, bytesUp: $0.up) }
  }
}
