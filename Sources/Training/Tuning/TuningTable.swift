import Foundation
import Foundations
import NeuralNetwork
import Tensor

/// Strategies that were measured to be the fastest, for each shape and pass of a convolution.
///
/// An explicit input of a run: strategies differ in their last bits, so its digest is part of the run's.
/// Where it says nothing the cost model decides.
package struct TuningTable: Sendable, Equatable {
  package static let schemaVersion = 1

  /// One line: the strategy of one pass of one convolution.
  package struct Entry: Sendable, Equatable {
    package let shape: ConvolutionShape
    package let pass: ConvolutionPass
    package let strategy: StrategyName
    /// What it took when the table was made; no part of the digest.
    package var milliseconds: Double?

    package init(
      shape: ConvolutionShape, pass: ConvolutionPass, strategy: StrategyName, milliseconds: Double? = nil
    ) {
      (self.shape, self.pass, self.strategy) = (shape, pass, strategy)
      self.milliseconds = milliseconds
    }
  }

  /// The kernel set that it was measured with; for another it is refused.
  package let kernels: String
  package let openblasCore: String
  /// Where it was measured; no part of the digest.
  package var cpu: String?
  package let entries: [Entry]

  package init(kernels: String, openblasCore: String, cpu: String?, entries: [Entry]) {
    (self.kernels, self.openblasCore, self.cpu, self.entries) = (kernels, openblasCore, cpu, entries)
  }

  /// The choice that networks are compiled with.
  package var choice: ConvolutionChoice {
    var table: [ConvolutionChoice.Key: StrategyName] = [:]
    for entry in entries {
      table[ConvolutionChoice.Key(shape: entry.shape, pass: entry.pass)] = entry.strategy
    }
    return ConvolutionChoice(kernels: kernels, table: table)
  }

  /// The YAML that `read` takes, with what was measured.
  package var text: String {
    "# Made by `segfed benchmark --tune`; give it to a run with --tuning.\n" + render(withMeasurements: true)
  }

  /// What the table says, lines in a fixed order and without measurements: `read` takes it too.
  package var canonicalText: String { render(withMeasurements: false) }

  /// SHA-256 of the canonical form, in hexadecimal.
  package var digest: String { Digest.sha256Hex(Data(canonicalText.utf8)) }

  /// Throws `TuningError.foreign` where the table says nothing of what the plan's training, or its sliding
  /// window, computes; `file` names the table.
  package func checkServes(_ plan: TrainingPlan, isTraining: Bool, file: String) throws {
    let batch = isTraining ? plan.batch : 1
    try checkServes(
      plan.architecture.convolutions(batch: batch, patch: plan.patchAxes, isTraining: isTraining), file: file)
  }

  /// The same for a network's convolutions.
  package func checkServes(_ convolutions: [NetworkConvolution], file: String) throws {
    let known = Set(entries.map(\.shape))
    guard convolutions.contains(where: { known.contains($0.shape) }) else {
      throw TuningError.foreign(file: file)
    }
  }

  private func render(withMeasurements: Bool) -> String {
    var lines = ["schema_version: \(Self.schemaVersion)", "kernels: \(JSONText.quoted(kernels))"]
    lines.append("openblas_core: \(JSONText.quoted(openblasCore))")
    if withMeasurements, let cpu { lines.append("cpu: \(JSONText.quoted(cpu))") }
    lines.append("entries:")
    var rows = entries.map { entry in
      "  - {"
        + entry.members(withMeasurements: withMeasurements).map { "\($0): \($1)" }.joined(separator: ", ")
        + "}"
    }
    if !withMeasurements { rows.sort() }
    return (lines + rows).joined(separator: "\n") + "\n"
  }
}

extension TuningTable.Entry {
  /// Keys and values as YAML spells them.
  fileprivate func members(withMeasurements: Bool) -> [(String, String)] {
    func list(_ axes: Axes) -> String { "[\(axes.depth), \(axes.height), \(axes.width)]" }
    var members = [
      ("batch", "\(shape.input.batch)"), ("input", list(shape.input.grid)),
      ("input_channels", "\(shape.input.channels)"), ("output_channels", "\(shape.outputChannels)"),
      ("kernel", list(shape.kernel)), ("stride", list(shape.stride)), ("padding", list(shape.padding)),
      ("pass", pass.rawValue), ("strategy", JSONText.quoted(strategy.description)),
    ]
    if withMeasurements, let milliseconds {
      members.append(("ms", "\((milliseconds * 1000).rounded() / 1000)"))
    }
    return members
  }
}
