import FederationProtocol

/// Who is in a round: written before its updates are made into a model.
struct JournalAttendance: Codable, Equatable {
  var entry = "attendance"
  var schemaVersion = RunJournal.schemaVersion
  let round: Int
  let taken: [String]
  let leftOut: [Absence]

  private enum CodingKeys: String, CodingKey {
    case entry
    case schemaVersion = "schema_version"
    case round
    case taken
    case leftOut = "left_out"
  }

  init(round: Int, _ attendance: Attendance) {
    self.round = round
    taken = attendance.taken
    leftOut = attendance.leftOut
  }

  var attendance: Attendance { Attendance(taken: taken, leftOut: leftOut) }
}

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
    /// By the model's tensors, in their order; there if a codec was used.
    let tensorBytesDown: [Int]?
    let tensorBytesUp: [Int]?

    private enum CodingKeys: String, CodingKey {
      case site
      case cases
      case steps
      case loss
      case seconds
      case bytesDown = "bytes_down"
      case bytesUp = "bytes_up"
      case validation
      case tensorBytesDown = "tensor_bytes_down"
      case tensorBytesUp = "tensor_bytes_up"
    }
  }

  var entry = "round"
  var schemaVersion = RunJournal.schemaVersion
  let round: Int
  let sites: [Site]
  let validationMean: Double?
  /// Those below are there if there is anything to tell.
  let leftOut: [Absence]?
  let scoresElsewhere: [SiteScores]?
  let unscored: [Absence]?
  let verdicts: [Verdict]?
  let modelDigest: String?

  private enum CodingKeys: String, CodingKey {
    case entry
    case schemaVersion = "schema_version"
    case round
    case sites
    case validationMean = "validation_mean"
    case leftOut = "left_out"
    case scoresElsewhere = "validation_elsewhere"
    case unscored
    case verdicts
    case modelDigest = "model_sha256"
  }

  init(_ record: RoundRecord) {
    round = record.round
    validationMean = record.validation.meanOfSiteMeans
    leftOut = record.leftOut.isEmpty ? nil : record.leftOut
    scoresElsewhere = record.scoresElsewhere.isEmpty ? nil : record.scoresElsewhere
    unscored = record.unscored.isEmpty ? nil : record.unscored
    verdicts = record.verdicts.isEmpty ? nil : record.verdicts
    modelDigest = record.modelDigest.isEmpty ? nil : record.modelDigest
    sites = record.sites.map { site in
      Site(
        site: site.site, cases: site.cases, steps: site.steps, loss: site.meanLoss, seconds: site.seconds,
        bytesDown: site.bytesDown, bytesUp: site.bytesUp, validation: site.validation,
        tensorBytesDown: site.tensorsDown, tensorBytesUp: site.tensorsUp)
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
  /// Sites that could not be tested; there if there are any.
  package let untested: [Absence]?
  let traffic: [Traffic]

  private enum CodingKeys: String, CodingKey {
    case entry
    case schemaVersion = "schema_version"
    case model
    case modelRound = "model_round"
    case interruptedAfterRound = "interrupted_after_round"
    case earlyStopping = "early_stopping"
    case test
    case untested
    case traffic
  }

  /// Bytes of all messages of the run, from and to the coordinator.
  package var totals: (down: Int, up: Int) {
    (traffic.reduce(0) { $0 + $1.bytesDown }, traffic.reduce(0) { $0 + $1.bytesUp })
  }

  init(_ result: FederationResult) {
    model = result.modelChoice
    modelRound = result.modelRound
    interruptedAfterRound = result.interruptedAfterRound
    earlyStopping = result.earlyStopping
    test = result.tests
    untested = result.untested.isEmpty ? nil : result.untested
    traffic = result.traffic.map { Traffic(site: $0.site, bytesDown: $0.down, bytesUp: $0.up) }
  }
}
