import Foundations
import NeuralNetwork
import Tensor
import Testing

/// Features that a network keeps: against the parameters' gradients, which follow from them, and in every mode alike.
@Suite struct FeatureTapTests {
  static let cases = [UNetTests.cases[2], UNetTests.cases[3], UNetTests.cases[5]]

  private static func names(_ architecture: UNetArchitecture) -> [String] {
    let stages = architecture.widths.indices
    return stages.map { "encoder.\($0)" } + stages.dropLast().map { "decoder.\($0)" }
  }

  /// A stage's last norm has ∂L/∂shift = Σ over voxels of ∂L/∂feature, times the slope where the feature is negative.
  @Test(arguments: cases) func gradientsAddUpToThoseOfTheShift(_ item: UNetTests.Case) throws {
    let names = Self.names(item.architecture)
    let step = try TappedStep(item, taps: names)
    #expect(step.network.taps.map(\.name) == names)
    for tap in step.network.taps {
      let gradient = try #require(tap.gradient)
      let shift = try #require(Self.lastShift(tap.name, step.network.parameters))
      #expect(shift.count == tap.shape.channels)
      var sums = [Double](repeating: 0, count: shift.count)
      for i in 0..<tap.shape.count {
        sums[i % shift.count] += Double(gradient[i]) * (tap.values[i] < 0 ? 0.01 : 1)
      }
      let found = Array(step.gradients.values[shift.offset..<shift.offset + shift.count])
      #expect(relativeError(found, sums) < 1e-4, "\(tap.name)")
    }
  }

  /// The shift of the norm that a stage ends with: a residual block's, that of its second convolution.
  private static func lastShift(_ stage: String, _ layout: ParameterLayout) -> ParameterLayout.Entry? {
    layout.entries.last {
      $0.name.hasPrefix(stage + ".") && $0.name.hasSuffix("norm.bias") && !$0.name.contains("skip")
    }
  }

  /// The finest logits are the head's weights times the last feature.
  @Test(arguments: cases) func theHeadReadsTheLastFeature(_ item: UNetTests.Case) throws {
    let step = try TappedStep(item, taps: ["decoder.0"])
    let tap = step.network.taps[0]
    let entries = step.network.parameters.entries
    let weights = try #require(entries.first { $0.name == "head.weight" })
    let bias = try #require(entries.first { $0.name == "head.bias" })
    let (classes, values) = (item.architecture.classes, step.parameters.values)
    var expected: [Double] = []
    for row in 0..<tap.shape.rows {
      for c in 0..<classes {
        expected.append(
          (0..<tap.shape.channels).reduce(Double(values[bias.offset + c])) { sum, i in
            sum + Double(tap.values[row * tap.shape.channels + i])
              * Double(values[weights.offset + i * classes + c])
          })
      }
    }
    #expect(tap.step == .one && relativeError(step.logits, expected) < 1e-5)
  }

  /// Nothing else changes a bit; recomputed layers and inference keep the same features.
  @Test(arguments: cases) func keepingChangesNothing(_ item: UNetTests.Case) throws {
    let names = Array(Self.names(item.architecture).reversed())
    let plain = try TappedStep(item, taps: [])
    let step = try TappedStep(item, taps: names)
    #expect(step.logits == plain.logits && step.gradients.values == plain.gradients.values)
    let below = try TappedStep(item, taps: names, ceiling: step.network.memory.total - 1)
    #expect(!below.network.recomputed.isEmpty)
    #expect(below.features == step.features && below.gradients.values == step.gradients.values)
    let inference = try TappedStep(item, taps: names, isTraining: false)
    #expect(inference.network.taps.allSatisfy { $0.gradient == nil })
    #expect(inference.features == step.features.map { [$0[0]] })
  }

  @Test func stepsAreTold() throws {
    let step = try TappedStep(UNetTests.cases[3], taps: ["encoder.3", "decoder.1"])
    #expect(step.network.taps.map(\.step) == [Axes(2, 8, 4), Axes(1, 2, 2)])
    #expect(step.network.taps.map(\.shape.grid) == [Axes(2, 2, 2), Axes(4, 8, 4)])
  }

  @Test func unknownStagesAreRefused() {
    for name in ["encoder.4", "decoder.3", "encoder.0.0", ""] {
      let known = Self.names(UNetTests.anisotropic)
      #expect(throws: NetworkError.tap(found: name, known: known)) {
        try TappedStep(UNetTests.cases[3], taps: [name])
      }
    }
  }
}

/// A forward pass, and in training a backward pass from random gradients, with features kept.
private struct TappedStep {
  let network: UNet
  let parameters: FloatBuffer
  let gradients: FloatBuffer
  let logits: [Float]
  /// Values and gradient of each feature.
  let features: [[[Float]]]

  init(
    _ item: UNetTests.Case, taps: [String], ceiling: Int? = nil, isTraining: Bool = true
  ) throws {
    network = try UNet(
      item.architecture, batch: item.batch, patch: item.patch, isTraining: isTraining, loop: .serial,
      options: NetworkOptions(memoryCeiling: ceiling, taps: taps))
    var values = network.parameters.initialValues(seed: 7)
    let noise = randomValues(values.count, seed: 8)
    for i in values.indices { values[i] += 0.1 * noise[i] }
    parameters = FloatBuffer(values)
    gradients = FloatBuffer(count: values.count)
    let input = randomValues(network.inputShape.count, seed: 3, mean: 0.5)
    network.input.update(from: input, count: input.count)
    network.forward(parameters: parameters)
    logits = Array(UnsafeBufferPointer(start: network.output, count: network.outputShape.count))
    if isTraining {
      for output in network.outputs {
        let seed = randomValues(output.shape.count, seed: 4)
        output.gradient.update(from: seed, count: seed.count)
      }
      network.backward(parameters: parameters, gradients: gradients)
    }
    features = network.taps.map { tap in
      [tap.values, tap.gradient].compactMap { start in
        start.map { Array(UnsafeBufferPointer(start: $0, count: tap.shape.count)) }
      }
    }
  }
}
