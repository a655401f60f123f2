import Experiment

/// A command as it is typed: `segfed train` with the options that a run's configuration has and that are not the default.
struct RepeatingCommand {
  let text: String

  /// Words as a shell takes them.
  init(words: [String]) { text = words.map(Self.quoted).joined(separator: " ") }

  init(_ run: RecordedRun) {
    let configuration = run.configuration
    var words = ["segfed", "train"]
    func add(_ option: String, _ value: String?) {
      if let value { words += ["--\(option)", Self.quoted(value)] }
    }
    add("data", configuration.data.isEmpty ? nil : configuration.data)
    add("layout", configuration.layout)
    add("split", configuration.partition)
    add("plan", configuration.plan.name)
    if configuration.mode != .federated { add("mode", configuration.mode.rawValue) }
    add("strategy", configuration.strategy?.description)
    add("attack", configuration.attack.map(String.init(describing:)))
    add("weights", configuration.weights)
    add("participation", configuration.participation)
    add("minimum-sites", configuration.minimumSites.map(String.init))
    add("deadline", configuration.deadlineSeconds.map { "\($0)" })
    if let codecs = configuration.codecs {
      let (down, up) = ("\(codecs.down)", "\(codecs.up)")
      if down == up {
        add("codec", down)
      } else {
        add("codec-down", down)
        add("codec-up", up)
      }
    }
    add("rounds", "\(configuration.rounds)")
    add("local-steps", configuration.localSteps.map(String.init))
    add("local-epochs", configuration.localEpochs.map(String.init))
    if configuration.modelChoice != "last" { add("model-choice", configuration.modelChoice) }
    if configuration.keepOptimizerState { words.append("--keep-optimizer-state") }
    if configuration.screensUpdates == true { words.append("--screen") }
    add("exclude-after", configuration.excludeAfter.map(String.init))
    add("fine-tune-steps", configuration.fineTuneSteps.map(String.init))
    add("coordinator-data", configuration.rootData)
    add("test", configuration.test)
    add("hold-out", configuration.holdOut)
    add("init", configuration.initialModel)
    add("seed", "\(configuration.seed)")
    add("output", "repeated")
    text = words.joined(separator: " ")
  }

  /// As a shell takes it for one word.
  private static func quoted(_ word: String) -> String {
    let plain = word.unicodeScalars.allSatisfy {
      ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
        || "-_./:=+,@%".unicodeScalars.contains($0)
    }
    return plain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }
}
