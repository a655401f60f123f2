import Adversary
import Coordinator
import FederationProtocol
import Foundation
import Foundations
import Metrics
import Tensor
import Training
import Yams

/// `config.yaml`: a run's settings with every default filled in.
package struct RunConfiguration: Sendable, Equatable, Codable {
  package static let schemaVersion = 1

  package var schemaVersion = Self.schemaVersion
  package var mode: RunRequest.Mode
  /// How updates become one model; there if it is not federated averaging.
  package var strategy: StrategyChoice?
  /// What hostile sites do; there if some are.
  package var attack: AttackChoice?
  /// Their names; a study of several runs has none of its own.
  package var hostileSites: [String]?
  /// Those up to `data` are there if they are not the default.
  package var weights: String?
  package var participation: String?
  package var minimumSites: Int?
  package var deadlineSeconds: Double?
  package var fineTuneSteps: Int?
  /// The coordinator's own cases, and the SHA-256 of what they hold.
  package var rootData: String?
  package var rootDigest: String?
  /// Test cases that lie apart; there if they do.
  package var test: String?
  package var screensUpdates: Bool?
  package var excludeAfter: Int?
  package var codecs: CodecPair?
  /// SHA-256 of the study that the run belongs to; there if it does to one.
  package var study: String?
  package var data: String
  /// The layout that was asked for; nil: the one that the data looks like.
  package var layout: String?
  /// How cases were dealt to simulated sites, such as `dirichlet:0.5`; nil: they have sites.
  package var partition: String?
  package var seed: UInt64
  package var rounds: Int
  /// Steps or epochs of local training in a round; one of the two is there.
  package var localSteps: Int?
  package var localEpochs: Int?
  package var keepOptimizerState: Bool
  /// `last` or `best-validation`.
  package var modelChoice: String
  /// How test cases are scored; there if it is not the default.
  package var scoring: ScoringRequest?
  package var holdOut: String?
  /// Which part of every site's cases is tested; there in a run of a cross-validation.
  package var fold: CaseFold?
  package var initialModel: String?
  /// SHA-256 of the weights that training starts from, where a model gave them.
  package var initialDigest: String?
  /// SHA-256 of the tuning table, which lies beside the file as `tuning.yaml`.
  package var tuningDigest: String?
  /// There if a check was let pass.
  package var checks: CasePolicy?
  package var sites: [String]
  package var plan: TrainingPlan
  package var numerics: Numerics
  /// There if a ceiling was set.
  package var memory: Memory?

  package struct Memory: Sendable, Equatable, Codable {
    package var ceilingBytes: Int
    /// Layers that a training step computes twice; results do not depend on it.
    package var recomputedLayers: [String]

    enum CodingKeys: String, CodingKey {
      case ceilingBytes = "ceiling_bytes"
      case recomputedLayers = "recomputed_layers"
    }
  }

  enum CodingKeys: String, CodingKey {
    case schemaVersion = "schema_version"
    case mode, strategy, attack
    case hostileSites = "hostile_sites"
    case weights, participation
    case minimumSites = "minimum_sites"
    case deadlineSeconds = "deadline_seconds"
    case fineTuneSteps = "fine_tune_steps"
    case rootData = "coordinator_data"
    case rootDigest = "coordinator_data_sha256"
    case test
    case screensUpdates = "screen"
    case excludeAfter = "exclude_after"
    case codecs
    case study = "study_sha256"
    case data, layout, partition, seed, rounds
    case localSteps = "local_steps"
    case localEpochs = "local_epochs"
    case keepOptimizerState = "keep_optimizer_state"
    case modelChoice = "model_choice"
    case holdOut = "hold_out_site"
    case fold
    case initialModel = "initial_model"
    case initialDigest = "initial_sha256"
    case tuningDigest = "tuning_digest"
    case scoring, checks, sites, plan, numerics, memory
  }

  /// `recomputed` are the layers that training computes twice.
  package init(
    _ request: RunRequest, plan: TrainingPlan, sites: [String], tuning: TuningTable?, recomputed: [String]
  ) {
    mode = request.mode
    strategy = request.strategy == .fedAvg ? nil : request.strategy
    attack = request.mode == .federated ? request.attack : nil
    weights = request.weighting == .cases ? nil : request.weighting.rawValue
    participation = request.participation == .all ? nil : request.participation.description
    minimumSites = request.minimumSites == 1 ? nil : request.minimumSites
    deadlineSeconds = request.deadline
    fineTuneSteps = request.fineTuneSteps
    rootData = request.rootData
    test = request.test ?? request.namesTest
    screensUpdates = request.screensUpdates ? true : nil
    excludeAfter = request.excludeAfter
    codecs = request.mode == .federated && !request.codecs.isPlain ? request.codecs : nil
    study = request.studyDigest
    data = request.data
    layout = request.layout?.rawValue
    partition = request.partition.map(String.init(describing:))
    seed = request.seed
    rounds = request.rounds ?? plan.rounds
    switch request.budget ?? .steps(plan.localSteps) {
    case .steps(let steps): localSteps = steps
    case .epochs(let epochs): localEpochs = epochs
    }
    keepOptimizerState = request.keepOptimizerState
    modelChoice = request.modelChoice.rawValue
    scoring = request.metrics == MetricSettings() ? nil : ScoringRequest(request.metrics)
    holdOut = request.holdOut
    fold = request.fold
    initialModel = request.initialModel
    tuningDigest = tuning?.digest
    checks = request.policy == .strict ? nil : request.policy
    self.sites = sites
    self.plan = plan
    numerics = .current(request.numerics)
    memory = request.memoryCeiling.map { Memory(ceilingBytes: $0, recomputedLayers: recomputed) }
  }

  /// Writes the file, atomically. Throws `FileError.notWritable`.
  package func write(to path: String) throws {
    let encoder = YAMLEncoder()
    encoder.options.sortKeys = false
    guard let text = try? encoder.encode(self) else {
      throw FileError.notWritable(path: path, reason: "the configuration cannot be encoded")
    }
    try AtomicFile.write(text, to: path)
  }

  /// SHA-256 of the canonical form with sorted keys.
  package var digest: [UInt8] { canonical.canonicalDigest }

  /// Whose messages are believed: those of the run, or of the agreement on an atlas where that has yet to be made.
  var identity: RunIdentity {
    if plan.harmonisation.needsAtlas { return AtlasRun.identity(of: plan, study: study) }
    return RunIdentity(
      runID: String(Digest.hex(digest).prefix(16)), planDigest: plan.canonicalDigest,
      studyDigest: study.flatMap(Digest.bytes) ?? digest)
  }

  /// What a run's results depend on: without paths, memory and patience with a site, which differ between machines. Whom a
  /// deadline left out stands in the journal.
  var canonical: RunConfiguration {
    var canonical = self
    canonical.data = ""
    canonical.deadlineSeconds = nil
    canonical.rootData = rootData.map { _ in "given" }
    canonical.test = test.map { _ in "given" }
    canonical.memory = nil
    canonical.initialModel = initialModel.map { _ in "given" }
    return canonical
  }
}
