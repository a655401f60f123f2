/// How many values lie where, finely enough to stand for them: each is shared between the two nodes around it, so
/// that their mean stays.
struct FineHistogram {
  static let intervals = 79 * 64

  /// The distance of nodes.
  let step: Double
  /// Each node's intensity.
  let values: [Double]
  /// How many values are at each node, `intervals` + 1.
  let counts: [Double]

  /// Of ascending values that are not all equal.
  init(_ values: ArraySlice<Float>) {
    let (least, largest) = (Double(values.first!), Double(values.last!))
    precondition(least < largest, "values of a histogram differ")
    let step = (largest - least) / Double(Self.intervals)
    var counts = [Double](repeating: 0, count: Self.intervals + 1)
    counts.withUnsafeMutableBufferPointer { counts in
      for value in values {
        let place = (Double(value) - least) / step
        let node = min(Int(place), Self.intervals - 1)
        let share = place - Double(node)
        counts[node] += 1 - share
        counts[node + 1] += share
      }
    }
    self.step = step
    self.values = counts.indices.map { least + step * Double($0) }
    self.counts = counts
  }
}
