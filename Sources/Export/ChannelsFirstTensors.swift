import Interchange
import NeuralNetwork

/// A network's parameters as PyTorch and ONNX lay them out: channels before the grid's axes, which a 2D network has two of.
struct ChannelsFirstTensors {
  /// 2 or 3.
  let dimensions: Int
  /// In the parameter layout's order, under segfed's names.
  let all: [NamedTensor]
  private let places: [String: Int]

  /// `weights` has the architecture's parameters in their layout's order.
  init(_ architecture: UNetArchitecture, weights: [Float]) {
    let layout = architecture.parameterLayout
    precondition(weights.count == layout.count, "\(weights.count) weights for \(layout.count) parameters")
    dimensions = architecture.dimensions
    all = layout.entries.map { entry in
      Self.turned(
        entry, weights[entry.offset..<entry.offset + entry.count], dimensions: architecture.dimensions)
    }
    places = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($1.name, $0) })
  }

  subscript(name: String) -> NamedTensor? { places[name].map { all[$0] } }

  /// A parameter that the network must have.
  func required(_ name: String) -> NamedTensor {
    guard let tensor = self[name] else { preconditionFailure("the network has no parameter \(name)") }
    return tensor
  }

  /// Stages of the encoder.
  var stages: Int { (0...).first { stage in !has("encoder.\(stage).") } ?? 0 }

  /// Convolutions or residual blocks of a half's stage, such as `encoder.2`.
  func blocks(of stage: String) -> Int { (0...).first { block in !has("\(stage).\(block).") } ?? 0 }

  /// The step into a stage of the encoder along each axis: that of the transposed convolution which goes back up.
  func step(into stage: Int) -> [Int] {
    if stage == 0 { return [Int](repeating: 1, count: dimensions) }
    return Array(required("decoder.\(stage - 1).up.weight").shape.suffix(dimensions))
  }

  /// A convolution's kernel along each axis.
  func kernel(of convolution: String) -> [Int] {
    Array(required("\(convolution).weight").shape.suffix(dimensions))
  }

  private func has(_ prefix: String) -> Bool { all.contains { $0.name.hasPrefix(prefix) } }

  /// `(depth, height, width, a, b)` to `(b, a, depth, height, width)`: outputs before inputs of a convolution, inputs
  /// before outputs of a transposed one, as PyTorch has them. Other tensors stay.
  private static func turned(
    _ entry: ParameterLayout.Entry, _ values: ArraySlice<Float>, dimensions: Int
  ) -> NamedTensor {
    guard entry.shape.count == 5 else {
      return NamedTensor(name: entry.name, shape: entry.shape, values: Array(values))
    }
    let (a, b) = (entry.shape[3], entry.shape[4])
    let taps = entry.shape[0] * entry.shape[1] * entry.shape[2]
    precondition(
      dimensions == 3 || entry.shape[0] == 1, "\(entry.name): a 2D kernel of \(entry.shape[0]) slices")
    var turned = [Float](repeating: 0, count: values.count)
    for tap in 0..<taps {
      for row in 0..<a {
        let from = values.startIndex + (tap * a + row) * b
        for column in 0..<b { turned[(column * a + row) * taps + tap] = values[from + column] }
      }
    }
    return NamedTensor(
      name: entry.name, shape: [b, a] + entry.shape.prefix(3).suffix(dimensions), values: turned)
  }
}
