import ArgumentParser
import Coordinator
import Experiment
import Foundations
import Imaging
import Study

extension RunRequest.Mode: ExpressibleByArgument {}

/// What `train` and `loso` have in common.
struct TrainingOptions: ParsableArguments {
  enum OptimizerState: String, ExpressibleByArgument, CaseIterable { case reset, keep }
  enum Model: String, ExpressibleByArgument, CaseIterable {
    case last
    case bestValidation = "best-validation"
  }

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Folder with scans, or a CSV manifest: folders of sites (<site>/<case>/<case>_<contrast>.nii.gz and <case>_seg.nii.gz), "
        + "BraTS, FeTS, nnU-Net raw, Medical Segmentation Decathlon or BIDS.", valueName: "path"),
    completion: .data)
  var data: String?

  @OptionGroup var study: StudyOptions
  @OptionGroup var transport: TransportOptions

  @OptionGroup var layout: LayoutOption

  @Option(name: .long, help: "Simulated sites for data that has none; with --split.")
  var sites: Int?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "How cases are dealt to simulated sites, seeded: dirichlet:0.5 (unequal numbers), size (small to large lesions), "
        + "natural:fets23 (as at FeTS 2022's 23 sites).", valueName: "split"),
    completion: .list(["dirichlet:0.5", "size", "natural:fets23"]))
  var split: String?

  @Option(
    name: .long, help: "Folder for the run; made, and never overwritten without --force.",
    completion: .directory)
  var output: String

  @Option(
    name: .long,
    help: ArgumentHelp(
      "A plan's file (YAML, segfed plan makes one), or a built-in plan's name: tiny, bench, demo, brats2d, brats3d, nnunet2d, nnunet3d, "
        + "nnunet3d-resenc, unet2d, unet3d. (default: unet3d, or unet2d for single slices)",
      valueName: "file or name"), completion: .plan)
  var plan: String?

  @Option(
    name: .long,
    help: "federated: sites train, weights are averaged. centralised: pooled cases. local: each site alone.")
  var mode: RunRequest.Mode = .federated

  @Option(
    name: .long,
    help: ArgumentHelp(
      "How updates become one model, such as fedadam:eta=0.03; segfed strategies lists all. (default: fedavg)",
      valueName: "strategy"), completion: .strategy)
  var strategy: String?

  @OptionGroup var federation: FederationOptions

  @Option(name: .long, help: "Rounds. (default: the plan's)")
  var rounds: Int?

  @Option(name: .long, help: "Optimiser steps at each site in a round. (default: the plan's)")
  var localSteps: Int?

  @Option(name: .long, help: "Passes over each site's cases in a round, instead of --local-steps.")
  var localEpochs: Int?

  @Option(name: .long, help: "What happens to momentum between rounds: reset or keep.")
  var optimizerState: OptimizerState = .reset

  @Option(name: .long, help: "The model that is tested and kept: last, or best-validation. (default: last)")
  var modelChoice: Model?

  @Option(name: .long, help: "Seed of everything random. (default: 1, or each of the study's)")
  var seed: UInt64?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Run with so many seeds, 1, 2 and so on, each in seed-<n> of the output, and tell mean and deviation.",
      valueName: "number"))
  var seeds: Int?

  @Option(
    name: .customLong("init"),
    help: "Model file or run folder to start from, or safetensors with nnU-Net's names.", completion: .model)
  var initialModel: String?

  @OptionGroup var metrics: MetricOptions
  @OptionGroup var harmonization: HarmonizationOptions
  @OptionGroup var checks: CheckOptions

  @Flag(name: .long, help: "Let one scan lie at two sites, or in training and test.")
  var allowDuplicates = false

  @OptionGroup var reading: ReadingOptions
  @OptionGroup var tuning: TuningOption
  @OptionGroup var computing: ComputingOptions
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Ceiling on what the network takes in training, such as 2GB or 800MiB: activations, scratch, weights, "
        + "gradients and optimiser state. Layers are then computed twice instead of kept: slower, same results.",
      valueName: "size"))
  var memory: String?

  @Flag(
    name: .long,
    help: "Go on with a run that was killed or stopped, to the same bits; where there is none it is begun.")
  var resume = false

  @OptionGroup var machine: MachineOptions
  @OptionGroup var show: OutputOptions

  /// Options of sites that are in this process, or of what they alone decide.
  private var givenOfSites: String? {
    if data != nil { return "--data" }
    if layout.layout != nil { return "--layout" }
    if sites != nil { return "--sites" }
    if split != nil { return "--split" }
    if reading.cache != nil { return "--cache" }
    if reading.loadingMemory != nil { return "--loading-memory" }
    if memory != nil { return "--memory" }
    if federation.attack != nil { return "--attack" }
    if federation.coordinatorData != nil { return "--coordinator-data" }
    if tuning.tuning != nil { return "--tuning" }
    return nil
  }

  /// An option that says what a study says.
  private var givenOfStudy: String? {
    if plan != nil { return "--plan" }
    if strategy != nil { return "--strategy" }
    if let option = federation.givenOfStudy { return option }
    if rounds != nil { return "--rounds" }
    if localSteps != nil { return "--local-steps" }
    if localEpochs != nil { return "--local-epochs" }
    if modelChoice != nil { return "--model-choice" }
    if seeds != nil { return "--seeds" }
    return metrics.given ?? harmonization.given
  }

  private func validateTransport() throws {
    guard transport.exchange != nil else {
      if data == nil { throw ValidationError("Missing expected argument '--data <path>'") }
      return
    }
    if let option = givenOfSites {
      throw ValidationError(
        "\(option) and --transport folder exclude each other: the sites have scans and settings of their own."
      )
    }
    if mode != .federated {
      throw ValidationError(
        "--transport folder and --mode \(mode.rawValue) exclude each other: scans stay where they are.")
    }
    if plan == nil && study.study == nil {
      throw ValidationError(
        "--transport folder asks for --plan: there is no data here that a plan could be fitted to.")
    }
  }

  func validate() throws {
    try validateTransport()
    if let study = study.study, let option = givenOfStudy {
      throw ValidationError(
        "\(option) and --study exclude each other: \(study) says it. Leave one of them out.")
    }
    if let split, SitePartition(split) == nil {
      throw ValidationError("--split: found \(split), expected \(SitePartition.spellings).")
    }
    if let sites, !(1...10_000).contains(sites) {
      throw ValidationError("--sites: found \(sites), expected 1 to 10000.")
    }
    if sites != nil && split == nil {
      throw ValidationError("--sites asks for --split too: how are cases dealt?")
    }
    if let seeds {
      guard 1...1000 ~= seeds else { throw ValidationError("--seeds: found \(seeds), expected 1 to 1000.") }
      if seed != nil { throw ValidationError("--seed and --seeds exclude each other: give one.") }
      if transport.exchange != nil {
        throw ValidationError(
          "--seeds and --transport folder exclude each other: give --seed for each in turn.")
      }
    }
    if let rounds, rounds < 1 { throw ValidationError("--rounds: found \(rounds), expected 1 or more.") }
    if let localSteps, localSteps < 1 {
      throw ValidationError("--local-steps: found \(localSteps), expected 1 or more.")
    }
    if let memory, ByteCount.parse(memory) == nil {
      throw ValidationError("--memory: found \(memory), expected a size such as 2GB or 800MiB.")
    }
    if let localEpochs, !(1...10_000).contains(localEpochs) {
      throw ValidationError("--local-epochs: found \(localEpochs), expected 1 to 10000.")
    }
    if strategy != nil && mode != .federated {
      throw ValidationError(
        "--strategy and --mode \(mode.rawValue) exclude each other: nothing is aggregated there.")
    }
    if let option = federation.given, mode != .federated {
      throw ValidationError(
        "\(option) and --mode \(mode.rawValue) exclude each other: sites are not federated there.")
    }
    if resume && machine.force {
      throw ValidationError("--resume and --force exclude each other: go on with the run, or replace it.")
    }
    if localSteps != nil && localEpochs != nil {
      throw ValidationError("--local-steps and --local-epochs exclude each other: give one.")
    }
  }

  /// Those of `--seeds`, or of a study that has several and `--seed` names none of; nil: one run.
  func allSeeds() throws -> [UInt64]? {
    if let seeds { return (1...UInt64(seeds)).map { $0 } }
    guard seed == nil, let path = study.study else { return nil }
    let found = try LockedStudy.read(path).file.training.seeds
    guard found.count > 1 else { return nil }
    if transport.exchange != nil {
      throw ValidationError(
        "--transport folder runs one seed at a time: give --seed, one of \(found.map { "\($0)" }.joined(separator: ", "))."
      )
    }
    return found
  }

  /// Throws `StrategyError`, `AttackError`, and what reading an atlas throws.
  func request() throws -> RunRequest {
    var request = RunRequest(data: data ?? "", output: output, threads: machine.threadCount)
    request.layout = layout.layout
    request.partition = split.flatMap { SitePartition($0) }
    request.simulatedSites = sites
    request.plan = plan
    request.harmonisation = try harmonization.choice()
    request.policy = checks.policy
    request.policy.allowsDuplicates = allowDuplicates
    request.cache = reading.cache
    request.loadingMemory = reading.ceiling
    request.mode = mode
    if let strategy { request.strategy = try StrategyChoice(strategy) }
    try federation.apply(to: &request)
    transport.apply(to: &request)
    // Sites elsewhere share no threads with each other.
    if transport.exchange != nil { request.sitesAtOnce = federation.sitesAtOnce ?? 1_000_000 }
    request.rounds = rounds
    request.budget = localSteps.map { .steps($0) } ?? localEpochs.map { .epochs($0) }
    request.keepOptimizerState = optimizerState == .keep
    request.modelChoice = modelChoice == .bestValidation ? .bestValidation : .last
    request.metrics = metrics.settings
    request.seed = seed ?? 1
    request.initialModel = initialModel
    request.tuning = tuning.tuning
    request.numerics = computing.numerics
    request.memoryCeiling = memory.flatMap(ByteCount.parse)
    request.force = machine.force
    request.resume = resume
    request.leastCell = study.cells.minCell
    if let path = study.study { try request.follow(LockedStudy.read(path), seed: seed) }
    return request
  }
}
