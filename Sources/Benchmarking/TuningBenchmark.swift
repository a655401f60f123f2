import Foundations
import NeuralNetwork

/// Times every serving strategy of every shape and pass of networks, and keeps the fastest in a table.
package struct TuningBenchmark {
  private let settings: BenchmarkSettings

  package init(_ settings: BenchmarkSettings) {
    self.settings = settings
  }

  /// The plain reference is left out. Throws `NetworkError` and `StoppedByUser`.
  package func run(_ networks: [BenchmarkNetwork]) throws -> TuningReport {
    let shapes = try Self.shapes(networks)
    let progress = ProgressLine(
      "timing strategies", total: shapes.reduce(0) { $0 + $1.passes.count }, quiet: settings.isQuiet)
    defer { progress.finish() }
    var rows: [TuningReport.Row] = []
    for item in shapes {
      let timing = StrategyTiming(item.shape, loop: settings.loop)
      for pass in item.passes {
        rows.append(try fastest(item.layer, item.shape, pass, timing))
        progress.advance(note: "\(item.layer), \(pass.rawValue)")
      }
    }
    return TuningReport(settings: settings, rows: rows)
  }

  private struct Shape {
    let layer: String
    let shape: ConvolutionShape
    var passes: [ConvolutionPass]
  }

  /// Each shape once, with all passes that any network makes of it: those of training, and of a sliding
  /// window, which is one patch at a time.
  private static func shapes(_ networks: [BenchmarkNetwork]) throws -> [Shape] {
    var shapes: [Shape] = []
    for network in networks {
      let window = try network.architecture.convolutions(batch: 1, patch: network.patch, isTraining: false)
      for item in try network.convolutions() + window {
        if let index = shapes.firstIndex(where: { $0.shape == item.shape }) {
          let new = item.passes.filter { !shapes[index].passes.contains($0) }
          shapes[index].passes += new
        } else {
          shapes.append(
            Shape(layer: "\(network.name) \(item.layer)", shape: item.shape, passes: item.passes))
        }
      }
    }
    // The input gradient last: it writes what the others read.
    for index in shapes.indices {
      shapes[index].passes = [.forward, .weightGradient, .inputGradient].filter(shapes[index].passes.contains)
    }
    return shapes
  }

  private func fastest(
    _ layer: String, _ shape: ConvolutionShape, _ pass: ConvolutionPass, _ timing: StrategyTiming
  ) throws -> TuningReport.Row {
    let decision = ConvolutionChoice(kernels: settings.choice.kernels).decision(shape, pass)
    let candidates = decision.candidates.filter { $0.strategy != .reference }
    // The cheapest by the model first: what is slower by far is then given up after one try.
    let order = candidates.indices.sorted { (candidates[$0].cycles, $0) < (candidates[$1].cycles, $1) }
    var times: [(strategy: StrategyName, milliseconds: Double)] = []
    var best = Double.infinity
    for index in order {
      try settings.checkInterruption()
      let time = timing.milliseconds(
        pass, candidates[index].strategy, repetitions: settings.repetitions ?? 5, best: best)
      times.append((candidates[index].strategy, time))
      best = min(best, time)
    }
    return TuningReport.Row(layer: layer, shape: shape, pass: pass, modelled: decision.strategy, times: times)
  }
}
