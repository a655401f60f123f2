import Foundation
import Foundations
import NeuralNetwork
import Reporting
import Tensor
import Training

/// What tuning found.
package struct TuningReport: Sendable {
  /// One pass of one convolution.
  package struct Row: Sendable {
    package let layer: String
    package let shape: ConvolutionShape
    package let pass: ConvolutionPass
    /// What the cost model chooses.
    package let modelled: StrategyName
    /// By modelled cost.
    package let times: [(strategy: StrategyName, milliseconds: Double)]

    package init(
      layer: String, shape: ConvolutionShape, pass: ConvolutionPass, modelled: StrategyName,
      times: [(strategy: StrategyName, milliseconds: Double)]
    ) {
      (self.layer, self.shape, self.pass) = (layer, shape, pass)
      (self.modelled, self.times) = (modelled, times)
    }

    package var modelledTime: Double { times.first { $0.strategy == modelled }?.milliseconds ?? .nan }

    /// The fastest; the cost model's choice where it is within 3 % of it, since times waver.
    package var best: (strategy: StrategyName, milliseconds: Double) {
      var best = times[0]
      for time in times.dropFirst() where time.milliseconds < best.milliseconds { best = time }
      return modelledTime <= 1.03 * best.milliseconds ? (modelled, modelledTime) : best
    }
  }

  package let settings: BenchmarkSettings
  package let rows: [Row]

  package var table: TuningTable {
    TuningTable(
      kernels: settings.numerics.kernels, openblasCore: settings.numerics.openblasCore,
      cpu: MachineDescription.current.cpu,
      entries: rows.map { row in
        TuningTable.Entry(
          shape: row.shape, pass: row.pass, strategy: row.best.strategy, milliseconds: row.best.milliseconds)
      })
  }

  /// Finds out before the work whether the table can be written. Throws `FileError`.
  package static func checkAvailable(_ path: String, force: Bool) throws {
    if FileManager.default.fileExists(atPath: path) && !force { throw FileError.alreadyExists(path: path) }
    try OutputCheck.writable(path)
  }

  /// Writes the table, atomically. Throws `FileError.notWritable`.
  package func write(to path: String) throws { try AtomicFile.write(table.text, to: path) }

  /// Lines of at most 110 columns.
  package func text() -> String {
    var table = TextTable(columns: [
      .text("layer"), .number("batch"), .text("pass"), .text("model's choice"), .number("ms"),
      .text("fastest"), .number("ms"),
    ])
    for row in rows {
      table.add([
        row.layer, "\(row.shape.input.batch)", row.pass.rawValue, row.modelled.description,
        NumberText.fixed(row.modelledTime, decimals: 3),
        row.best.strategy.description, NumberText.fixed(row.best.milliseconds, decimals: 3),
      ])
    }
    table.addRule()
    table.add([
      "sum", "", "", "", NumberText.fixed(rows.reduce(0) { $0 + $1.modelledTime }, decimals: 3), "",
      NumberText.fixed(rows.reduce(0) { $0 + $1.best.milliseconds }, decimals: 3),
    ])
    return settings.summary + "\n" + table.rendered() + "\nEach shape once; least of the repetitions.\n"
  }

  package func json() -> JSONValue {
    .object(
      settings.members + [("table_digest", .string(table.digest)), ("convolutions", .array(rows.map(json)))])
  }

  private func json(_ row: Row) -> JSONValue {
    .object([
      ("layer", .string(row.layer)), ("batch", .integer(row.shape.input.batch)),
      ("pass", .string(row.pass.rawValue)),
      ("model", .string(row.modelled.description)), ("fastest", .string(row.best.strategy.description)),
      (
        "strategies",
        .array(
          row.times.map {
            .object([("strategy", .string($0.strategy.description)), ("ms", .rounded($0.milliseconds))])
          })
      ),
    ])
  }
}
