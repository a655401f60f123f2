import Foundations

extension PlanDraft {
  /// The plan as a file that a person reads and changes, with where each number comes from.
  package func yaml() -> String {
    ([
      "# Made by segfed plan from \(statistics.cases) cases, by nnU-Net's rules within \(budget). Change what you like:",
      "# segfed train --plan reads it, and says what cannot be.", "schema_version: 2",
      "name: \(Self.quoted(name))",
      "dimensions: \(network.dimensions)",
    ] + dataLines + gridLines + networkLines + recipeLines).map { $0 + "\n" }.joined()
  }

  private var dataLines: [String] {
    ["contrasts: [\(statistics.contrasts.map(Self.quoted).joined(separator: ", "))]", "labels:"]
      + labels.map { "  - {value: \($0.value), name: \(Self.quoted($0.name))}" + volume(of: $0.value) }
      + ["regions: # what is scored"] + regions.map { "  - " + $0 } + [
        "targets: \(trainsRegions ? "regions" : "labels") # "
          + (trainsRegions
            ? "a sigmoid for each region, since the data set names regions; or labels, one softmax"
            : "one softmax over the labels; or regions, a sigmoid for each")
      ]
  }

  private func volume(of value: UInt16) -> String {
    guard let label = statistics.labels.first(where: { $0.value == value }) else {
      return value == 0 ? "" : " # in no case"
    }
    let share = " # in \(label.cases) of \(statistics.cases) cases"
    return label.millilitres > 0
      ? share + ", \(Self.text(label.mean, 1)) ± \(Self.text(label.deviation, 1)) ml" : share
  }

  private var gridLines: [String] {
    var lines: [String] = []
    if let spacing {
      let median = statistics.medianSpacing ?? spacing
      let isMedian = (0..<3).allSatisfy { abs(spacing[$0] - median[$0]) < 1e-9 }
      let rule =
        isMedian
        ? "the median of the cases"
        : "the median of the cases; along the coarse axis, which has few voxels too, the 10th percentile (median \(Self.text(median.max(), 3)))"
      lines.append(
        "spacing: \(Self.list((0..<3).map { spacing[$0] }, decimals: 5)) # mm along x, y, z: \(rule)")
    }
    let isCT = statistics.contrasts.contains { $0.lowercased() == "ct" }
    lines += ["harmonisation:", "  intensity: z-score # of each scan, inside its nonzero mask"]
    if isCT {
      lines.append(
        "  clip: [0.5, 99.5] # CT: percentiles of each scan (nnU-Net takes those of all scans' foreground)")
    }
    let cut =
      coverage >= 1
      ? "the typical size, rounded up to what the strides divide"
      : "cut where it is longest beside the typical size until the network fits the budget"
    lines += [
      "patch: \(Self.list(network.patch)) # voxels along x, y, z of the typical \(Self.text(medianSize)): \(cut)",
      "batch: \(network.batch) # at least 2; as many as fit the budget and 5 % of the data's voxels",
    ]
    return lines
  }

  private var networkLines: [String] {
    let most = network.dimensions == 2 ? 512 : 320
    var lines = [
      "network:",
      "  encoder: \(network.encoder.rawValue) # plain or residual (then with blocks_per_stage)",
      "  widths: \(Self.list(network.widths)) # feature maps per stage: doubled from the first, at most \(most)",
      "  strides: # x, y, z into each stage: an axis is halved while 4 voxels stay and it is not twice as coarse as the finest",
    ]
    lines += network.strides.map { "    - \(Self.list($0))" }
    lines.append(
      "  kernels: # x, y, z of each stage: 1 along an axis until the others are within twice its spacing")
    lines += network.kernels.map { "    - \(Self.list($0))" }
    switch network.encoder {
    case .plain: lines.append("  convolutions_per_stage: \(network.decoderConvolutions)")
    case .residual:
      lines += [
        "  convolutions_per_stage: \(network.decoderConvolutions) # of the decoder",
        "  blocks_per_stage: \(Self.list(network.blocks)) # of the encoder",
      ]
    }
    lines.append("  deep_supervision: true")
    return lines
  }

  /// nnU-Net's training, whatever the data.
  private var recipeLines: [String] {
    [
      "optimizer: # from here on nnU-Net's recipe",
      "  name: sgd", "  learning_rate: 0.01", "  weight_decay: 3.0e-5", "  momentum: 0.99 # Nesterov",
      "foreground_oversampling: 0.33",
      "mirror: [\(network.dimensions == 2 ? "x, y" : "x, y, z")] # leave out x where left and right differ in kind",
      "augmentation: nnunet",
      "rounds: \(rounds) # nnU-Net: \(Self.mostRounds) epochs",
      "local_steps: \(Self.localSteps) # batches of each site in a round",
      "split: # shares of each site's cases that are kept from training", "  validation: 0.15",
      "  test: 0.25",
    ]
  }

  static func quoted(_ text: String) -> String { JSONText.quoted(text) }

  static func list(_ values: [Int]) -> String { "[\(values.map(String.init).joined(separator: ", "))]" }

  static func list(_ axes: SIMD3<Int>) -> String { list([axes.x, axes.y, axes.z]) }

  static func list(_ values: [Double], decimals: Int) -> String {
    "[\(values.map { text($0, decimals) }.joined(separator: ", "))]"
  }

  private static func text(_ size: SIMD3<Double>) -> String {
    (0..<3).map { text(size[$0], 1) }.joined(separator: "×")
  }

  /// At most so many decimals, without zeros at the end.
  static func text(_ value: Double, _ decimals: Int) -> String {
    let scale = (0..<decimals).reduce(1.0) { power, _ in power * 10 }
    let rounded = (value * scale).rounded() / scale
    return rounded == rounded.rounded() && abs(rounded) < 1e15 ? "\(Int(rounded))" : "\(rounded)"
  }
}
