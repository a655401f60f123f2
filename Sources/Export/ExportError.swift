import Foundations

/// Models that a format cannot hold.
package enum ExportError: DescribedError {
  /// nnU-Net has no counterpart of something that the plan asks for.
  case noCounterpart(path: String, field: String, found: String, expected: String)
  /// A file of nnU-Net's lacks a tensor, or has it in another shape.
  case tensor(path: String, name: String, found: String, expected: String)
  /// A file of nnU-Net's has a layer that the plan's network does not have.
  case surplus(path: String, name: String, shape: [Int])
  case outputName(path: String, format: String, expected: String)

  package var description: String {
    switch self {
    case .noCounterpart(let path, let field, let found, let expected):
      "\(path), \(field): found \(found), which nnU-Net has no counterpart of; expected \(expected). "
        + "--format onnx holds it."
    case .tensor(let path, let name, let found, let expected):
      "\(path): tensor \(name), found \(found), expected the shape \(expected). Use the plan that the weights were trained with."
    case .surplus(let path, let name, let shape):
      "\(path): tensor \(name): found one of the shape \(shape), expected none: the plan's network has no such layer. Use the plan that the "
        + "weights were trained with."
    case .outputName(let path, let format, let expected):
      "\(path): found a name that does not fit --format \(format), expected \(expected). Choose another output."
    }
  }
}
