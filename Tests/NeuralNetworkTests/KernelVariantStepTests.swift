import Foundations
import Kernels
import NeuralNetwork
import Tensor
import TestSupport
import Testing

/// Whole training steps on every kernel variant that this CPU runs. `UNetTests` compares the fastest one with
/// Float64 and finite differences, these compare the variants with each other.
@Suite struct KernelVariantStepTests {
  @Test(arguments: UNetTests.cases) func variantsAgree(_ item: UNetTests.Case) throws {
    var expected: StepResult?
    for kernels in KernelChoice.available {
      let found = try StepResult(item, kernels: kernels, steps: 1)
      if let expected {
        #expect(abs(found.loss - expected.loss) < 1e-5)
        #expect(relativeError(found.logits, expected.logits.map(Double.init)) < 1e-4, "\(kernels.name)")
        #expect(relativeError(found.gradients, expected.gradients.map(Double.init)) < 1e-4, "\(kernels.name)")
      }
      expected = found
    }
    let allFinite = expected?.gradients.allSatisfy(\.isFinite)
    #expect(allFinite == true)
  }

  /// The same strategies and one OpenBLAS: what is left is the kernels of AVX2 and AVX-512.
  @Test(arguments: UNetTests.cases) func widerKernelsGiveEqualBits(_ item: UNetTests.Case) throws {
    let variants = KernelChoice.available.filter { $0.name != "portable" }
    guard let first = variants.first else { return }
    let expected = try StepResult(item, kernels: first, steps: 3)
    for kernels in variants.dropFirst() {
      let found = try StepResult(item, kernels: kernels, steps: 3)
      #expect(found == expected, "\(kernels.name)")
    }
  }
}

/// What some training steps leave: the last one's loss, logits and gradients, and the weights after it.
private struct StepResult: Equatable {
  private(set) var loss = 0.0
  private(set) var logits: [Float] = []
  let gradients: [Float]
  let weights: [Float]

  init(_ item: UNetTests.Case, kernels: any KernelSet.Type, steps: Int) throws {
    let classes = item.architecture.classes
    let network = try UNet(
      item.architecture, batch: item.batch, patch: item.patch, isTraining: true, loop: .serial,
      kernels: kernels, choice: ConvolutionChoice(kernels: "avx2"))
    let parameters = FloatBuffer(network.parameters.initialValues(seed: 7))
    let gradients = FloatBuffer(count: parameters.count)
    let input = randomValues(network.inputShape.count, seed: 8)
    let targets = SupervisedTargets(network, seed: 9)
    let criterion = DiceCrossEntropy(classes: classes, kernels: kernels)
    let optimizers = [OptimizerKind.adam(weightDecay: 1e-4), .sgd(momentum: 0.9, weightDecay: 1e-4)].map {
      Optimizer($0, count: parameters.count, kernels: kernels)
    }
    for step in 0..<steps {
      network.input.update(from: input, count: input.count)
      network.forward(parameters: parameters)
      logits = Array(UnsafeBufferPointer(start: network.output, count: network.outputShape.count))
      loss = targets.evaluate(network, criterion)
      network.backward(parameters: parameters, gradients: gradients)
      optimizers[step % 2].step(parameters: parameters, gradients: gradients, rate: 0.01, loop: .serial)
    }
    self.gradients = gradients.values
    weights = parameters.values
  }
}
