import Reporting

/// What the input pipeline costs, as a table or JSON.
package struct InputReport: Sendable {
  package let settings: BenchmarkSettings
  package let augmentation: String
  package let rows: [InputBenchmark.Row]

  package func text() -> String {
    var table = TextTable(columns: [
      .text("network"), .number("bare ms"), .number("CPU ms"), .number("with input ms"), .number("CPU ms"),
      .number("throughput"), .number("batch CPU ms"),
    ])
    for row in rows {
      let times = [
        row.bare.wallMedian, row.bare.processorMedian, row.piped.wallMedian, row.piped.processorMedian,
      ]
      table.add(
        [row.network.name] + times.map { NumberText.fixed($0, decimals: 1) }
          + [
            NumberText.fixed(100 * row.throughput, decimals: 1) + " %",
            NumberText.fixed(row.batchMilliseconds, decimals: 1),
          ])
    }
    return settings.summary + "\n" + table.rendered()
      + "\nMedians of blocks of steps in turn; input: augmentation \(augmentation) of cached cases of "
      + "240×240×155×4.\n"
  }

  package func json() -> JSONValue {
    .object(
      settings.members + [
        ("augmentation", .string(augmentation)),
        (
          "input",
          .array(
            rows.map { row in
              .object([
                ("network", .string(row.network.name)), ("bare", row.bare.json),
                ("with_input", row.piped.json), ("throughput", .rounded(row.throughput)),
                ("batch_cpu_ms", .rounded(row.batchMilliseconds)),
              ])
            })
        ),
      ])
  }
}
