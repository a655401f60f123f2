import Benchmarking
import Foundations
import NeuralNetwork
import Tensor
import Testing

struct TimingTests {
  @Test func medianIsTheMiddle() {
    #expect(TimeSamples.median([3, 1, 2]) == 2)
    #expect(TimeSamples.median([4, 1, 3, 2]) == 2.5)
    #expect(TimeSamples.median([7]) == 7)
    #expect(TimeSamples.median([]).isNaN)
  }

  /// A busy wait of 5 ms takes 5 ms of wall time, and as much CPU time as the host gives.
  @Test func bothClocksRun() {
    var samples = TimeSamples()
    for _ in 0..<3 {
      samples.time {
        let watch = Stopwatch()
        while watch.seconds < 0.005 {}
      }
    }
    #expect(samples.wall.count == 3 && samples.wallMinimum >= 5 && samples.wallMedian >= samples.wallMinimum)
    #expect(samples.processorMedian > 0)
  }

  @Test func everyStrategyIsTimed() {
    let shape = ConvolutionShape(
      input: TensorShape(batch: 1, depth: 1, height: 8, width: 8, channels: 4), outputChannels: 6,
      kernel: Axes(1, 3, 3), padding: Axes(0, 1, 1))
    let timing = StrategyTiming(shape, loop: ParallelLoop(threads: 2))
    for pass in [ConvolutionPass.forward, .weightGradient, .inputGradient] {
      for candidate in ConvolutionChoice().candidates(shape, pass) {
        let time = timing.milliseconds(pass, candidate.strategy, repetitions: 2)
        #expect(time > 0 && time < 10_000, "\(candidate.strategy)")
      }
    }
  }

  private func row(_ times: [(StrategyName, Double)]) -> TuningReport.Row {
    let shape = ConvolutionShape(
      input: TensorShape(batch: 1, depth: 1, height: 8, width: 8, channels: 4), outputChannels: 6,
      kernel: .one, padding: Axes(0, 0, 0))
    return TuningReport.Row(
      layer: "head", shape: shape, pass: .forward, modelled: .gather,
      times: times.map { (strategy: $0.0, milliseconds: $0.1) })
  }

  @Test func tuningKeepsTheModelsChoiceAmongEquals() {
    #expect(row([(.gather, 1.02), (.direct, 1)]).best.strategy == .gather)
    #expect(row([(.gather, 1.1), (.direct, 1)]).best.strategy == .direct)
    #expect(row([(.direct, 3), (.gather, 2)]).best.milliseconds == 2)
  }
}
