extension Array where Element: BinaryFloatingPoint {
  /// Of ascending values the one below which `percent` of a hundred lie, between neighbours linearly (NumPy's `percentile`).
  package func percentile(_ percent: Double) -> Double {
    precondition(!isEmpty && (0...100).contains(percent), "percentiles are of some values")
    let place = percent / 100 * Double(count - 1)
    let lower = Int(place)
    let (a, b) = (Double(self[lower]), Double(self[Swift.min(lower + 1, count - 1)]))
    return a + (place - Double(lower)) * (b - a)
  }
}
