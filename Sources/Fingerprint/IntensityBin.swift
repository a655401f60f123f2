/// One grid of bins for every site and contrast: an intensity's bin is its sign, its power of two and the 256th of that in
/// which it lies. So no range has to be agreed on, and a bin is never wider than 1/256 of its intensities.
package enum IntensityBin {
  private static let shift = 15  // of Float's 23 bits after the point, 8 stay

  /// The bin of a finite intensity; bins ascend as intensities do.
  package static func index(of value: Float) -> Int {
    let magnitude = Int(value.magnitude.bitPattern >> UInt32(shift))
    return value < 0 ? -magnitude - 1 : magnitude
  }

  /// Where a bin begins and ends.
  package static func bounds(_ index: Int) -> ClosedRange<Double> {
    let magnitude = index < 0 ? -index - 1 : index
    let (inner, outer) = (edge(magnitude), edge(magnitude + 1))
    return index < 0 ? -outer...(-inner) : inner...outer
  }

  /// Bins of all finite intensities.
  package static let indices = -largest - 1...largest

  private static let largest = Int(Float.greatestFiniteMagnitude.bitPattern >> UInt32(shift))

  private static func edge(_ magnitude: Int) -> Double {
    magnitude > largest
      ? Double(Float.greatestFiniteMagnitude)
      : Double(Float(bitPattern: UInt32(magnitude) << UInt32(shift)))
  }
}
