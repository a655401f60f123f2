import Foundations

/// The least and the largest of some values.
struct ValueRange {
  let least: Float
  let largest: Float

  /// Infinite ends, the least above the largest, for no value.
  init(_ values: [Float], loop: ParallelLoop) {
    let pieces = Pieces(of: values.count)
    let ends = [SIMD2<Float>](unsafeUninitializedCapacity: pieces.count) { ends, initialized in
      values.withUnsafeBufferPointer { values in
        loop.forEach(pieces.count) { piece, _ in
          var (least, largest) = (Float.infinity, -Float.infinity)
          for index in pieces[piece] {
            least = values[index] < least ? values[index] : least
            largest = values[index] > largest ? values[index] : largest
          }
          ends.initializeElement(at: piece, to: SIMD2(least, largest))
        }
      }
      initialized = pieces.count
    }
    least = ends.reduce(.infinity) { min($0, $1.x) }
    largest = ends.reduce(-.infinity) { max($0, $1.y) }
  }
}
