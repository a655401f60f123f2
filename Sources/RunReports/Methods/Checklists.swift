import Experiment
import Foundations

/// Items of reporting guidelines that a run can fill; the rest is the authors'.
struct Checklists {
  struct Item {
    let number: String
    let topic: String
    let answer: String
  }

  private let run: RecordedRun

  init(_ run: RecordedRun) { self.run = run }

  /// CLAIM (Mongan et al. 2020), by its numbers; the update of 2024 has the same topics under other numbers.
  var claim: [Item] {
    let configuration = run.configuration
    let plan = configuration.plan
    var items = [
      Item(
        number: "7", topic: "Data sources",
        answer: "\(configuration.sites.count) sites, each with its own scans; none left its site."),
      Item(number: "9", topic: "Data preprocessing", answer: harmonisation),
      Item(number: "14", topic: "Definition of the reference standard", answer: labels),
      Item(number: "20", topic: "How data were assigned to partitions", answer: split),
      Item(
        number: "21", topic: "Level at which partitions are disjoint",
        answer: "Case; the same scan in two parts, by content, is refused."),
      Item(
        number: "22", topic: "Description of the model",
        answer:
          "\(plan.dimensions)D U-Net, plan \(plan.name), inputs \(plan.contrasts.joined(separator: ", ")), outputs by \(plan.targets.rawValue)."
      ),
      Item(
        number: "23", topic: "Software and frameworks",
        answer: "segfed \(Release.version), OpenBLAS \(configuration.numerics.openblasVersion)."),
      Item(
        number: "24", topic: "Initialization of parameters",
        answer: configuration.initialModel == nil
          ? "Random, from seed \(configuration.seed)."
          : "From an earlier model (SHA-256 of its weights: \(configuration.initialDigest ?? "unknown"))."),
      Item(
        number: "25", topic: "Training approach",
        answer: "See the methods paragraph; every hyperparameter stands in config.yaml."),
      Item(
        number: "26", topic: "Method of selecting the final model",
        answer: configuration.modelChoice == "last"
          ? "The last round's model." : "The round that is best on the sites' validation cases."),
    ]
    guard let metrics = run.metrics else { return items }
    items += [
      Item(
        number: "28", topic: "Metrics of performance",
        answer: metrics.diceConvention + (metrics.rules.map { "; \($0)" } ?? "") + "."),
      Item(
        number: "29", topic: "Statistical measures of significance and uncertainty",
        answer: "95 % BCa bootstrap intervals, whole sites drawn."),
      Item(
        number: "32", topic: "Validation or testing on external data",
        answer: configuration.holdOut.map { "\($0) took no part in training and was tested." }
          ?? (configuration.test == nil
            ? "None: test cases are the sites' own, kept from training."
            : "A test set that lies apart and was read at the end.")),
      Item(number: "33", topic: "Flow of cases", answer: flow),
      Item(
        number: "35", topic: "Performance on all data partitions",
        answer: "Validation by round and test by site: sections Learning and Outcome."),
      Item(number: "36", topic: "Estimates of performance and their precision", answer: precision(metrics)),
    ]
    return items
  }

  /// TRIPOD+AI (Collins et al. 2024), by its numbers.
  var tripod: [Item] {
    let configuration = run.configuration
    var items = [
      Item(
        number: "5a", topic: "Sources of data",
        answer:
          "\(configuration.sites.count) sites' scans of \(configuration.plan.contrasts.joined(separator: ", "))."
      ),
      Item(number: "7", topic: "Data preparation", answer: harmonisation),
      Item(number: "8a", topic: "Outcome that is predicted", answer: labels),
      Item(number: "12a", topic: "How the data were used", answer: split),
      Item(
        number: "12c", topic: "Type of model, building, internal validation",
        answer:
          "\(configuration.plan.dimensions)D U-Net, plan \(configuration.plan.name); validation at every site after each round."
      ),
      Item(
        number: "12d", topic: "Heterogeneity across clusters",
        answer: "Scores of every site, worst site, range, deviation and Gini: section Outcome."),
      Item(
        number: "22", topic: "Full model",
        answer: "coordinator/model.safetensors; segfed export writes it for other tools."),
    ]
    guard let metrics = run.metrics else { return items }
    items += [
      Item(
        number: "12e", topic: "Measures of performance",
        answer:
          "Dice and \(max(0, (metrics.overall.metrics?.values.first?.count ?? 1) - 1)) other metrics, by site."
      ),
      Item(number: "20a", topic: "Flow of participants", answer: flow),
      Item(number: "21", topic: "Numbers in each analysis", answer: flow),
      Item(number: "23a", topic: "Performance with confidence intervals", answer: precision(metrics)),
    ]
    return items.sorted { Self.order($0.number) < Self.order($1.number) }
  }

  private static func order(_ number: String) -> String {
    let digits = number.prefix { $0.isNumber }
    return String(repeating: "0", count: max(0, 3 - digits.count)) + number
  }

  private var harmonisation: String {
    let plan = run.configuration.plan
    let spacing = plan.spacing.map { "; \($0.map { Number.fixed($0, 2) }.joined(separator: " × ")) mm" } ?? ""
    return
      "RAS; \(plan.harmonisation.interpolation.rawValue) resampling\(spacing); bias field \(plan.harmonisation.biasField.rawValue); intensity "
      + "\(plan.harmonisation.intensity.rawValue)."
  }

  private var labels: String {
    let plan = run.configuration.plan
    let regions = plan.regions.map { "\($0.name) = \($0.labels.map { "\($0)" }.joined(separator: " + "))" }
    return
      "Labels \(plan.labels.filter { $0.value != 0 }.map { "\($0.value) \($0.name)" }.joined(separator: ", ")); regions \(regions.joined(separator: ", "))."
  }

  private var split: String {
    let split = run.configuration.plan.split
    return
      "By case within each site, from seed \(run.configuration.seed): \(Number.fixed(100 * split.validation, 0)) % validation, "
      + "\(Number.fixed(100 * split.test, 0)) % test, the rest training."
  }

  private var flow: String {
    let parts = run.parts.values.reduce(into: [String: Int]()) { $0.merge($1, uniquingKeysWith: +) }
    let skipped = run.metrics?.skipped.values.reduce(0, +) ?? 0
    let used = ["training", "validation", "test"].compactMap { part in parts[part].map { "\($0) \(part)" } }
    return used.isEmpty
      ? "Counts lie at the sites."
      : used.joined(separator: ", ") + (skipped > 0 ? "; \(skipped) left out for a fault" : "") + "."
  }

  private func precision(_ metrics: RecordedMetrics) -> String {
    metrics.regions(inOrderOf: run.regions).compactMap { region -> String? in
      guard let dice = metrics.overall.dice[region] ?? nil else { return nil }
      let interval = metrics.overall.statistics?[region]?.overCases
      let sure = interval.flatMap { $0.count == 2 ? " (95 % \(Number.interval($0[0], $0[1])))" : nil } ?? ""
      return "\(region) \(Number.dice(dice))\(sure)"
    }.joined(separator: ", ") + "."
  }
}
