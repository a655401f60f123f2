import Interchange

/// A network's parameters under the names that nnU-Net's PlainConvUNet and ResidualEncoderUNet give them
/// (dynamic_network_architectures 0.4), in PyTorch's layouts.
///
/// What nnU-Net has and segfed does not is written as zeros: biases before an instance norm, which takes any bias away, and
/// heads that deep supervision alone reads. A state dict's repeated tensors (`….all_modules.0`, `decoder.encoder`) are left
/// out: `safetensors.torch.load_model` knows them for the same.
struct NNUNetNames {
  private let tensors: ChannelsFirstTensors
  private let last: Int

  init(_ tensors: ChannelsFirstTensors) {
    self.tensors = tensors
    last = tensors.stages - 1
  }

  /// All tensors that nnU-Net's network has, each once.
  func renamed() -> [NamedTensor] {
    var result: [NamedTensor] = []
    for tensor in tensors.all {
      let name = name(of: tensor.name)
      result.append(NamedTensor(name: name, shape: tensor.shape, values: tensor.values))
      // A residual block's projection has no bias there either.
      if tensor.name.hasSuffix(".conv.weight") && !tensor.name.hasSuffix(".skip.conv.weight") {
        result.append(zeros(name.replacing(".weight", with: ".bias"), [tensor.shape[0]]))
      }
    }
    let head = tensors.required("head.weight")
    for stage in 1..<max(1, last) where tensors["decoder.\(stage).head.weight"] == nil {
      let width = tensors.required("decoder.\(stage).up.bias").shape[0]
      let ones = [Int](repeating: 1, count: tensors.dimensions)
      let place = "decoder.seg_layers.\(last - 1 - stage)"
      result.append(zeros("\(place).weight", [head.shape[0], width] + ones))
      result.append(zeros("\(place).bias", [head.shape[0]]))
    }
    return result
  }

  private func zeros(_ name: String, _ shape: [Int]) -> NamedTensor {
    NamedTensor(name: name, shape: shape, values: [Float](repeating: 0, count: shape.reduce(1, *)))
  }

  /// nnU-Net's name of one of our parameters.
  func name(of name: String) -> String {
    let parts = name.split(separator: ".").map(String.init)
    let rest = { (count: Int) in parts.dropFirst(count).joined(separator: ".") }
    switch (parts[0], parts.dropFirst().first) {
    case ("head", _): return "decoder.seg_layers.\(last - 1).\(rest(1))"
    case ("encoder", "stem"?): return "encoder.stem.convs.0.\(rest(2))"
    case ("encoder", let stage?):
      let block = parts[2]
      switch parts[3] {
      case "conv", "norm": return "encoder.stages.\(stage).0.convs.\(block).\(rest(3))"
      case "skip":
        // Behind an average pool where the stage has a step.
        let hasStep = tensors.step(into: Int(stage) ?? 0).contains { $0 > 1 }
        return "encoder.stages.\(stage).blocks.\(block).skip.\(hasStep ? 1 : 0).\(rest(4))"
      default: return "encoder.stages.\(stage).blocks.\(block).\(rest(3))"
      }
    case ("decoder", let stage?):
      let place = last - 1 - (Int(stage) ?? 0)
      switch parts[2] {
      case "up": return "decoder.transpconvs.\(place).\(rest(3))"
      case "head": return "decoder.seg_layers.\(place).\(rest(3))"
      default: return "decoder.stages.\(place).convs.\(rest(2))"
      }
    default: preconditionFailure("no counterpart of \(name)")
    }
  }
}
