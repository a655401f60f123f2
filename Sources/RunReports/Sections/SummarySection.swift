import Coordinator
import Experiment
import Foundations
import Pages

/// The head of a report: question, answer, and what it takes to repeat the run.
struct SummarySection {
  private let run: RecordedRun

  init(_ run: RecordedRun) { self.run = run }

  /// The answer in one sentence, with its interval; what there is to say of a run that is not over.
  var answer: String {
    guard let metrics = run.metrics else {
      let done = run.rounds.count
      let rounds = run.configuration.rounds
      let last = run.rounds.last?.validation.meanOfSiteMeans.map {
        "; validation Dice \(Number.dice($0)) (mean over sites and regions)"
      }
      return run.state == .goingOn
        ? "The run is going on: \(done) of \(rounds) rounds are over\(last ?? "")."
        : "The run was stopped or killed: \(done) of \(rounds) rounds are over\(last ?? ""). Nothing was tested yet."
    }
    guard let scores = run.scores, !scores.siteMeans.isEmpty else {
      return "No test case has a score: their label maps are missing, or every region is empty."
    }
    let means = scores.siteMeans
    let worst = means.min { $0.dice < $1.dice }
    let end =
      means.count > 1
      ? worst.map { "; the worst site, \(Name.inSentence($0.site)), \(Number.dice($0.dice))" } ?? "" : ""
    return
      "\(way) reaches a Dice of \(scores.sentence), mean over \(means.count) site\(means.count == 1 ? "" : "s") and "
      + "\(run.regions.count) region\(run.regions.count == 1 ? "" : "s") of \(metrics.overall.cases) test cases\(end)."
  }

  /// What was done, as a sentence begins.
  private var way: String {
    let configuration = run.configuration
    let sites = configuration.sites.count
    switch configuration.mode {
    case .federated:
      return
        "Federated training (\(strategy)) of \(sites) site\(sites == 1 ? "" : "s") over \(run.rounds.count) round\(run.rounds.count == 1 ? "" : "s")"
    case .centralised: return "Training on the pooled cases of \(sites) sites"
    case .local: return "Training at each of \(sites) sites alone"
    }
  }

  var strategy: String { (run.configuration.strategy ?? .fedAvg).description }

  var section: Page.Section {
    var blocks: [Page.Block] = []
    switch run.state {
    case .finished: break
    case .goingOn:
      blocks.append(
        .notice(
          "This run is still going on. What follows is how far it has come; test scores come at its end."))
    case .cutOff:
      blocks.append(
        .notice(
          "This run did not come to its end, and no process works on it. The same command with --resume goes on with it."
        ))
    }
    blocks += run.faults.map { .notice($0) }
    blocks.append(.facts(facts))
    if let session = run.history?.sessions.first {
      blocks.append(.code(RepeatingCommand(words: session.command).text, label: "The command that was given"))
    }
    blocks.append(
      .code(RepeatingCommand(run).text, label: "The command that repeats it, every setting spelled out"))
    return Page.Section(id: "summary", title: "What was done", blocks: blocks)
  }

  private var facts: [Page.Fact] {
    let configuration = run.configuration
    let numerics = configuration.numerics
    var facts = [
      Page.Fact("Question", question), Page.Fact("Mode", configuration.mode.rawValue),
      Page.Fact("Sites", "\(configuration.sites.count): \(Self.list(configuration.sites))"),
      Page.Fact("Plan", configuration.plan.name),
      Page.Fact("Rounds", "\(run.rounds.count) of \(configuration.rounds)"),
      Page.Fact("Work in a round", work),
      Page.Fact("Seed", "\(configuration.seed)"),
      Page.Fact("Study digest (SHA-256)", configuration.study ?? "no study"),
      Page.Fact("Configuration digest (SHA-256)", Digest.hex(configuration.digest)),
      Page.Fact(
        "Numerics",
        "\(numerics.kernels) kernels, OpenBLAS \(numerics.openblasVersion) (\(numerics.openblasCore))"),
    ]
    if configuration.mode == .federated {
      facts.insert(Page.Fact("Strategy", strategy), at: 2)
      facts.insert(
        Page.Fact("Codecs", configuration.codecs.map(String.init(describing:)) ?? "fp32, both ways"), at: 3)
    }
    if let site = configuration.holdOut { facts.append(Page.Fact("Held-out site", site)) }
    if let digest = run.rounds.last?.modelDigest, !digest.isEmpty {
      facts.append(Page.Fact("Model digest (SHA-256)", digest))
    }
    if run.state == .goingOn, let left = try? RunStatus(RunFolder(path: run.path)).secondsLeft {
      facts.append(Page.Fact("Time left", "about \(ProgressLine.clock(left))"))
    }
    let seconds = run.rounds.flatMap(\.sites).reduce(0) { $0 + $1.seconds }
    facts.append(Page.Fact("Training time, summed over sites", ProgressLine.clock(seconds)))
    return facts + sessions
  }

  /// The study's, or what a run without one asks.
  private var question: String {
    run.history?.sessions.compactMap(\.question).first
      ?? "How well does a model segment \(run.regions.joined(separator: ", ")) "
      + (run.configuration.mode == .local
        ? "where each site trains alone?"
        : run.configuration.mode == .centralised
          ? "that is trained on all sites' pooled cases?" : "that the sites train without sharing a scan?")
  }

  /// Who worked on it, where that is known.
  private var sessions: [Page.Fact] {
    guard let history = run.history, let first = history.sessions.first else { return [] }
    let machines = history.sessions.map(\.machine).reduce(into: [String]()) {
      if !$0.contains($1) { $0.append($1) }
    }
    return [
      Page.Fact("Machine", machines.joined(separator: "; ")),
      Page.Fact("Threads", "\(first.threads)"),
      Page.Fact("segfed", first.version), Page.Fact("Started", first.started),
      Page.Fact(
        "Wall time, cases read",
        history.seconds.map(ProgressLine.clock) ?? "not known: a process was killed, or works still"),
      Page.Fact("Processes", "\(history.sessions.count)"),
    ]
  }

  private var work: String {
    let configuration = run.configuration
    if let epochs = configuration.localEpochs {
      return "\(epochs) epoch\(epochs == 1 ? "" : "s") at each site"
    }
    let steps = configuration.localSteps ?? configuration.plan.localSteps
    return "\(steps) step\(steps == 1 ? "" : "s") at each site"
  }

  private static func list(_ names: [String]) -> String {
    names.count <= 12
      ? names.map(Name.inSentence).joined(separator: ", ")
      : names.prefix(10).map(Name.inSentence).joined(separator: ", ") + " and \(names.count - 10) more"
  }
}
