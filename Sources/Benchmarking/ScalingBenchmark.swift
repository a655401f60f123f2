import Foundations
import Reporting

/// How much faster a training step is on all threads than on one, beside how much faster `sgemm` is.
package struct ScalingBenchmark {
  /// One network's times.
  package struct Row: Sendable {
    package let network: BenchmarkNetwork
    package let one: TimeSamples
    package let all: TimeSamples
    package let productsOfOne: TimeSamples
    package let productsOfAll: TimeSamples
    package let threads: Int

    /// Wall time on one thread over that on all.
    package var step: Double { one.wallMedian / all.wallMedian }
    /// The same for products: all threads compute as many products as there are threads.
    package var products: Double { Double(threads) * productsOfOne.wallMedian / productsOfAll.wallMedian }
  }

  private let settings: BenchmarkSettings

  package init(_ settings: BenchmarkSettings) {
    self.settings = settings
  }

  /// Throws `NetworkError`, `BenchmarkError.loss` and `StoppedByUser`.
  package func run(_ networks: [BenchmarkNetwork]) throws -> ScalingReport {
    let progress = ProgressLine("timing", total: networks.count, quiet: settings.isQuiet)
    defer { progress.finish() }
    let rows = try networks.map { network in
      defer { progress.advance(note: network.name) }
      return try measure(network)
    }
    return ScalingReport(settings: settings, rows: rows)
  }

  /// One thread and all in turn: a shared machine's speed drifts.
  private func measure(_ network: BenchmarkNetwork) throws -> Row {
    func benchmark(_ loop: ParallelLoop) throws -> StepBenchmark {
      try StepBenchmark(network, isTraining: true, loop: loop, choice: settings.choice)
    }
    let (one, all) = (try benchmark(.serial), try benchmark(settings.loop))
    let single = Products(threads: 1)
    let several = Products(threads: settings.threads)
    var times = (one: TimeSamples(), all: TimeSamples(), single: TimeSamples(), several: TimeSamples())
    for _ in 0..<(settings.warmup ?? network.warmup) {
      try settings.checkInterruption()
      try one.checkedStep()
      try all.checkedStep()
    }
    for _ in 0..<(settings.repetitions ?? network.repetitions) {
      try settings.checkInterruption()
      try times.one.time { try one.checkedStep() }
      try times.all.time { try all.checkedStep() }
      for _ in 0..<8 {
        times.single.time { _ = single.seconds(.serial) }
        times.several.time { _ = several.seconds(settings.loop) }
      }
    }
    return Row(
      network: network, one: times.one, all: times.all, productsOfOne: times.single,
      productsOfAll: times.several, threads: settings.threads)
  }
}

/// Scaling as a table or JSON.
package struct ScalingReport: Sendable {
  package let settings: BenchmarkSettings
  package let rows: [ScalingBenchmark.Row]

  package func text() -> String {
    let threads = "\(settings.threads) thread\(settings.threads == 1 ? "" : "s")"
    var table = TextTable(columns: [
      .text("network"), .number("1 thread ms"), .number("\(threads) ms"), .number("step ×"),
      .number("sgemm ×"),
      .number("of sgemm's"),
    ])
    for row in rows {
      table.add([
        row.network.name, NumberText.fixed(row.one.wallMedian, decimals: 1),
        NumberText.fixed(row.all.wallMedian, decimals: 1), NumberText.fixed(row.step, decimals: 2),
        NumberText.fixed(row.products, decimals: 2), NumberText.fixed(row.step / row.products, decimals: 2),
      ])
    }
    return settings.summary + "\n" + table.rendered()
      + "\nMedians of steps in turn; ×: so many times faster.\n"
  }

  package func json() -> JSONValue {
    .object(
      settings.members + [
        (
          "scaling",
          .array(
            rows.map { row in
              .object([
                ("network", .string(row.network.name)), ("one_thread", row.one.json),
                ("all_threads", row.all.json), ("step_ratio", .rounded(row.step)),
                ("sgemm_ratio", .rounded(row.products)),
                ("share_of_sgemm_ratio", .rounded(row.step / row.products)),
              ])
            })
        )
      ])
  }
}
