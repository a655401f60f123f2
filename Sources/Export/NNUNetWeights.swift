import Interchange
import NeuralNetwork

/// Weights that nnU-Net trained, for a network of segfed's: the way back of `NNUNetNames`.
package enum NNUNetWeights {
  /// The parameters in their layout's order. Of what segfed's network has no place for, biases before a norm and heads of deep
  /// supervision are not read (see `NNUNetNames`): they change no logit. Anything else is of another network.
  ///
  /// A file of `safetensors.torch.save_model` holds a tensor with several names once; its metadata tells under which. `path` names
  /// the file in messages. Throws `ExportError.tensor` where one is missing, has another shape, or is one too many.
  package static func read(
    _ file: SafetensorsFile, path: String, for architecture: UNetArchitecture
  ) throws -> [Float] {
    let layout = architecture.parameterLayout
    let expected = ChannelsFirstTensors(architecture, weights: [Float](repeating: 0, count: layout.count))
    let names = NNUNetNames(expected)
    let found = Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.name, $0) })
    let known = Set(names.renamed().map(\.name))
    let surplus = file.tensors.first { tensor in
      ([tensor.name] + aliases(of: tensor.name, in: file)).allSatisfy { !known.contains($0) }
    }
    if let surplus {
      throw ExportError.surplus(path: path, name: surplus.name, shape: surplus.shape)
    }
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

  /// The other names of a tensor that a network holds several times.
  private static func aliases(of name: String, in file: SafetensorsFile) -> [String] {
    file.metadata.filter { $0.value == name }.keys.sorted()
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
