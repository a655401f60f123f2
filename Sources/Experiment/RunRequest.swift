import Adversary
import Coordinator
import Foundation
import Foundations
import Harmonization
import Imaging
import Metrics
import Study
import Training

/// What a user asks of `segfed train`, flags already parsed.
package struct RunRequest: Sendable {
  package enum Mode: String, Sendable, Codable, CaseIterable {
    /// Sites train, the coordinator averages.
    case federated
    /// One model on all sites' training cases, as if they had been pooled.
    case centralised
    /// A model of its own at each site.
    case local
  }

  /// A folder of test cases, which nothing but the last test reads; nil: a share of each site's cases, by the plan.
  package var test: String?
  /// The same of a run that is repeated: it was given, and is not read.
  var namesTest: String?
  /// Empty where sites are processes of their own.
  package var data: String
  /// A folder with one for each site, through which sites that are processes of their own are asked; nil: all in this process.
  package var exchange: String?
  /// The sites behind `exchange`; nil: all that have a folder there.
  package var siteNames: [String]?
  /// nil: the layout that the data looks like.
  package var layout: DatasetLayout?
  /// Simulated sites for data that has none.
  package var partition: SitePartition?
  /// How many of them; nil: as many as the partition has.
  package var simulatedSites: Int?
  package var output: String
  /// nil: the built-in plan that fits the data.
  package var plan: String?
  /// The study that the run belongs to: `follow` took its settings over.
  package private(set) var study: LockedStudy?
  /// SHA-256 of the study that the run belongs to, or that an earlier run which is repeated did; nil: of none.
  package var studyDigest: String?
  /// The smallest number of cases that a site tells.
  package var leastCell = StudyCheck.leastCell
  /// Cases that are not in the study.
  var excluded: Set<CaseName> = []
  /// A plan that needs no fitting to the data, as an earlier run has it; instead of `plan`.
  package var resolvedPlan: TrainingPlan?
  /// An earlier run of the same settings that is repeated, by the paths of its journals within its folder.
  package var replay: [String: Replay]?
  /// What of the plan's harmonisation is done otherwise.
  package var harmonisation = HarmonizationChoice()
  package var policy = CasePolicy.strict
  /// Folder of harmonised cases; nil: they are kept in memory for the run.
  package var cache: String?
  /// Where the sites' cases lie while others work; nil: in memory, where there is no cache.
  package var scratch: CaseScratch?
  /// Bytes that cases may take together while they are being read; nil: half of what the machine has left.
  package var loadingMemory: Int?
  package var mode: Mode = .federated
  /// How the sites' updates become one model, where the mode is `federated`.
  package var strategy = StrategyChoice.fedAvg
  /// What some of the sites do to the others, where the mode is `federated`; nil: all are honest.
  package var attack: AttackChoice?
  /// How weights go down to the sites and come up from them, where the mode is `federated`.
  package var codecs = CodecPair.plain
  /// What the sites' updates weigh, where the strategy leaves that open.
  package var weighting = Weighting.cases
  /// Which sites train in a round.
  package var participation = Participation.all
  /// The fewest updates that a round is made of.
  package var minimumSites = 1
  /// Seconds that a site may take for a request; nil: as many as it needs.
  package var deadline: Double?
  /// Sites that work at the same time; the threads are divided among them.
  package var sitesAtOnce = 1
  /// Folder of the coordinator's own cases; nil: it has none.
  package var rootData: String?
  /// Whether updates that stand out are told of, also where the strategy does not look at them.
  package var screensUpdates = false
  /// In how many rounds a site's updates are suspected before it is asked no more; nil: however many.
  package var excludeAfter: Int?
  /// Whether every round's updates are kept, for sites' contributions.
  package var keepsUpdates = false
  /// Steps that each site fine-tunes the last model before it is tested there; nil: none.
  package var fineTuneSteps: Int?
  /// nil: the plan's.
  package var rounds: Int?
  /// nil: the plan's local steps.
  package var budget: LocalBudget?
  package var keepOptimizerState = false
  package var modelChoice: ModelChoice = .last
  /// How test cases are scored.
  package var metrics = MetricSettings()
  package var seed: UInt64 = 1
  package var threads: Int
  package var numerics = Numerics.Mode.native
  /// Which part of every site's cases is tested; nil: the plan's share.
  var fold: CaseFold?
  /// A site that does not train; the model is tested on all of its cases.
  package var holdOut: String?
  /// A model file or run folder whose weights training starts from.
  package var initialModel: String?
  /// A tuning table (`TuningTable`): which strategies compute the convolutions.
  package var tuning: String?
  /// Bytes that a network in training may take; nil: as many as it needs.
  package var memoryCeiling: Int?
  package var force = false
  /// Whether a run that was killed or stopped is gone on with; where there is none it is begun.
  package var resume = false

  package init(data: String, output: String, threads: Int) {
    self.data = data
    self.output = output
    self.threads = threads
  }
}

extension RunRequest {
  /// Takes over what a study says: plan, strategy, codecs, rounds, a seed (nil: the first), the model's choice and how cases are
  /// scored.
  ///
  /// Throws `StrategyError`, `CodecError`, `StudyError.seed`.
  package mutating func follow(_ study: LockedStudy, seed wanted: UInt64?) throws {
    let training = study.file.training
    self.study = study
    studyDigest = study.digest
    rounds = training.rounds
    budget = training.localSteps.map { .steps($0) } ?? training.localEpochs.map { .epochs($0) }
    seed = wanted ?? training.seeds[0]
    guard training.seeds.contains(seed) else {
      throw StudyError.seed(study: study.path, found: seed, expected: training.seeds)
    }
    modelChoice = training.modelChoice
    metrics = study.file.metrics
    // Nothing is aggregated otherwise.
    guard mode == .federated else { return }
    strategy = try StrategyChoice(training.strategy)
    weighting = training.weights
    participation = Participation(training.participation) ?? .all
    codecs = try CodecPair(down: training.codecDown, up: training.codecUp)
  }

  /// The attack on a federation of these sites; nil where all are honest. Throws `AttackError`.
  func attack(trainers: [String]) throws -> Attack? {
    guard let attack, mode == .federated else { return nil }
    return try Attack(
      attack, trainers: trainers, participation: participation == .all ? nil : participation.description,
      seed: seed)
  }

  /// The data set's sites and cases, as they lie or as they are dealt to simulated sites. Throws what finding them does.
  func dataset(skipping skipped: SkippedCases) throws -> DatasetFolder {
    let found = try DatasetFolder.discover(
      data, layout: layout, requireLabels: true, skipping: skipped, excluding: excluded)
    guard let partition else { return found }
    return try found.partitioned(
      into: simulatedSites, by: partition, seed: seed, path: data, loop: ParallelLoop(threads: threads))
  }

  /// A folder beside the run's for the sites' cases, where sites take turns and no cache has them; nil: memory is theirs.
  ///
  /// Throws `FileError.notWritable`, and `ExperimentError.runIsUsed` where another process makes this run.
  func scratch(sites: Int) throws -> CaseScratch? {
    if cache != nil || mode != .federated || sites <= sitesAtOnce { return nil }
    guard let scratch = try CaseScratch(folder: output + ".cases") else {
      throw ExperimentError.runIsUsed(path: output)
    }
    return scratch
  }

  /// How the run's cases are read.
  func reading(_ plan: TrainingPlan, loop: ParallelLoop) -> CaseReading {
    var reading = CaseReading(plan: plan, loop: loop)
    reading.policy = policy
    reading.cache = cache
    reading.memoryCeiling = loadingMemory
    reading.scratch = scratch
    return reading
  }

  /// Networks of a plan, as the request wants them compiled.
  func networks(_ plan: TrainingPlan, tuning: TuningTable?) -> NetworkPool {
    NetworkPool(
      plan.architecture, loop: ParallelLoop(threads: max(1, threads / sitesAtOnce)),
      options: plan.networkOptions(memoryCeiling: memoryCeiling), choice: tuning?.choice)
  }
}

/// Where a command's lines go.
package struct Console: Sendable {
  /// Results: standard output.
  package let print: @Sendable (String) -> Void
  /// How the work goes: standard output too.
  private let tellLine: @Sendable (String) -> Void
  /// Whether progress and a line for each site and round are wanted.
  package let isQuiet: Bool
  /// Whether the result is one JSON document instead of tables.
  package let isJSON: Bool
  /// Whether absent and suspicious sites are told of while a run goes on; its results tell of them in any case.
  package let tellsOfSites: Bool
  /// Which of several runs it is for, such as `fold 2 of 3`; nil: it is for the only one.
  private(set) var part: String?

  package init(
    isQuiet: Bool, isJSON: Bool, tellsOfSites: Bool = true, print: @escaping @Sendable (String) -> Void
  ) {
    self.init(isQuiet: isQuiet, isJSON: isJSON, tellsOfSites: tellsOfSites, show: print, tell: print)
  }

  private init(
    isQuiet: Bool, isJSON: Bool, tellsOfSites: Bool, show: @escaping @Sendable (String) -> Void,
    tell: @escaping @Sendable (String) -> Void
  ) {
    self.isQuiet = isQuiet
    self.isJSON = isJSON
    self.tellsOfSites = tellsOfSites
    print = show
    tellLine = tell
  }

  /// Nothing is shown.
  package static let silent = Console(isQuiet: true, isJSON: false) { _ in }

  /// For one run of a grid: what is wrong with the run, and nothing else.
  static let ofGrid = Console(isQuiet: true, isJSON: false, tellsOfSites: false) { _ in }

  /// The same for a run whose results are not what is asked for: lines that tell how the work goes, no tables.
  var withoutResults: Console {
    var console = Console(
      isQuiet: isQuiet, isJSON: isJSON, tellsOfSites: tellsOfSites, show: { _ in }, tell: tellLine)
    console.part = part
    return console
  }

  /// The same for one of several runs, which is a part of this console's part.
  func ofPart(_ title: String) -> Console {
    var console = self
    console.part = part.map { "\($0), \(title)" } ?? title
    return console
  }

  /// Progress, and nothing on standard output.
  var ofProgress: Console { Console(isQuiet: isQuiet, isJSON: false) { _ in } }

  /// A line on standard error that is told in any case: something is not as it should be, and the work goes on.
  func warn(_ line: String) { StandardStream.error.write("segfed: \(line)\n") }

  /// A line that tells how the work goes; not in `--quiet` nor beside JSON.
  func tell(_ line: String) {
    if !isQuiet && !isJSON { tellLine(line) }
  }

  package func progress(_ title: String, total: Int) -> ProgressLine {
    ProgressLine(title, total: total, quiet: isQuiet)
  }
}
