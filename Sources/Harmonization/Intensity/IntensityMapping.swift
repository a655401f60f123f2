/// A piecewise linear function of intensities; the first and the last piece go on beyond their ends.
package struct IntensityMapping: Sendable, Equatable {
  /// Ends of the pieces; of equal neighbours only the first is kept.
  private let from: [Double]
  private let to: [Double]
  private let slopes: [Double]

  init(from: [Double], to: [Double]) {
    let kept = from.indices.filter { $0 == 0 || from[$0] > from[$0 - 1] }
    self.from = kept.map { from[$0] }
    self.to = kept.map { to[$0] }
    slopes = zip(kept, kept.dropFirst()).map { (to[$1] - to[$0]) / (from[$1] - from[$0]) }
  }

  package func callAsFunction(_ value: Float) -> Float {
    withUnsafeSegments { $0(value) }
  }

  /// The pieces at hand for many values.
  func withUnsafeSegments<Result>(_ body: (Segments) -> Result) -> Result {
    from.withUnsafeBufferPointer { from in
      to.withUnsafeBufferPointer { to in
        slopes.withUnsafeBufferPointer { slopes in body(Segments(from: from, to: to, slopes: slopes)) }
      }
    }
  }

  struct Segments {
    fileprivate let from: UnsafeBufferPointer<Double>
    fileprivate let to: UnsafeBufferPointer<Double>
    fileprivate let slopes: UnsafeBufferPointer<Double>

    @inline(__always)
    func callAsFunction(_ value: Float) -> Float {
      let x = Double(value)
      var piece = 0
      // Without a branch: neighbouring voxels lie in different pieces.
      var end = 1
      while end < slopes.count {
        piece &+= x > from[end] ? 1 : 0
        end &+= 1
      }
      return Float(to[piece] + (x - from[piece]) * slopes[piece])
    }
  }
}
