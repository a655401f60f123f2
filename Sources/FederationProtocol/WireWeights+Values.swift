import Foundation
import Foundations

extension WireWeights {
  /// Weights as they travel: names and shapes in order, values as little-endian Float32.
  ///
  /// `values` holds the elements of all `ranges` one after the other.
  package init(ranges: [TensorRange], values: [Float]) {
    precondition(
      ranges.reduce(0) { $0 + $1.count } == values.count,
      "\(values.count) values do not fill the ranges")
    self.init()
    self.ranges = ranges.map { range in
      var wire = WireTensorRange()
      wire.name = range.name
      wire.shape = range.shape.map { UInt32($0) }
      return wire
    }
    encoding = .float32
    data = FloatBytes.data(values)
  }

  /// The values, if names, shapes, order, number and finiteness are as the model asks for, and no magnitude is above `limit`.
  ///
  /// Throws `ProtocolError.mismatch` naming the site, the round and the tensor.
  package func values(
    expecting expected: [TensorRange], site: String, round: Int, limit: Float = .greatestFiniteMagnitude
  ) throws -> [Float] {
    func mismatch(_ field: ProtocolError.Field, _ found: String, _ wanted: String) -> ProtocolError {
      .mismatch(site: site, round: round, field: field, found: found, expected: wanted)
    }
    guard encoding == .float32 else { throw mismatch(.encoding, "\(encoding.rawValue)", "float32") }
    guard ranges.count == expected.count else {
      throw mismatch(.tensorNames, "\(ranges.count) tensors", "\(expected.count) tensors")
    }
    var total = 0
    for (found, wanted) in zip(ranges, expected) {
      guard found.name == wanted.name else {
        throw mismatch(.tensorNames, "\"\(found.name.prefix(80))\"", "\"\(wanted.name)\"")
      }
      guard found.shape.map({ Int($0) }) == wanted.shape else {
        throw mismatch(
          .tensorShape, "\(wanted.name) \(found.shape.prefix(8))", "\(wanted.name) \(wanted.shape)")
      }
      total += wanted.count
    }
    guard data.count == 4 * total else { throw mismatch(.byteCount, "\(data.count)", "\(4 * total)") }
    let values = FloatBytes.floats(data)
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw mismatch(.values, "not finite in \(Self.tensorName(at: index, in: expected))", "finite numbers")
    }
    if let index = values.firstIndex(where: { abs($0) > limit }) {
      throw mismatch(
        .values, "\(values[index]) in \(Self.tensorName(at: index, in: expected))",
        "magnitudes up to \(limit)")
    }
    return values
  }

  private static func tensorName(at index: Int, in ranges: [TensorRange]) -> String {
    var end = 0
    for range in ranges {
      end += range.count
      if index < end { return range.name }
    }
    preconditionFailure("index \(index) lies behind the last range")
  }
}
