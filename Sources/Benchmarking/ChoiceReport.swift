import Foundations
import NeuralNetwork
import Reporting

/// Which strategy computes each pass of each convolution, from which candidates and by what; nothing is run.
package struct ChoiceReport: Sendable {
  /// One pass of one convolution.
  package struct Row: Sendable {
    package let layer: String
    package let shape: ConvolutionShape
    package let pass: ConvolutionPass
    package let decision: ConvolutionChoice.Decision
  }

  package let settings: BenchmarkSettings
  package let networks: [(network: BenchmarkNetwork, rows: [Row])]

  /// Throws `NetworkError`.
  package init(_ settings: BenchmarkSettings, networks: [BenchmarkNetwork]) throws {
    self.settings = settings
    self.networks = try networks.map { network in
      let rows = try network.convolutions().flatMap { convolution in
        convolution.passes.map { pass in
          Row(
            layer: convolution.layer, shape: convolution.shape, pass: pass,
            decision: settings.choice.decision(convolution.shape, pass))
        }
      }
      return (network, rows)
    }
  }

  /// Lines of at most 110 columns.
  package func text() -> String {
    var text = settings.summary
    for (network, rows) in networks {
      text += "\n\(network.name): \(network.summary)\n"
      for row in rows {
        if row.pass == .forward { text += "\n\(row.layer): \(row.shape.summary)\n" }
        text += row.text
      }
    }
    return text + """

      The first strategy of each list computes the pass: by least modelled cost (model), from --tuning (table) or by
      --strategy (override). Costs are in million cycles of one core, from shape and kernels alone.

      """
  }

  package func json() -> JSONValue {
    .object(
      settings.members + [
        (
          "networks",
          .array(
            networks.map { network, rows in
              .object([("network", .string(network.name)), ("convolutions", .array(rows.map(\.json)))])
            })
        )
      ])
  }
}

extension ConvolutionShape {
  /// Such as `4 × 1×192×192×4 → 32, kernel 1×3×3, stride 1×1×1`.
  fileprivate var summary: String {
    "\(input.batch) × \(input.grid)×\(input.channels) → \(outputChannels), kernel \(kernel), stride \(stride)"
  }
}

extension ChoiceReport.Row {
  private typealias Candidate = (strategy: StrategyName, cycles: Double)

  /// The chosen one, then the others by their cost, the earlier in the engine's list first among equals.
  private var ranked: [Candidate] {
    let others = decision.candidates.filter { $0.strategy != decision.strategy }
    let order = others.indices.sorted { (others[$0].cycles, $0) < (others[$1].cycles, $1) }
    return decision.candidates.filter { $0.strategy == decision.strategy } + order.map { others[$0] }
  }

  /// The pass, the chosen strategy and why, then the candidates, wrapped.
  fileprivate var text: String {
    let indent = String(repeating: " ", count: 18)
    var lines = ["  \(pass.rawValue)".padding(to: 18)]
    let words = ranked.enumerated().map { index, candidate in
      let cost = NumberText.fixed(candidate.cycles * 1e-6, decimals: 2)
      return "\(candidate.strategy) \(cost)" + (index == 0 ? " (\(decision.reason.rawValue))" : "")
    }
    for (index, word) in words.enumerated() {
      let piece = word + (index + 1 < words.count ? "," : "")
      if lines[lines.count - 1].count + piece.count + 1 > 110 { lines.append(indent) }
      let isStart = lines[lines.count - 1].count <= 18
      lines[lines.count - 1] += (isStart ? "" : " ") + piece
    }
    return lines.map { $0 + "\n" }.joined()
  }

  fileprivate var json: JSONValue {
    func numbers(_ values: [Int]) -> JSONValue { .array(values.map { .integer($0) }) }
    let input = shape.input
    return .object([
      ("layer", .string(layer)), ("pass", .string(pass.rawValue)),
      ("input", numbers([input.batch, input.depth, input.height, input.width, input.channels])),
      ("output_channels", .integer(shape.outputChannels)),
      ("kernel", numbers([shape.kernel.depth, shape.kernel.height, shape.kernel.width])),
      ("stride", numbers([shape.stride.depth, shape.stride.height, shape.stride.width])),
      ("strategy", .string(decision.strategy.description)), ("reason", .string(decision.reason.rawValue)),
      (
        "candidates",
        .array(
          ranked.map {
            .object([
              ("strategy", .string($0.strategy.description)), ("megacycles", .rounded($0.cycles * 1e-6)),
            ])
          })
      ),
    ])
  }
}

extension String {
  /// Spaces behind, up to a width.
  fileprivate func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
