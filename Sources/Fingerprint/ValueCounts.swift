/// How many cases have which whole number: enough for exact percentiles, and nothing of any single case but that some
/// case has a value.
package struct ValueCounts: Sendable, Equatable {
  package struct Entry: Sendable, Equatable {
    package let value: Int
    package var cases: Int

    package init(value: Int, cases: Int) { (self.value, self.cases) = (value, cases) }
  }

  /// By value, ascending, each once.
  package private(set) var entries: [Entry]

  /// `entries` may come in any order; those of one value are added up.
  package init(_ entries: [Entry] = []) {
    self.entries = []
    for entry in entries.sorted(by: { $0.value < $1.value }) where entry.cases > 0 {
      if self.entries.last?.value == entry.value {
        self.entries[self.entries.count - 1].cases += entry.cases
      } else {
        self.entries.append(entry)
      }
    }
  }

  package init(_ values: [Int]) { self.init(values.map { Entry(value: $0, cases: 1) }) }

  package var cases: Int { entries.reduce(0) { $0 + $1.cases } }

  /// The cases of both.
  package func merged(with other: ValueCounts) -> ValueCounts { ValueCounts(entries + other.entries) }

  /// The value below which `percent` of a hundred cases lie, between neighbours linearly (NumPy's `percentile`), in units
  /// of `unit`; nil without cases.
  package func percentile(_ percent: Double, unit: Double = 1) -> Double? {
    let cases = cases
    guard cases > 0 else { return nil }
    let place = percent / 100 * Double(cases - 1)
    let lower = Int(place)
    let (a, b) = (Double(value(at: lower)) / unit, Double(value(at: min(lower + 1, cases - 1))) / unit)
    return a + (place - Double(lower)) * (b - a)
  }

  package var least: Int? { entries.first?.value }
  package var largest: Int? { entries.last?.value }

  /// The value of a case by its place in ascending order.
  private func value(at place: Int) -> Int {
    var below = 0
    for entry in entries {
      below += entry.cases
      if place < below { return entry.value }
    }
    preconditionFailure("there is no case \(place)")
  }
}

/// Counts along x, y and z, each for itself: which values belong to one case is not in them.
package struct AxisCounts: Sendable, Equatable {
  package var x = ValueCounts()
  package var y = ValueCounts()
  package var z = ValueCounts()

  package init(x: ValueCounts = ValueCounts(), y: ValueCounts = ValueCounts(), z: ValueCounts = ValueCounts())
  {
    (self.x, self.y, self.z) = (x, y, z)
  }

  package init(_ values: [SIMD3<Int>]) {
    self.init(
      x: ValueCounts(values.map(\.x)), y: ValueCounts(values.map(\.y)), z: ValueCounts(values.map(\.z)))
  }

  package func merged(with other: AxisCounts) -> AxisCounts {
    AxisCounts(x: x.merged(with: other.x), y: y.merged(with: other.y), z: z.merged(with: other.z))
  }

  /// Along each axis; nil without cases.
  package func percentile(_ percent: Double, unit: Double = 1) -> SIMD3<Double>? {
    guard let x = x.percentile(percent, unit: unit), let y = y.percentile(percent, unit: unit),
      let z = z.percentile(percent, unit: unit)
    else { return nil }
    return SIMD3(x, y, z)
  }
}
