import Fingerprint
import Reporting

extension PlanSummary {
  /// What was found and decided, for scripts.
  func json() -> JSONValue { .object(gridMembers + networkMembers + costMembers + contentMembers) }

  private var gridMembers: [(String, JSONValue)] {
    [
      ("plan", JSONValue.string(output)), ("cases", .integer(statistics.cases)),
      ("median_spacing", axes(statistics.medianSpacing)), ("median_size", axes(statistics.medianSize)),
      ("median_cropped_share", rounded(statistics.medianCroppedShare)),
      ("spacing", axes(draft.spacing)), ("median_size_at_spacing", axes(draft.medianSize)),
    ]
  }

  private var networkMembers: [(String, JSONValue)] {
    [
      ("dimensions", JSONValue.integer(network.dimensions)), ("patch", integers(network.patch)),
      ("batch", .integer(network.batch)), ("encoder", .string(network.encoder.rawValue)),
      ("widths", integers(network.widths)), ("strides", .array(network.strides.map { integers($0) })),
      ("kernels", .array(network.kernels.map { integers($0) })), ("blocks", integers(network.blocks)),
      ("rounds", .integer(draft.rounds)),
    ]
  }

  private var costMembers: [(String, JSONValue)] {
    let (up, down) = (traffic.reduce(0) { $0 + $1.up }, traffic.reduce(0) { $0 + $1.down })
    return [
      ("memory_bytes", JSONValue.integer(cost.memory)), ("step_seconds", rounded(stepSeconds)),
      ("gigaflops", rounded(speed.gigaflops)), ("up_bytes", .integer(up)), ("down_bytes", .integer(down)),
    ]
  }

  private var contentMembers: [(String, JSONValue)] {
    [
      ("intensities", JSONValue.array(statistics.intensities.map(intensity))),
      ("labels", JSONValue.array(statistics.labels.map(label))),
    ]
  }

  private func intensity(_ statistics: IntensityStatistics) -> JSONValue {
    let summary = statistics.summary
    let members: [(String, JSONValue)] = [
      ("contrast", JSONValue.string(statistics.contrast)), ("mean", rounded(summary?.mean)),
      ("std", rounded(summary?.deviation)), ("min", rounded(summary?.least)),
      ("percentile_00_5", rounded(summary?.lowPercentile)), ("median", rounded(summary?.median)),
      ("percentile_99_5", rounded(summary?.highPercentile)), ("max", rounded(summary?.largest)),
    ]
    return .object(members)
  }

  private func label(_ label: LabelVolumes) -> JSONValue {
    let members: [(String, JSONValue)] = [
      ("value", JSONValue.integer(Int(label.value))), ("cases", .integer(label.cases)),
      ("mean_millilitres", rounded(label.mean)), ("deviation_millilitres", rounded(label.deviation)),
    ]
    return .object(members)
  }

  private func rounded(_ value: Double?) -> JSONValue {
    guard let value else { return .null }
    return JSONValue.number((value * 1000).rounded() / 1000)
  }

  private func integers(_ values: [Int]) -> JSONValue { .array(values.map { JSONValue.integer($0) }) }

  private func integers(_ value: SIMD3<Int>) -> JSONValue { integers([value.x, value.y, value.z]) }

  private func axes(_ value: SIMD3<Double>?) -> JSONValue {
    guard let value else { return .null }
    return .array([value.x, value.y, value.z].map { rounded($0) })
  }
}
