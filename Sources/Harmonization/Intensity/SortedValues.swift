import Foundations

/// The values of a scan inside a mask, in ascending order.
package struct SortedValues: Sendable {
  private(set) var values: [Float]

  /// `mask` is 0 outside; both i fastest. Values are finite.
  package init(_ voxels: [Float], mask: [UInt8], loop: ParallelLoop = .serial) {
    self.init(voxels.inside(mask, loop: loop), loop: loop)
  }

  init(_ unordered: [Float], loop: ParallelLoop) {
    let pieces = Pieces(of: unordered.count)
    var keys = unordered.withUnsafeBufferPointer { values in
      [UInt32](unsafeUninitializedCapacity: values.count) { keys, initialized in
        loop.forEach(pieces.count) { piece, _ in
          for index in pieces[piece] { keys.initializeElement(at: index, to: Self.key(values[index])) }
        }
        initialized = values.count
      }
    }
    RadixSort.sort(&keys, loop: loop)
    values = keys.withUnsafeBufferPointer { keys in
      [Float](unsafeUninitializedCapacity: keys.count) { values, initialized in
        loop.forEach(pieces.count) { piece, _ in
          for index in pieces[piece] { values.initializeElement(at: index, to: Self.value(keys[index])) }
        }
        initialized = keys.count
      }
    }
  }

  package var count: Int { values.count }

  /// The value below which `percent` of a hundred lie, between neighbours linearly (NumPy's `percentile`).
  package func percentile(_ percent: Double) -> Double {
    values.percentile(percent)
  }

  /// How many values lie below a bound, or with `orAt` below or at it.
  func count(below bound: Double, orAt: Bool = false) -> Int {
    var (low, high) = (0, values.count)
    while low < high {
      let middle = (low + high) / 2
      let value = Double(values[middle])
      if value < bound || orAt && value == bound { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The values cut at percentiles, and where that is.
  func clipped(to percents: ClosedRange<Double>) -> (values: SortedValues, limits: ClosedRange<Float>) {
    let lowest = Float(percentile(percents.lowerBound))
    let highest = Float(percentile(percents.upperBound))
    let below = count(below: Double(lowest))
    let above = count(below: Double(highest), orAt: true)
    var result = self
    result.values.withUnsafeMutableBufferPointer { values in
      values[..<below].update(repeating: lowest)
      values[above...].update(repeating: highest)
    }
    return (result, lowest...highest)
  }

  /// A whole number that orders as the value does.
  private static func key(_ value: Float) -> UInt32 {
    let bits = value.bitPattern
    return bits & 0x8000_0000 == 0 ? bits | 0x8000_0000 : ~bits
  }

  private static func value(_ key: UInt32) -> Float {
    Float(bitPattern: key & 0x8000_0000 == 0 ? ~key : key & 0x7fff_ffff)
  }
}
