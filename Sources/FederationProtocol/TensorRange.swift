/// One named tensor within a flat buffer of weights; ranges follow each other without gaps.
package struct TensorRange: Sendable, Hashable {
  package let name: String
  /// Sizes per axis, in the network's own layout.
  package let shape: [Int]

  /// Sizes must be 1 or more and fit 32 bits.
  package init(name: String, shape: [Int]) {
    precondition(shape.allSatisfy { $0 > 0 && $0 <= Int(UInt32.max) }, "\(name): impossible shape \(shape)")
    self.name = name
    self.shape = shape
  }

  /// Number of elements; a scalar (no axes) has one.
  package var count: Int { shape.reduce(1, *) }
}
