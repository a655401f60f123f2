import Foundations
import NeuralNetwork
import Reporting

/// Times each pass of each layer within whole training steps, beside what the machine can do at best.
package struct LayerBenchmark {
  /// One pass of one layer.
  package struct Row: Sendable {
    package let layer: String
    /// `forward`, `input gradient`, `weight gradient`, `backward` or `update`.
    package let pass: String
    package let strategy: String?
    /// Median over steps.
    package let milliseconds: Double
    /// 10⁹ operations that the definition asks for, and that the layer's products make: two a multiply-add.
    package let definedGigaflop: Double
    package let madeGigaflop: Double
    /// 10⁶ bytes that must move at least: activations, gradients and weights once each.
    package let megabytes: Double
  }

  private let settings: BenchmarkSettings

  package init(_ settings: BenchmarkSettings) {
    self.settings = settings
  }

  /// Throws `NetworkError`, `BenchmarkError.loss` and `StoppedByUser`.
  package func run(_ networks: [BenchmarkNetwork]) throws -> LayerReport {
    let progress = ProgressLine("timing", total: networks.count, quiet: settings.isQuiet)
    defer { progress.finish() }
    let tables = try networks.map { network in
      // Beside each network anew: a shared machine's speed drifts.
      let peak = MachinePeak.measure(settings.loop)
      let rows = try rows(network)
      progress.advance(note: network.name)
      return LayerReport.Table(network: network, peak: peak, rows: rows)
    }
    return LayerReport(settings: settings, tables: tables)
  }

  private struct Key: Hashable {
    let layer: String
    let pass: ConvolutionPass
  }

  private func rows(_ network: BenchmarkNetwork) throws -> [Row] {
    let benchmark = try StepBenchmark(
      network, isTraining: true, loop: settings.loop, choice: settings.choice)
    for _ in 0..<(settings.warmup ?? network.warmup) {
      try settings.checkInterruption()
      try benchmark.checkedStep()
    }
    var order: [Key] = []
    var times: [Key: [Double]] = [:]
    for _ in 0..<(settings.repetitions ?? network.repetitions) {
      try settings.checkInterruption()
      var watch = Stopwatch()
      try benchmark.checkedStep { layer, pass in
        let key = Key(layer: layer, pass: pass)
        if times[key] == nil { order.append(key) }
        times[key, default: []].append(1000 * watch.seconds)
        watch = Stopwatch()
      }
    }
    let work = benchmark.work
    return order.compactMap { key in
      // A pass that nobody asks for, such as the first layer's input gradient, has no work.
      guard let item = work.first(where: { $0.layer == key.layer && $0.pass == key.pass }) else { return nil }
      return Row(
        layer: key.layer, pass: item.title, strategy: item.strategy,
        milliseconds: TimeSamples.median(times[key] ?? []),
        definedGigaflop: 2e-9 * Double(item.definedMultiplyAdds),
        madeGigaflop: 2e-9 * Double(item.madeMultiplyAdds), megabytes: 1e-6 * Double(item.bytes))
    }
  }
}

extension LayerWork {
  fileprivate var title: String {
    isWholeBackward ? "backward" : layer == StepBenchmark.optimizerLayer ? "update" : pass.rawValue
  }
}
