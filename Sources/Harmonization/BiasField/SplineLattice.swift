/// Control points of a uniform cubic B-spline over a grid, three more than it has spans along each axis.
package struct SplineLattice: Sendable, Equatable {
  /// Control points along i, j, k, 4 or more.
  package let points: SIMD3<Int>
  /// Their values, i fastest.
  package private(set) var values: [Double]

  package init(points: SIMD3<Int>, values: [Double]) {
    precondition(
      points.min() >= 4 && values.count == points.x * points.y * points.z,
      "a cubic lattice has a value for each of 4 or more points along each axis")
    self.points = points
    self.values = values
  }

  /// 0 everywhere.
  package init(points: SIMD3<Int>) {
    self.init(points: points, values: [Double](repeating: 0, count: points.x * points.y * points.z))
  }

  package mutating func add(_ other: SplineLattice) {
    precondition(other.points == points, "lattices of one shape are added")
    for index in values.indices { values[index] += other.values[index] }
  }

  /// The same field with each span halved (Lane & Riesenfeld 1980).
  package var refined: SplineLattice {
    (0..<3).reduce(self) { $0.refined(along: $1) }
  }

  private func refined(along axis: Int) -> SplineLattice {
    var size = points
    size[axis] = 2 * points[axis] - 3
    var result = SplineLattice(points: size)
    let step = axis == 0 ? 1 : axis == 1 ? points.x : points.x * points.y
    let lines = values.count / points[axis]
    for line in 0..<lines {
      // Lines along an axis begin at every place of the axes below it, in each block of those above.
      let from = line % step + line / step * step * points[axis]
      let to = line % step + line / step * step * size[axis]
      for index in 0..<size[axis] {
        let base = from + index / 2 * step
        let (a, b) = (values[base], values[base + step])
        result.values[to + index * step] =
          index % 2 == 0 ? (a + b) / 2 : (a + 6 * b + values[base + 2 * step]) / 8
      }
    }
    return result
  }
}
