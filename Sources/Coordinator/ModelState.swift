import FederationProtocol
import Foundations
import Interchange

/// A model's weights as one flat buffer with the names and shapes of its tensors.
package struct ModelState: Sendable, Equatable {
  package let ranges: [TensorRange]
  /// Elements of all ranges one after the other, each row-major.
  package let values: [Float]

  package init(ranges: [TensorRange], values: [Float]) {
    precondition(
      ranges.reduce(0) { $0 + $1.count } == values.count,
      "\(values.count) values do not fill the ranges")
    self.ranges = ranges
    self.values = values
  }

  /// The weights as the protocol carries them.
  package var wire: WireWeights { WireWeights(ranges: ranges, values: values) }

  /// SHA-256 of the values as little-endian Float32, in hexadecimal.
  package var digest: String { Digest.sha256Hex(FloatBytes.data(values)) }

  /// One named tensor per range, as model files hold them.
  package var tensors: [NamedTensor] {
    var offset = 0
    return ranges.map { range in
      defer { offset += range.count }
      return NamedTensor(
        name: range.name, shape: range.shape, values: Array(values[offset..<offset + range.count]))
    }
  }

  /// The name of the first tensor that holds a NaN or an infinity.
  var firstNotFinite: String? {
    guard let index = values.firstIndex(where: { !$0.isFinite }) else { return nil }
    var end = 0
    return ranges.first { range in
      end += range.count
      return index < end
    }?.name
  }
}
