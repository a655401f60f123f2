/// p-values of a family of tests, adjusted so that the chance of any false finding stays below the level (Holm 1979).
package enum HolmCorrection {
  /// In the order of `values`; each is 1 or less.
  package static func adjusted(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
    var result = values
    var largest = 0.0
    for (place, index) in order.enumerated() {
      largest = max(largest, min(1, values[index] * Double(values.count - place)))
      result[index] = largest
    }
    return result
  }
}
