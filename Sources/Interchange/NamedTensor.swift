/// A tensor with its name, as model files hold it.
package struct NamedTensor: Sendable, Equatable {
  package let name: String
  /// Sizes per axis, slowest first; empty for a scalar.
  package let shape: [Int]
  /// Row-major values, as many as the shape's product.
  package let values: [Float]

  package init(name: String, shape: [Int], values: [Float]) {
    precondition(
      shape.reduce(1, *) == values.count, "\(name): \(values.count) values do not fill \(shape)")
    self.name = name
    self.shape = shape
    self.values = values
  }
}
