import Adversary
import ArgumentParser
import Coordinator
import Experiment

extension Weighting: ExpressibleByArgument {}

/// How a federation's rounds go.
struct FederationOptions: ParsableArguments {
  @Option(
    name: .long,
    help: "What a site's update weighs: cases, voxels, equal or inverse-loss. (default: cases)")
  var weights: Weighting?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Sites that train in a round: all, fraction:0.5 (drawn), weighted:0.5 (those with more cases more likely). (default: all)",
      valueName: "which"), completion: .list(["all", "fraction:0.5", "weighted:0.5"]))
  var participation: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "How weights are made small on their way, both ways, such as delta+topk:fraction=0.01+int4+entropy; segfed codecs lists all. "
        + "(default: fp32)", valueName: "chain"), completion: .codec)
  var codec: String?

  @Option(
    name: .long, help: ArgumentHelp("The same to the sites alone.", valueName: "chain"), completion: .codec)
  var codecDown: String?

  @Option(
    name: .long, help: ArgumentHelp("The same from the sites alone.", valueName: "chain"), completion: .codec)
  var codecUp: String?

  @Option(
    name: .long, help: "The fewest sites that a round is made of; with fewer the run ends. (default: 1)")
  var minimumSites: Int?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Seconds that a site may take for a request, from when its own work starts; a site that is late is left out of the round.",
      valueName: "seconds"))
  var deadline: Double?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Folder with cases of the coordinator's own: fltrust trains on them, and updates that are looked at are tried on them.",
      valueName: "path"), completion: .data)
  var coordinatorData: String?

  @Flag(
    name: .long, help: "Tell of updates that stand out, also where the strategy does not look at single ones."
  )
  var screen = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Ask a site no more once its updates were suspected in so many rounds, such as 3, and in half of those it was in; implies --screen.",
      valueName: "rounds"))
  var excludeAfter: Int?

  @Option(
    name: .long,
    help: "Sites that work at the same time, threads divided among them; changes no result. (default: 1)")
  var sitesAtOnce: Int?

  @Flag(name: .long, help: "Keep every round's updates in the run folder, for segfed contribution.")
  var keepUpdates = false

  @Option(
    name: .long,
    help: "Steps that each site fine-tunes the last model to its own cases before it is tested there.")
  var fineTuneSteps: Int?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "For research on robust aggregation: what some of the sites do to the others, such as signflip:sites=2; segfed strategies "
        + "lists all.", valueName: "attack"), completion: .attack)
  var attack: String?

  /// An option that was given and that only a federation has.
  var given: String? {
    if weights != nil { return "--weights" }
    if participation != nil { return "--participation" }
    if codec != nil { return "--codec" }
    if codecDown != nil { return "--codec-down" }
    if codecUp != nil { return "--codec-up" }
    if minimumSites != nil { return "--minimum-sites" }
    if deadline != nil { return "--deadline" }
    if coordinatorData != nil { return "--coordinator-data" }
    if screen { return "--screen" }
    if excludeAfter != nil { return "--exclude-after" }
    if sitesAtOnce != nil { return "--sites-at-once" }
    if keepUpdates { return "--keep-updates" }
    if fineTuneSteps != nil { return "--fine-tune-steps" }
    if attack != nil { return "--attack" }
    return nil
  }

  /// An option that was given and that a study says.
  var givenOfStudy: String? {
    if weights != nil { return "--weights" }
    if participation != nil { return "--participation" }
    if codec != nil { return "--codec" }
    if codecDown != nil { return "--codec-down" }
    return codecUp != nil ? "--codec-up" : nil
  }

  func validate() throws {
    if let participation, Participation(participation) == nil {
      throw ValidationError("--participation: found \(participation), expected \(Participation.spellings).")
    }
    for (name, value) in [
      ("--minimum-sites", minimumSites), ("--sites-at-once", sitesAtOnce),
      ("--fine-tune-steps", fineTuneSteps), ("--exclude-after", excludeAfter),
    ] {
      guard let value, value < 1 || value > 1_000_000 else { continue }
      throw ValidationError("\(name): found \(value), expected 1 to 1000000.")
    }
    if let deadline, !(deadline > 0 && deadline <= 1e8) {
      throw ValidationError("--deadline: found \(deadline), expected seconds above 0, up to 1e8.")
    }
  }

  /// Throws `AttackError`, `CodecError`.
  func apply(to request: inout RunRequest) throws {
    // As a grid's file has it.
    request.attack = try attack == "none" ? nil : attack.map { try AttackChoice($0) }
    request.codecs = try CodecPair(down: codecDown ?? codec, up: codecUp ?? codec)
    request.weighting = weights ?? .cases
    request.participation = participation.flatMap { Participation($0) } ?? .all
    request.minimumSites = minimumSites ?? 1
    request.deadline = deadline
    request.sitesAtOnce = sitesAtOnce ?? 1
    request.rootData = coordinatorData
    request.screensUpdates = screen
    request.excludeAfter = excludeAfter
    request.fineTuneSteps = fineTuneSteps
    request.keepsUpdates = keepUpdates
  }
}
