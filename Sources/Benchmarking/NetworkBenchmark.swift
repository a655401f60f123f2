import Foundations
import NeuralNetwork
import Reporting

/// Times a network's training step and its inference, and takes the step's peak memory.
package struct NetworkBenchmark {
  /// What is timed.
  package enum Passes: Sendable { case both, step, inference }

  /// One network's figures.
  package struct Result: Sendable {
    package let network: BenchmarkNetwork
    package let parameters: Int
    package let step: TimeSamples?
    package let inference: TimeSamples?
    /// Peak resident memory of the step, or of inference where no step was timed; nil where the system does
    /// not tell.
    package let peakBytes: Int?
    /// What of it was there before the network.
    package let baselineBytes: Int?
    package let stealPercent: Double
  }

  private let settings: BenchmarkSettings
  private let passes: Passes

  package init(_ settings: BenchmarkSettings, passes: Passes) {
    self.settings = settings
    self.passes = passes
  }

  /// Throws `NetworkError`, `BenchmarkError.loss` and `StoppedByUser`.
  package func run(_ networks: [BenchmarkNetwork]) throws -> BenchmarkReport {
    let progress = ProgressLine("timing", total: networks.count, quiet: settings.isQuiet)
    defer { progress.finish() }
    var results: [Result] = []
    for network in networks {
      results.append(try measure(network, isFirst: results.isEmpty))
      progress.advance(note: network.name)
    }
    return BenchmarkReport(settings: settings, results: results)
  }

  private func measure(_ network: BenchmarkNetwork, isFirst: Bool) throws -> Result {
    // Without a new peak the memory of one network would count for the next.
    let isOwnPeak = PeakMemory.reset() || isFirst
    let baseline = PeakMemory.bytes
    let ticks = ProcessorTicks()
    var parameters = 0
    var peak: Int?
    // One after the other: each function's network is gone when it returns.
    var step: TimeSamples?
    if passes != .inference { step = try timeStep(network, parameters: &parameters, peak: &peak) }
    var inference: TimeSamples?
    if passes != .step { inference = try timeInference(network, parameters: &parameters, peak: &peak) }
    return Result(
      network: network, parameters: parameters, step: step, inference: inference,
      peakBytes: isOwnPeak ? peak : nil, baselineBytes: isOwnPeak ? baseline : nil,
      stealPercent: ProcessorTicks().stealPercent(since: ticks))
  }

  private func timeStep(
    _ network: BenchmarkNetwork, parameters: inout Int, peak: inout Int?
  ) throws -> TimeSamples {
    let benchmark = try StepBenchmark(
      network, isTraining: true, loop: settings.loop, choice: settings.choice)
    let samples = try times(network) { try benchmark.checkedStep() }
    parameters = benchmark.network.parameters.count
    peak = PeakMemory.bytes
    return samples
  }

  private func timeInference(
    _ network: BenchmarkNetwork, parameters: inout Int, peak: inout Int?
  ) throws -> TimeSamples {
    let benchmark = try StepBenchmark(
      network, isTraining: false, loop: settings.loop, choice: settings.choice)
    let samples = try times(network) { benchmark.infer() }
    parameters = benchmark.network.parameters.count
    peak = peak ?? PeakMemory.bytes
    return samples
  }

  private func times(_ network: BenchmarkNetwork, _ work: () throws -> Void) throws -> TimeSamples {
    for _ in 0..<(settings.warmup ?? network.warmup) {
      try settings.checkInterruption()
      try work()
    }
    var samples = TimeSamples()
    for _ in 0..<(settings.repetitions ?? network.repetitions) {
      try settings.checkInterruption()
      try samples.time(work)
    }
    return samples
  }
}

extension StepBenchmark {
  /// A step that computed nothing of use must not count as a fast one. Throws `BenchmarkError.loss`.
  func checkedStep(observer: StepObserver? = nil) throws {
    let loss = step(observer: observer)
    guard loss.isFinite else { throw BenchmarkError.loss(network: item.name, found: loss) }
  }
}
