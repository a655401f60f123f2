import Interchange
import NeuralNetwork

/// A U-Net as ONNX nodes, which any ONNX runtime computes.
///
/// Input `image`: `(batch, contrasts, depth, height, width)`, in 2D without depth; batch is free. Outputs: `logits` of the
/// same grid, and `probabilities` of them. Deep supervision's further heads are left out: training alone reads them.
package struct ONNXNetwork {
  private var model: ONNXModel
  private let tensors: ChannelsFirstTensors
  private let poolsDown: Bool

  /// What the outputs' probabilities are: of exclusive classes, or yes or no of each.
  package enum Activation: Sendable {
    case softmax
    case sigmoid
  }

  /// The model of a network for patches of `grid` voxels: depth, height and width, in 2D the last two.
  ///
  /// `weights` has the architecture's parameters in their layout's order; `empty` says what the model is.
  package static func model(
    _ architecture: UNetArchitecture, weights: [Float], grid: [Int], activation: Activation,
    into empty: ONNXModel
  ) -> ONNXModel {
    precondition(grid.count == architecture.dimensions, "a grid of \(grid.count) axes")
    var network = ONNXNetwork(
      model: empty, tensors: ChannelsFirstTensors(architecture, weights: weights),
      poolsDown: architecture.downsampling == .maxPool)
    func shape(_ channels: Int) -> [ONNXModel.Extent] {
      [.free("batch"), .fixed(channels)] + grid.map { .fixed($0) }
    }
    network.model.addInput("image", shape: shape(architecture.inputChannels))
    let logits = network.wire()
    switch activation {
    case .softmax: network.model.add("Softmax", [logits], [.integer("axis", 1)], output: "probabilities")
    case .sigmoid: network.model.add("Sigmoid", [logits], output: "probabilities")
    }
    for name in [logits, "probabilities"] {
      network.model.addOutput(name, shape: shape(architecture.classes))
    }
    return network.model
  }

  private mutating func wire() -> String {
    var x = "image"
    let last = tensors.stages - 1
    if tensors["encoder.stem.conv.weight"] != nil { x = block(x, "encoder.stem") }
    var skips: [String] = []
    for stage in 0...last {
      x = encoder(stage, x)
      skips.append(x)
    }
    for stage in (0..<last).reversed() {
      let name = "decoder.\(stage)"
      let up = transposed(x, "\(name).up")
      x = model.add("Concat", [up, skips[stage]], [.integer("axis", 1)], output: "\(name).joined")
      for index in 0..<tensors.blocks(of: name) { x = block(x, "\(name).\(index)") }
    }
    return convolution(x, "head", output: "logits")
  }

  private mutating func encoder(_ stage: Int, _ input: String) -> String {
    var x = input
    let name = "encoder.\(stage)"
    let step = tensors.step(into: stage)
    if stage > 0 && poolsDown { x = pool(x, "MaxPool", step, output: "\(name).pool") }
    for index in 0..<tensors.blocks(of: name) {
      let stride = index == 0 && !poolsDown ? step : nil
      let block = "\(name).\(index)"
      x =
        tensors["\(block).conv1.conv.weight"] == nil
        ? self.block(x, block, stride: stride) : residualBlock(x, block, stride: stride)
    }
    return x
  }

  // MARK: Blocks

  /// Convolution, instance norm, leaky ReLU.
  private mutating func block(_ x: String, _ name: String, stride: [Int]? = nil) -> String {
    activation(normalised(x, name, stride: stride), output: name)
  }

  /// leaky(norm(conv(leaky(norm(conv x)))) + skip(x)), with the skip averaged down and projected where it must be (ResNet-D,
  /// as nnU-Net's residual encoder).
  private mutating func residualBlock(_ x: String, _ name: String, stride: [Int]?) -> String {
    let first = block(x, "\(name).conv1", stride: stride)
    let second = normalised(first, "\(name).conv2")
    var skip = x
    if let stride, stride.contains(where: { $0 > 1 }) {
      skip = pool(skip, "AveragePool", stride, output: "\(name).skip.pool")
    }
    if tensors["\(name).skip.conv.weight"] != nil { skip = normalised(skip, "\(name).skip") }
    let sum = model.add("Add", [second, skip], output: "\(name).sum")
    return activation(sum, output: name)
  }

  // MARK: Nodes

  private mutating func normalised(_ x: String, _ name: String, stride: [Int]? = nil) -> String {
    let values = convolution(x, "\(name).conv", stride: stride, output: "\(name).convolved")
    let inputs = [values] + parameters("\(name).norm.weight", "\(name).norm.bias")
    return model.add(
      "InstanceNormalization", inputs, [.number("epsilon", Float(UNetArchitecture.normEpsilon))],
      output: "\(name).normalised")
  }

  private mutating func activation(_ x: String, output: String) -> String {
    model.add("LeakyRelu", [x], [.number("alpha", UNetArchitecture.leakySlope)], output: output)
  }

  /// With zeros around, so that stride alone changes the grid.
  private mutating func convolution(
    _ x: String, _ name: String, stride: [Int]? = nil, output: String
  ) -> String {
    let kernel = tensors.kernel(of: name)
    let padding = kernel.map { ($0 - 1) / 2 }
    return model.add(
      "Conv", [x] + parameters("\(name).weight", "\(name).bias"),
      [
        .integers("kernel_shape", kernel), .integers("pads", padding + padding),
        .integers("strides", stride ?? kernel.map { _ in 1 }),
      ], output: output)
  }

  private mutating func transposed(_ x: String, _ name: String) -> String {
    let kernel = tensors.kernel(of: name)
    return model.add(
      "ConvTranspose", [x] + parameters("\(name).weight", "\(name).bias"),
      [.integers("kernel_shape", kernel), .integers("strides", kernel)], output: name)
  }

  private mutating func pool(_ x: String, _ operation: String, _ step: [Int], output: String) -> String {
    model.add(operation, [x], [.integers("kernel_shape", step), .integers("strides", step)], output: output)
  }

  /// Stores those parameters that the network has, and returns their names.
  private mutating func parameters(_ names: String...) -> [String] {
    let found = names.compactMap { tensors[$0] }
    for tensor in found { model.add(tensor) }
    return found.map(\.name)
  }
}
