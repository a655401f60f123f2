import ArgumentParser
import Experiment

struct TrainCommand: AsyncParsableCommand, ComputingOptionsCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a U-Net across sites, federated or pooled.",
    discussion: """
      Prints Dice per site and what the wire carried.

      Examples:
        segfed train --data SampleData --output runs/demo
        segfed train --data SampleData --output runs/pooled --mode centralised
        segfed train --data SampleData --test fresh --output runs/tested --seeds 3
        segfed train --data SampleData --output runs/unseen --hold-out-site birch
        segfed train --data SampleData --output runs/demo --resume
        segfed train --transport folder:drive --plan plan.yaml --output runs/apart
      """)

  @OptionGroup var options: TrainingOptions
  var computing: ComputingOptions { options.computing }

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Folder with test cases of their own, laid out as --data: listed at the start, read when the models are final. No case of --data is "
        + "tested then.", valueName: "path"), completion: .data)
  var test: String?

  @Option(name: .long, help: "Train without this site and test on all of its cases.")
  var holdOutSite: String?

  func validate() throws {
    if test != nil && (holdOutSite != nil || options.transport.exchange != nil) {
      throw ValidationError(
        "--test and \(holdOutSite != nil ? "--hold-out-site" : "--transport folder") exclude each other: the sites' own cases are tested "
          + "there.")
    }
    if holdOutSite != nil && options.mode == .local {
      throw ValidationError(
        "--hold-out-site and --mode local exclude each other: a site's own model is not trained without it.")
    }
  }

  func run() async throws {
    var request = try options.request()
    request.holdOut = holdOutSite
    request.test = test
    if let seeds = try options.allSeeds() {
      try await SeedRepeats(seeds).execute(request, console: options.show.console) { request, console in
        try await TrainingRun.scores(request, console: console)
      }
      return
    }
    if try TrainingRun.tellsFinished(request, console: options.show.console) { return }
    try await TrainingRun.execute(request, console: options.show.console)
  }
}

struct LosoCommand: AsyncParsableCommand, ComputingOptionsCommand {
  static let configuration = CommandConfiguration(
    commandName: "loso",
    abstract: "Leave one site out: train without each, test on it.",
    discussion: """
      Examples:
        segfed loso --data SampleData --output runs/loso
        segfed loso --data SampleData --output runs/loso --rounds 4 --json
      """)

  @OptionGroup var options: TrainingOptions
  var computing: ComputingOptions { options.computing }

  func validate() throws {
    if options.transport.exchange != nil {
      throw ValidationError(
        "--transport folder is for segfed train: give --hold-out-site there for each site in turn.")
    }
    if options.mode == .local {
      throw ValidationError(
        "--mode local: a site's own model is not trained without it; use federated or centralised.")
    }
  }

  func run() async throws {
    try await options.run(CrossValidation(.leaveOneSiteOut))
  }
}

struct KfoldCommand: AsyncParsableCommand, ComputingOptionsCommand {
  static let configuration = CommandConfiguration(
    commandName: "kfold",
    abstract: "Cross-validate within sites.",
    discussion: """
      Each part of every site's cases is tested once.

      Examples:
        segfed kfold --folds 3 --data SampleData --output runs/kfold
        segfed kfold --folds 5 --data SampleData --mode local --output runs/alone
      """)

  @Option(name: .long, help: "Parts that each site's cases are dealt to.")
  var folds = 5

  @OptionGroup var options: TrainingOptions
  var computing: ComputingOptions { options.computing }

  func validate() throws {
    guard 2...1000 ~= folds else { throw ValidationError("--folds: found \(folds), expected 2 to 1000.") }
    if options.transport.exchange != nil {
      throw ValidationError("--transport folder is for segfed train: the sites split their own cases.")
    }
  }

  func run() async throws { try await options.run(CrossValidation(.folds(folds))) }
}

extension TrainingOptions {
  /// Once, or with each of the seeds.
  fileprivate func run(_ validation: CrossValidation) async throws {
    let request = try request()
    if let seeds = try allSeeds() {
      try await SeedRepeats(seeds).execute(request, console: show.console) { request, console in
        try await validation.execute(request, console: console)
      }
      return
    }
    if try validation.tellsFinished(request, console: show.console) { return }
    try await validation.execute(request, console: show.console)
  }
}
