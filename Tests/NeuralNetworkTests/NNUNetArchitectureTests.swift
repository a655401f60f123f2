import Foundations
import NeuralNetwork
import Tensor
import Testing

/// nnU-Net's own networks (Tests/Python/architecture_golden.py): all outputs, and the gradients of all parameters.
@Suite struct NNUNetArchitectureTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let architecture: UNetArchitecture
  }

  static let cases = [
    Case(
      testDescription: "nnunet_plain_3d",
      architecture: UNetArchitecture(
        dimensions: 3, inputChannels: 2, classes: 3, widths: [4, 6, 8, 10],
        strides: [.one, Axes(1, 2, 2), Axes(2, 2, 2), Axes(2, 2, 1)],
        kernels: [Axes(1, 3, 3), Axes(1, 3, 3), Axes(3, 3, 3), Axes(3, 3, 3)], deepSupervision: true)),
    Case(
      testDescription: "nnunet_plain_2d",
      architecture: UNetArchitecture(
        dimensions: 2, inputChannels: 2, classes: 3, widths: [4, 8, 12, 16],
        strides: [.one, Axes(1, 2, 2), Axes(1, 2, 2), Axes(1, 2, 1)], deepSupervision: true)),
    Case(
      testDescription: "nnunet_residual_3d",
      architecture: UNetArchitecture(
        dimensions: 3, inputChannels: 2, classes: 3, widths: [4, 4, 6, 8], convolutionsPerStage: 1,
        encoder: .residual(blocksPerStage: [1, 2, 2, 1]),
        strides: [.one, Axes(1, 2, 2), Axes(2, 2, 2), .one],
        kernels: [Axes(1, 3, 3), Axes(3, 3, 3), Axes(3, 3, 3), Axes(3, 3, 3)], deepSupervision: true)),
  ]

  @Test(arguments: cases) func outputsAndGradientsEqualNNUNets(_ item: Case) throws {
    let golden = try GoldenTests.Golden(item.testDescription)
    let shape = try golden.tensorShape("input")
    for kernels in KernelChoice.available {
      let network = try UNet(
        item.architecture, batch: shape.batch, patch: shape.grid, isTraining: true, loop: .serial,
        kernels: kernels, choice: ConvolutionChoice(kernels: kernels.name))
      let parameters = FloatBuffer(count: network.parameters.count)
      for entry in network.parameters.entries {
        #expect(try golden.shape("parameter/\(entry.name)") == entry.shape)
        let values = try golden.values("parameter/\(entry.name)")
        (parameters.pointer + entry.offset).update(from: values, count: values.count)
      }
      let input = try golden.values("input")
      network.input.update(from: input, count: input.count)
      network.forward(parameters: parameters)
      #expect(
        golden.has("output/\(network.outputs.count - 1)") && !golden.has("output/\(network.outputs.count)"))
      for (index, output) in network.outputs.enumerated() {
        #expect(try golden.tensorShape("output/\(index)") == output.shape)
        let logits = Array(UnsafeBufferPointer(start: output.logits, count: output.shape.count))
        let error = relativeError(logits, try golden.values("output/\(index)").map(Double.init))
        #expect(error < 2e-5, "\(kernels.name), \(output.name): \(error)")
        let gradient = try golden.values("output_gradient/\(index)")
        output.gradient.update(from: gradient, count: gradient.count)
      }
      let gradients = FloatBuffer(count: network.parameters.count)
      network.backward(parameters: parameters, gradients: gradients)
      for entry in network.parameters.entries {
        let expected = try golden.values("gradient/\(entry.name)").map(Double.init)
        let found = Array(gradients.values[entry.offset..<entry.offset + entry.count])
        let error = relativeError(found, expected)
        #expect(error < 2e-4, "\(kernels.name), \(entry.name): \(error)")
      }
    }
  }

  @Test(arguments: cases) func sharesOfTheLossAreNNUNets(_ item: Case) throws {
    let expected = try GoldenTests.Golden(item.testDescription).values("supervision_weights")
    #expect(item.architecture.supervisionWeights.map { Float($0) } == expected)
    #expect(abs(item.architecture.supervisionWeights.reduce(0, +) - 1) < 1e-15)
  }

  /// Two stages have one output, whose share is all: nnU-Net would divide by 0.
  @Test func twoStagesHaveOneOutput() {
    let architecture = UNetArchitecture(
      dimensions: 2, inputChannels: 1, classes: 2, widths: [4, 8], deepSupervision: true)
    #expect(architecture.supervisionWeights == [1] && architecture.supervisedStages == 0..<1)
  }

  /// A residual block starts as its skip alone: nnU-Net's `init_last_bn_before_add_to_0`.
  @Test func theLastNormOfABlockStartsAtNothing() throws {
    for entry in Self.cases[2].architecture.parameterLayout.entries where entry.name.hasSuffix("norm.weight")
    {
      #expect(entry.initial == .constant(entry.name.contains("conv2") ? 0 : 1), "\(entry.name)")
    }
  }
}
