import Foundations
import NeuralNetwork
import Reporting

/// Layers' times beside the machine's own peaks, as tables or JSON.
package struct LayerReport: Sendable {
  /// One network's rows, in the order of a step.
  package struct Table: Sendable {
    package let network: BenchmarkNetwork
    package let peak: MachinePeak
    package let rows: [LayerBenchmark.Row]
  }

  package let settings: BenchmarkSettings
  package let tables: [Table]

  /// Lines of at most 110 columns.
  package func text() -> String {
    settings.summary + tables.map { "\n" + $0.text() }.joined() + """

      asked: GFLOP/s that the convolution's definition asks for; made: those that the strategy multiplies (two
      operations a multiply-add, transforms left out); of sgemm: made ÷ square OpenBLAS products, one a thread.
      MB: activations, gradients and weights once each; of triad: MB/s ÷ the memory's in a ← b + s·c.

      """
  }

  package func json() -> JSONValue {
    .object(settings.members + [("networks", .array(tables.map { $0.json() }))])
  }
}

extension LayerBenchmark.Row {
  fileprivate func rate(_ amount: Double) -> Double? { amount > 0 ? amount / (milliseconds * 1e-3) : nil }
  fileprivate var askedRate: Double? { rate(definedGigaflop) }
  fileprivate var madeRate: Double? { rate(madeGigaflop) }
  /// GB/s.
  fileprivate var byteRate: Double? { rate(megabytes * 1e-3) }
}

extension LayerReport.Table {
  /// All rows as one step.
  private var total: LayerBenchmark.Row {
    func sum(_ value: (LayerBenchmark.Row) -> Double) -> Double { rows.reduce(0) { $0 + value($1) } }
    return LayerBenchmark.Row(
      layer: "step", pass: "", strategy: nil, milliseconds: sum(\.milliseconds),
      definedGigaflop: sum(\.definedGigaflop), madeGigaflop: sum(\.madeGigaflop), megabytes: sum(\.megabytes))
  }

  fileprivate func text() -> String {
    var table = TextTable(columns: [
      .text("layer"), .text("pass"), .text("strategy"), .number("ms"), .number("asked"), .number("made"),
      .number("of sgemm"), .number("MB"), .number("of triad"),
    ])
    for row in rows { table.add(cells(row)) }
    table.addRule()
    table.add(cells(total))
    let sgemm = NumberText.fixed(peak.gigaflops, decimals: 0)
    let triad = NumberText.fixed(peak.gigabytesPerSecond, decimals: 1)
    return "\(network.name): \(network.summary); sgemm \(sgemm) GFLOP/s, triad \(triad) GB/s\n\n"
      + table.rendered()
  }

  private func cells(_ row: LayerBenchmark.Row) -> [String] {
    func share(_ rate: Double?, _ best: Double) -> String {
      rate.map { NumberText.fixed(100 * $0 / best, decimals: 0) + " %" } ?? NumberText.missing
    }
    return [
      row.layer, row.pass, row.strategy ?? "", NumberText.fixed(row.milliseconds, decimals: 2),
      NumberText.fixed(row.askedRate, decimals: 0), NumberText.fixed(row.madeRate, decimals: 0),
      share(row.madeRate, peak.gigaflops), NumberText.fixed(row.megabytes, decimals: 1),
      share(row.byteRate, peak.gigabytesPerSecond),
    ]
  }

  fileprivate func json() -> JSONValue {
    .object([
      ("network", .string(network.name)), ("sgemm_gflops", .rounded(peak.gigaflops)),
      ("triad_gb_per_s", .rounded(peak.gigabytesPerSecond)), ("layers", .array(rows.map(json))),
    ])
  }

  private func json(_ row: LayerBenchmark.Row) -> JSONValue {
    func number(_ value: Double?) -> JSONValue { value.map { .rounded($0) } ?? .null }
    return .object([
      ("layer", .string(row.layer)), ("pass", .string(row.pass)), ("strategy", .string(row.strategy)),
      ("ms", .rounded(row.milliseconds)), ("effective_gflops", number(row.askedRate)),
      ("real_gflops", number(row.madeRate)),
      ("share_of_sgemm", number(row.madeRate.map { $0 / peak.gigaflops })),
      ("bytes", .integer(Int(row.megabytes * 1e6))), ("gb_per_s", number(row.byteRate)),
      ("share_of_triad", number(row.byteRate.map { $0 / peak.gigabytesPerSecond })),
    ])
  }
}
