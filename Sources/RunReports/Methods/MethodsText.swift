import Coordinator
import Experiment
import Foundations
import Harmonization
import Site
import Training

/// A paragraph for a paper's methods section, made of what was run, with the publications that it names.
struct MethodsText {
  let text: String
  let references: [Reference]

  init(_ run: RecordedRun) {
    var draft = Draft(run)
    draft.data()
    draft.network()
    draft.training()
    draft.federation()
    draft.evaluation()
    text = draft.sentences.joined(separator: " ")
    references = draft.references
  }

  /// Sentences and publications as they come.
  private struct Draft {
    let run: RecordedRun
    var sentences: [String] = []
    var references: [Reference] = []

    init(_ run: RecordedRun) { self.run = run }

    private var plan: TrainingPlan { run.configuration.plan }

    /// `(McMahan et al. 2017)`, remembered.
    private mutating func cite(_ cited: Reference...) -> String {
      for reference in cited where !references.contains(reference) { references.append(reference) }
      return "(" + cited.map(\.short).joined(separator: "; ") + ")"
    }

    mutating func data() {
      let sites = run.configuration.sites.count
      let parts = run.parts.values.reduce(into: [String: Int]()) { $0.merge($1, uniquingKeysWith: +) }
      let counts = ["training", "validation", "test"].compactMap { part in
        parts[part].map { "\($0) for \(part)" }
      }
      let cases =
        counts.isEmpty
        ? ""
        : ", whose cases were split by case (seed \(run.configuration.seed)) into \(counts.joined(separator: ", "))"
      sentences.append("Data came from \(sites) site\(sites == 1 ? "" : "s")\(cases).")
      var steps = ["turned to RAS"]
      if let spacing = plan.spacing {
        let size = spacing.map { Number.fixed($0, 2) }.joined(separator: " × ")
        steps.append("resampled to \(size) mm (\(plan.harmonisation.interpolation.rawValue))")
      }
      if plan.harmonisation.biasField == .n4 {
        steps.append("corrected for bias fields by N4 \(cite(References.n4))")
      }
      switch plan.harmonisation.intensity {
      case .zScore: steps.append("normalised to zero mean and unit deviation within the brain")
      case .minMax: steps.append("scaled to their range within the brain")
      case .atlas:
        steps.append(
          "mapped to an intensity atlas that the sites agreed on without sharing a scan \(cite(References.atlas))"
        )
      case .whiteStripe: steps.append("normalised by their white stripe \(cite(References.whiteStripe))")
      case .fuzzyCMeans:
        steps.append("normalised by white matter found by fuzzy c-means \(cite(References.fuzzy))")
      case .none: break
      }
      sentences.append("Scans (\(plan.contrasts.joined(separator: ", "))) were \(Self.list(steps)).")
    }

    mutating func network() {
      let network = plan.architecture
      let size = plan.patch.prefix(plan.dimensions).map(String.init).joined(separator: " × ")
      let base =
        plan.dimensions == 3
        ? cite(References.unet3D, References.nnUNet) : cite(References.unet, References.nnUNet)
      let kind: String = if case .residual = network.encoder { "residual encoder" } else { "plain encoder" }
      sentences.append(
        "A \(plan.dimensions)D U-Net \(base) with a \(kind), \(network.widths.count) stages of \(network.widths.map(String.init).joined(separator: ", ")) "
          + "feature maps, instance normalisation and leaky ReLU\(network.deepSupervision ? ", deep supervision" : "") "
          + "(\(Number.count(run.configuration.plan.tensorRanges.reduce(0) { $0 + $1.count })) parameters) was trained on patches of \(size) voxels, "
          + "\(plan.batch) a batch, with the sum of Dice loss and cross-entropy \(cite(References.dice)).")
    }

    mutating func training() {
      let optimizer = plan.optimizer
      let name: String
      switch optimizer.name {
      case .sgd:
        name =
          optimizer.momentum > 0
          ? "stochastic gradient descent with Nesterov momentum \(optimizer.momentum)"
          : "stochastic gradient descent"
      case .adam: name = "Adam \(cite(References.adam))"
      case .adamw: name = "AdamW \(cite(References.adamW))"
      }
      let decay = optimizer.weightDecay > 0 ? ", weight decay \(optimizer.weightDecay)" : ""
      sentences.append(
        "It was optimised by \(name) (learning rate \(optimizer.learningRate), \(optimizer.schedule.rawValue) schedule\(decay)); "
          + "\(Number.fixed(100 * plan.foregroundOversampling, 0)) % of the patches were centred on a labelled voxel."
      )
    }

    mutating func federation() {
      let configuration = run.configuration
      let work =
        configuration.localEpochs.map { "\($0) local epoch\($0 == 1 ? "" : "s")" }
        ?? "\(configuration.localSteps ?? plan.localSteps) local steps"
      switch configuration.mode {
      case .federated:
        let strategy = configuration.strategy ?? .fedAvg
        let paper = References.strategy(strategy.descriptor).map { " " + cite($0) } ?? ""
        let codec = configuration.codecs.map { " Messages were coded as \($0)." } ?? ""
        sentences.append(
          "Sites trained \(work) in each of \(run.rounds.count) rounds; their updates became one model by \(strategy)\(paper). No scan left its site.\(codec)"
        )
      case .centralised:
        sentences.append(
          "The model was trained on all sites' pooled cases, \(run.rounds.count) rounds of \(work) a site.")
      case .local:
        sentences.append(
          "Each site trained a model on its own cases alone, \(run.rounds.count) rounds of \(work).")
      }
    }

    mutating func evaluation() {
      guard let metrics = run.metrics else { return }
      let rules = metrics.rules.map { " by the rules of \($0)" } ?? ""
      sentences.append(
        "The \(metrics.model) was tested on \(metrics.overall.cases) cases that took no part in training, in each scan's own grid; Dice and other metrics "
          + "\(cite(References.metrics)) were computed\(rules). 95 % intervals are bias-corrected and accelerated bootstrap intervals \(cite(References.bca)) in which "
          + "whole sites are drawn \(cite(References.clusters)).")
      if run.contribution != nil {
        sentences.append(
          "Contributions of sites are Shapley values of each round's gain \(cite(References.shapley)).")
      }
      let numerics = run.configuration.numerics
      sentences.append(
        "Training and inference ran on CPUs with segfed \(Release.version) (\(numerics.kernels) kernels, OpenBLAS \(numerics.openblasVersion))."
      )
    }

    private static func list(_ parts: [String]) -> String {
      parts.count < 2
        ? parts.joined() : parts.dropLast().joined(separator: ", ") + " and " + parts[parts.count - 1]
    }
  }
}
