import FederationProtocol
import Fingerprint
import Foundations
import Planning
import Reporting
import Training

/// What `segfed plan` found and decided, as tables or JSON.
package struct PlanSummary: Sendable {
  package let draft: PlanDraft
  package let cost: NetworkCost
  let speed: EngineSpeed
  package let traffic: [SiteTraffic]
  let skipped: [SkippedCount]
  let output: String

  package var stepSeconds: Double { speed.seconds(cost.multiplyAdds) }
  var statistics: DataStatistics { draft.statistics }
  var network: PlannedNetwork { draft.network }

  func text() -> String {
    var lines = [gridTable, intensityTable, labelTable, planTable].filter { !$0.isEmpty }
    let bytes = traffic.reduce(0) { $0 + $1.up }
    lines.append(
      "\(output): \(network.dimensions)D plan. The sites told \(bytes) bytes of counts and sums; no scan left a site.\n"
        + note)
    if let text = skipped.text { lines.append(text) }
    return "\n" + lines.joined(separator: "\n")
  }

  private var note: String {
    let training = stepSeconds * Double(draft.rounds * PlanDraft.localSteps)
    var lines = [
      "\(draft.rounds) rounds of \(PlanDraft.localSteps) steps take about \(ProgressLine.clock(training)) at each site on this machine."
    ]
    if draft.isCascadeCase {
      lines.append(
        "A patch covers \(Self.number(100 * draft.coverage, 1)) % of a typical scan: nnU-Net would add a network at a lower "
          + "resolution and a cascade; segfed has none.")
    }
    return lines.joined(separator: "\n")
  }

  private var gridTable: String {
    var table = TextTable(columns: [
      .text("\(statistics.cases) cases"), .text("x"), .text("y"), .text("z"),
    ])
    func range(_ counts: ValueCounts, unit: Double, decimals: Int) -> String {
      guard let least = counts.least, let largest = counts.largest,
        let median = counts.percentile(50, unit: unit)
      else { return NumberText.missing }
      func text(_ value: Double) -> String { Self.number(value, decimals) }
      let middle = text(median)
      return least == largest
        ? middle : "\(middle) (\(text(Double(least) / unit))–\(text(Double(largest) / unit)))"
    }
    func add(_ title: String, _ counts: AxisCounts, unit: Double, decimals: Int) {
      table.add([title] + [counts.x, counts.y, counts.z].map { range($0, unit: unit, decimals: decimals) })
    }
    if draft.spacing != nil {
      add("voxel mm, median (range)", statistics.micrometres, unit: 1000, decimals: 3)
    }
    add("voxels after cropping", statistics.sizes, unit: 1, decimals: 1)
    if let spacing = draft.spacing {
      let size = draft.medianSize
      table.add(["target voxel mm"] + [spacing.x, spacing.y, spacing.z].map { Self.number($0, 3) })
      table.add(["typical voxels there"] + [size.x, size.y, size.z].map { Self.number($0, 1) })
    }
    return table.rendered()
      + "The crop keeps \(Self.number(100 * statistics.medianCroppedShare, 0)) % of a scan (median).\n"
  }

  private var intensityTable: String {
    let summaries = statistics.intensities.map { ($0.contrast, $0.summary) }
    var table = TextTable(columns: [
      .text("intensity in labels"), .number("mean"), .number("deviation"), .number("median"),
      .number("0.5 %"),
      .number("99.5 %"),
    ])
    for (contrast, summary) in summaries {
      guard let summary else { continue }
      let values = [
        summary.mean, summary.deviation, summary.median, summary.lowPercentile, summary.highPercentile,
      ]
      table.add([contrast] + values.map { Self.number($0, 1) })
    }
    return table.rendered()
  }

  private var labelTable: String {
    var table = TextTable(columns: [
      .text("label"), .number("cases"), .number("ml, mean"), .number("deviation"),
    ])
    for label in statistics.labels {
      let name = draft.labels.first { $0.value == label.value }?.name ?? "\(label.value)"
      let isMeasured = label.millilitres > 0
      table.add([
        "\(label.value) \(name)", "\(label.cases)",
        NumberText.fixed(isMeasured ? label.mean : nil, decimals: 1),
        NumberText.fixed(isMeasured ? label.deviation : nil, decimals: 1),
      ])
    }
    return table.rendered()
  }

  private var planTable: String {
    var table = TextTable(columns: [.text("plan"), .text("")])
    table.add(["budget", draft.budget])
    let widths = network.widths.map(String.init).joined(separator: " ")
    table.add(["patch, batch", "\(Self.text(network.patch)), \(network.batch)"])
    table.add(["network", "\(network.encoder.rawValue), \(network.stages) stages, widths \(widths)"])
    table.add(["strides", network.strides.map(Self.text).joined(separator: " ")])
    table.add(["kernels", network.kernels.map(Self.text).joined(separator: " ")])
    table.add(["memory", ByteCount.text(cost.memory)])
    table.add([
      "step", "about \(Self.number(stepSeconds, 2)) s at \(Self.number(speed.gigaflops, 0)) GFLOP/s",
    ])
    return table.rendered()
  }

  private static func number(_ value: Double, _ decimals: Int) -> String {
    NumberText.fixed(value, decimals: decimals)
  }

  private static func text(_ axes: SIMD3<Int>) -> String { "\(axes.x)×\(axes.y)×\(axes.z)" }
}
