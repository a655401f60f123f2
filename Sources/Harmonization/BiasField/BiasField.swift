/// A scan's bias field: the control points of a cubic B-spline, over the scan's grid, of its natural logarithm.
package struct BiasField: Sendable, Equatable {
  package static let schemaVersion = 1

  /// Voxels along i, j, k of the scan that the field belongs to.
  package let size: SIMD3<Int>
  let lattice: SplineLattice
}

extension BiasField: Codable {
  private enum CodingKeys: String, CodingKey {
    case size, points, coefficients
    case schemaVersion = "schema_version"
  }

  /// Throws `HarmonizationError.damagedBiasField` for what does not fit together.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func expect(_ holds: Bool, _ key: CodingKeys, _ found: String, _ expected: String) throws {
      if !holds {
        throw HarmonizationError.damagedBiasField(field: key.rawValue, found: found, expected: expected)
      }
    }
    func triple(_ key: CodingKeys, _ range: ClosedRange<Int>) throws -> SIMD3<Int> {
      let values = try container.decode([Int].self, forKey: key)
      try expect(
        values.count == 3 && values.allSatisfy(range.contains), key, "\(values)",
        "three numbers from \(range.lowerBound) to \(range.upperBound)")
      return SIMD3(values[0], values[1], values[2])
    }
    let version = try container.decode(Int.self, forKey: .schemaVersion)
    try expect(
      (1...Self.schemaVersion).contains(version), .schemaVersion, "\(version)", "\(Self.schemaVersion)")
    let size = try triple(.size, 1...32767)
    let points = try triple(.points, 4...1024)
    let values = try container.decode([Double].self, forKey: .coefficients)
    let count = points.x * points.y * points.z
    try expect(
      values.count == count && values.allSatisfy(\.isFinite), .coefficients, "\(values.count) numbers",
      "\(count) finite numbers")
    self.init(size: size, lattice: SplineLattice(points: points, values: values))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(Self.schemaVersion, forKey: .schemaVersion)
    try container.encode([size.x, size.y, size.z], forKey: .size)
    try container.encode([lattice.points.x, lattice.points.y, lattice.points.z], forKey: .points)
    try container.encode(lattice.values, forKey: .coefficients)
  }
}
