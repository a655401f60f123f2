import ArgumentParser
import Experiment

struct TrainCommand: AsyncParsableCommand, ComputingOptionsCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a U-Net across sites; print Dice per site and what the wire carried.",
    discussion: """
      Examples:
        segfed train --data SampleData --output runs/demo
        segfed train --data SampleData --output runs/pooled --mode centralised
        segfed train --data SampleData --output runs/unseen --hold-out-site birch
        segfed train --data SampleData --output runs/demo --resume
        segfed train --transport folder:drive --plan plan.yaml --output runs/apart
      """)

  @OptionGroup var options: TrainingOptions
  var computing: ComputingOptions { options.computing }

  @Option(name: .long, help: "Train without this site and test on all of its cases.")
  var holdOutSite: String?

  func validate() throws {
    if holdOutSite != nil && options.mode == .local {
      throw ValidationError(
        "--hold-out-site and --mode local exclude each other: a site's own model is not trained without it.")
    }
  }

  func run() async throws {
    var request = try options.request()
    request.holdOut = holdOutSite
    if try TrainingRun.tellsFinished(request, console: options.show.console) { return }
    try await TrainingRun.execute(request, console: options.show.console)
  }
}

struct LosoCommand: AsyncParsableCommand, ComputingOptionsCommand {
  static let configuration = CommandConfiguration(
    commandName: "loso",
    abstract: "Leave one site out: train without each site in turn and test on it.",
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
    let request = try options.request()
    if try LeaveOneSiteOut.tellsFinished(request, console: options.show.console) { return }
    try await LeaveOneSiteOut.execute(request, console: options.show.console)
  }
}
