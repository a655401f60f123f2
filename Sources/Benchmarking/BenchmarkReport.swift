import Foundations
import NeuralNetwork
import Reporting

/// Figures of whole networks, as a table or as the JSON that `Benchmarks/peers/compare.py` reads.
package struct BenchmarkReport: Sendable {
  package let settings: BenchmarkSettings
  package let results: [NetworkBenchmark.Result]

  /// Lines of at most 110 columns.
  package func text() -> String {
    var table = TextTable(columns: [
      .text("network"), .number("parameters"), .number("step ms"), .number("minimum"), .number("CPU ms"),
      .number("inference ms"), .number("minimum"), .number("CPU ms"), .number("peak MB"),
    ])
    for result in results {
      table.add(
        [result.network.name, "\(result.parameters)"] + cells(result.step) + cells(result.inference)
          + [NumberText.fixed(result.peakBytes.map { Double($0) / 1e6 }, decimals: 0)])
    }
    var lines = settings.summary + "\n" + table.rendered() + "\n"
    for result in results { lines += "\(result.network.name): \(result.network.summary)\n" }
    lines +=
      "Medians. CPU ms adds the threads up. Peak is the step's resident memory, the program included.\n"
    let stolen = results.map(\.stealPercent).max() ?? 0
    if stolen >= 5 { lines += "The host took up to \(stolen) % of the CPU time: compare with care.\n" }
    return lines
  }

  private func cells(_ samples: TimeSamples?) -> [String] {
    [samples?.wallMedian, samples?.wallMinimum, samples?.processorMedian].map {
      NumberText.fixed($0, decimals: 1)
    }
  }

  package func json() -> JSONValue {
    .object(settings.members + [("results", .array(results.map(json)))])
  }

  private func json(_ result: NetworkBenchmark.Result) -> JSONValue {
    var members: [(String, JSONValue)] = [
      ("network", .string(result.network.name)), ("precision", .string("fp32")),
      ("mode", .string(settings.numerics.mode.rawValue)),
      ("memory_format", .string("channels_last")), ("parameters", .integer(result.parameters)),
    ]
    if let step = result.step { members.append(("step", step.json)) }
    if let inference = result.inference { members.append(("inference", inference.json)) }
    return .object(
      members + [
        ("peak_bytes", result.peakBytes.map { .integer($0) } ?? .null),
        ("baseline_bytes", result.baselineBytes.map { .integer($0) } ?? .null),
        ("steal_percent", .number(result.stealPercent)),
      ])
  }
}
