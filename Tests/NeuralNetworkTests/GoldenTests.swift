import Foundation
import Foundations
import Interchange
import Kernels
import NeuralNetwork
import Tensor
import Testing

/// PyTorch's own results (Tests/Python/pytorch_golden.py): single layers, whole networks, and a loss curve.
@Suite struct GoldenTests {
  /// A golden file's tensors by name.
  struct Golden {
    private let tensors: [String: NamedTensor]

    init(_ name: String) throws {
      let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      let file = try SafetensorsFile.read(folder.appending(path: "Golden/\(name).safetensors").path)
      tensors = Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.name, $0) })
    }

    func values(_ name: String) throws -> [Float] { try #require(tensors[name]).values }
    func shape(_ name: String) throws -> [Int] { try #require(tensors[name]).shape }
    func has(_ name: String) -> Bool { tensors[name] != nil }

    func tensorShape(_ name: String) throws -> TensorShape {
      let s = try shape(name)
      return TensorShape(batch: s[0], depth: s[1], height: s[2], width: s[3], channels: s[4])
    }
  }

  @Test func everyStrategyEqualsPyTorchsConvolutions() throws {
    let golden = try Golden("convolutions")
    var index = 0
    while golden.has("case\(index)/input") {
      let prefix = "case\(index)/"
      let geometry = try golden.values(prefix + "geometry").map { Int($0) }
      let weight = try golden.shape(prefix + "weight")
      let shape = ConvolutionShape(
        input: try golden.tensorShape(prefix + "input"), outputChannels: weight[4],
        kernel: Axes(weight[0], weight[1], weight[2]), stride: Axes(geometry[0], geometry[1], geometry[2]),
        padding: Axes(geometry[3], geometry[4], geometry[5]))
      let data = ConvolutionData(
        shape, x: try golden.values(prefix + "input"), w: try golden.values(prefix + "weight"),
        dy: try golden.values(prefix + "output_gradient"))
      let expected = [
        ConvolutionPass.forward: try golden.values(prefix + "output"),
        .inputGradient: try golden.values(prefix + "input_gradient"),
        .weightGradient: try golden.values(prefix + "weight_gradient"),
      ]
      for (pass, reference) in expected {
        for name in ConvolutionChoice().candidates(shape, pass).map(\.strategy) {
          let found = data.passes(kernels: KernelChoice.current, override: name, threads: 2)[pass]
          let error = relativeError(found, reference.map(Double.init))
          #expect(error <= ConvolutionTests.bound(name), "case \(index), \(name), \(pass.rawValue): \(error)")
        }
      }
      index += 1
    }
    #expect(index >= 12)
  }

  @Test(arguments: ["pool", "pool2d"]) func maxPoolEqualsPyTorchs(_ name: String) throws {
    let golden = try Golden("convolutions")
    let shape = try golden.tensorShape("\(name)/input")
    let small = try golden.tensorShape("\(name)/output")
    let window = Axes(shape.depth / small.depth, shape.height / small.height, shape.width / small.width)
    let pool = PoolBlock(
      input: (shape.depth, shape.height, shape.width), window: (window.depth, window.height, window.width),
      channels: shape.channels)
    let input = FloatBuffer(try golden.values("\(name)/input"))
    let gradient = FloatBuffer(try golden.values("\(name)/output_gradient"))
    for kernels in KernelChoice.available {
      let (y, dx) = (FloatBuffer(count: small.count), FloatBuffer(count: shape.count))
      let read = TensorRead(base: input.pointer, stride: shape.channels)
      let lines = 0..<(small.batch * small.depth * small.height)
      kernels.maxPool(
        pool, source: read, lines: lines, into: TensorWrite(base: y.pointer, stride: shape.channels))
      kernels.maxPoolGradient(
        pool, source: read, lines: lines, gradient: gradient.pointer, gradientStride: shape.channels,
        into: TensorWrite(base: dx.pointer, stride: shape.channels), isAdding: false, sums: nil)
      #expect(y.values == (try golden.values("\(name)/output")))
      #expect(dx.values == (try golden.values("\(name)/input_gradient")))
    }
  }

  static let networks = [
    ("unet_a_small", architecture(2, [4, 8, 16, 32, 64])),
    ("unet_c_small", architecture(3, [4, 8, 16, 32])),
  ]

  private static func architecture(_ dimensions: Int, _ widths: [Int]) -> UNetArchitecture {
    UNetArchitecture(
      dimensions: dimensions, inputChannels: 4, classes: 4, widths: widths, downsampling: .maxPool)
  }

  @Test(arguments: networks.indices) func networksEqualPyTorchs(_ index: Int) throws {
    let (name, architecture) = Self.networks[index]
    let golden = try Golden(name)
    for kernels in KernelChoice.available {
      let run = try GoldenRun(golden, architecture, kernels: kernels)
      run.network.forward(parameters: run.parameters)
      let logits = try golden.values("logits").map(Double.init)
      #expect(relativeError(run.logits, logits) < 2e-5)
      let loss = run.forwardAndBackward()
      #expect(abs(loss - Double(try golden.values("loss")[0])) < 1e-5)
      for entry in run.network.parameters.entries {
        let expected = try golden.values("gradient/\(entry.name)").map(Double.init)
        let found = Array(run.gradients.values[entry.offset..<entry.offset + entry.count])
        let error = relativeError(found, expected)
        #expect(error < 2e-4, "\(kernels.name), \(entry.name): \(error)")
      }
    }
  }

  /// Twenty Adam steps on one batch. Rounding errors grow along the way: the file tells how far curves
  /// part whose starts differ by 1e-6, and that is the room given to strategies that only round.
  @Test(arguments: networks.indices) func lossCurvesFollowPyTorchs(_ index: Int) throws {
    try checkCurve(index, strategy: .direct, spread: "losses_spread")
  }

  /// Winograd's tiles may err by their stated bound: here the starts differ by that of results 4×4×4.
  @Test(arguments: networks.indices) func lossCurvesOfChosenStrategiesFollowPyTorchs(_ index: Int) throws {
    try checkCurve(index, strategy: nil, spread: "losses_spread_winograd")
  }

  private func checkCurve(_ index: Int, strategy: StrategyName?, spread: String) throws {
    let (name, architecture) = Self.networks[index]
    let golden = try Golden(name)
    let run = try GoldenRun(golden, architecture, kernels: KernelChoice.current, strategy: strategy)
    let (expected, spread) = (try golden.values("losses64"), try golden.values(spread))
    let optimizer = Optimizer(.adam(weightDecay: 0), count: run.parameters.count)
    for step in 0..<20 {
      let loss = run.forwardAndBackward()
      let room = max(1e-5, 2 * Double(spread[step]))
      #expect(abs(loss - Double(expected[step])) < room, "step \(step): \(loss), PyTorch \(expected[step])")
      optimizer.step(parameters: run.parameters, gradients: run.gradients, rate: 1e-3, loop: .serial)
    }
  }
}

/// A network on a golden file's input, labels and parameters.
private struct GoldenRun {
  let network: UNet
  let parameters: FloatBuffer
  let gradients: FloatBuffer
  private let targets: [UInt8]
  private let loss: DiceCrossEntropy

  init(
    _ golden: GoldenTests.Golden, _ architecture: UNetArchitecture, kernels: any KernelSet.Type,
    strategy: StrategyName? = nil
  ) throws {
    let shape = try golden.tensorShape("input")
    network = try UNet(
      architecture, batch: shape.batch, patch: shape.grid, isTraining: true, loop: .serial, kernels: kernels,
      choice: ConvolutionChoice(kernels: kernels.name, override: strategy))
    parameters = FloatBuffer(count: network.parameters.count)
    gradients = FloatBuffer(count: network.parameters.count)
    for entry in network.parameters.entries {
      let values = try golden.values("parameter/\(entry.name)")
      #expect(try golden.shape("parameter/\(entry.name)") == entry.shape)
      for (i, value) in values.enumerated() { parameters.pointer[entry.offset + i] = value }
    }
    for (i, value) in try golden.values("input").enumerated() { network.input[i] = value }
    targets = try golden.values("targets").map { UInt8($0) }
    loss = DiceCrossEntropy(classes: architecture.classes, kernels: kernels)
  }

  var logits: [Float] {
    Array(UnsafeBufferPointer(start: network.output, count: network.outputShape.count))
  }

  func forwardAndBackward() -> Double {
    network.forward(parameters: parameters)
    let value = loss.evaluate(
      logits: network.output, targets: targets, rows: network.outputShape.rows,
      gradient: network.outputGradient, loop: .serial)
    network.backward(parameters: parameters, gradients: gradients)
    return value
  }
}
