import Foundations

/// What can be wrong with a file of weights.
package enum InterchangeError: DescribedError {
  /// The file ends too early, or bytes follow behind the last tensor.
  case wrongSize(path: String, found: Int, expected: Int)
  /// The header is no JSON object of the safetensors form.
  case badHeader(path: String, field: String, found: String, expected: String)
  /// A tensor's entry does not hold together.
  case badTensor(path: String, tensor: String, field: String, found: String, expected: String)
  /// A checkpoint that cannot be gone on from.
  case damagedCheckpoint(path: String, reason: String)
  case checkpointFromNewer(path: String, found: Int, expected: Int)

  package var description: String {
    switch self {
    case .wrongSize(let path, let found, let expected):
      "\(path): has \(found) bytes, its header asks for \(expected). The file was cut or added to: copy it again."
    case .badHeader(let path, let field, let found, let expected):
      "\(path): header, \(field) is \(found), expected \(expected). Is it a safetensors file?"
    case .badTensor(let path, let tensor, let field, let found, let expected):
      "\(path): tensor \(tensor), \(field) is \(found), expected \(expected). "
        + "Write the file again with contiguous float32 tensors."
    case .damagedCheckpoint(let path, let reason):
      "\(path): passed over, since \(reason)."
    case .checkpointFromNewer(let path, let found, let expected):
      "\(path): schema_version is \(found), expected \(expected) or less. "
        + "Go on with the release of segfed that wrote it."
    }
  }

  /// What is wrong, without the path and the advice.
  var reason: String {
    switch self {
    case .wrongSize(_, let found, let expected): "it has \(found) bytes where its header asks for \(expected)"
    case .badHeader(_, let field, let found, let expected):
      "its header's \(field) is \(found), expected \(expected)"
    case .badTensor(_, let tensor, let field, let found, _):
      "the \(field) of its tensor \(tensor) is \(found)"
    case .damagedCheckpoint(_, let reason): reason
    case .checkpointFromNewer(_, let found, _): "its schema_version is \(found)"
    }
  }
}
