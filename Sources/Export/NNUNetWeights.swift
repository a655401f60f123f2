import Interchange
import NeuralNetwork

/// Weights that nnU-Net trained, for a network of segfed's: the way back of `NNUNetNames`.
package enum NNUNetWeights {
  /// The parameters in their layout's order. What segfed's network has no place for (see `NNUNetNames`) is not read: it
  /// changes no logit.
  ///
  /// A file of `safetensors.torch.save_model` holds a tensor with several names once; its metadata tells under which. `path` names
  /// the file in messages. Throws `ExportError.tensor` where one is missing or has another shape.
  package static func read(
    _ file: SafetensorsFile, path: String, for architecture: UNetArchitecture
  ) throws -> [Float] {
    let layout = architecture.parameterLayout
    let expected = ChannelsFirstTensors(architecture, weights: [Float](repeating: 0, count: layout.count))
    let names = NNUNetNames(expected)
    let found = Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.name, $0) })
    return try zip(layout.entries, expected.all).flatMap { entry, tensor -> [Float] in
      let name = names.name(of: entry.name)
      let values = found[name] ?? file.metadata[name].flatMap { found[$0] }
      guard let values, values.shape == tensor.shape else {
        throw ExportError.tensor(
          path: path, name: name, found: values.map { "\($0.shape)" } ?? "none",
          expected: "\(tensor.shape)")
      }
      return ChannelsFirstTensors.turnedBack(values.values, to: entry)
    }
  }
}

extension ChannelsFirstTensors {
  /// `(b, a, depth, height, width)` to a layout's `(depth, height, width, a, b)`; other tensors stay.
  static func turnedBack(_ values: [Float], to entry: ParameterLayout.Entry) -> [Float] {
    guard entry.shape.count == 5 else { return values }
    let (a, b) = (entry.shape[3], entry.shape[4])
    let taps = values.count / (a * b)
    var turned = [Float](repeating: 0, count: values.count)
    for column in 0..<b {
      for row in 0..<a {
        for tap in 0..<taps { turned[(tap * a + row) * b + column] = values[(column * a + row) * taps + tap] }
      }
    }
    return turned
  }
}
