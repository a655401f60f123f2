/// The values of a scan inside a mask, in ascending order.
package struct SortedValues: Sendable {
  private let values: [Float]

  /// `mask` is 0 outside; both i fastest. Values are finite.
  package init(_ voxels: [Float], mask: [UInt16]) {
    precondition(voxels.count == mask.count, "a mask has as many voxels as its scan")
    var keys: [UInt32] = []
    keys.reserveCapacity(voxels.count)
    for index in voxels.indices where mask[index] != 0 { keys.append(Self.key(voxels[index])) }
    values = Self.sorted(keys).map(Self.value)
  }

  package var count: Int { values.count }

  /// The value below which `percent` of a hundred lie, between neighbours linearly (NumPy's `percentile`).
  package func percentile(_ percent: Double) -> Double {
    precondition(!values.isEmpty && (0...100).contains(percent), "percentiles are of some values")
    let place = percent / 100 * Double(values.count - 1)
    let lower = Int(place)
    let (a, b) = (Double(values[lower]), Double(values[min(lower + 1, values.count - 1)]))
    return a + (place - Double(lower)) * (b - a)
  }

  /// A whole number that orders as the value does.
  private static func key(_ value: Float) -> UInt32 {
    let bits = value.bitPattern
    return bits & 0x8000_0000 == 0 ? bits | 0x8000_0000 : ~bits
  }

  private static func value(_ key: UInt32) -> Float {
    Float(bitPattern: key & 0x8000_0000 == 0 ? ~key : key & 0x7fff_ffff)
  }

  /// Radix sort by 11 bits at a time: a scan has millions of values.
  private static func sorted(_ keys: [UInt32]) -> [UInt32] {
    var (from, to) = (keys, keys)
    for shift in [0, 11, 22] as [UInt32] {
      var starts = [Int](repeating: 0, count: 2049)
      for key in from { starts[Int(key >> shift & 2047) + 1] += 1 }
      for digit in 0..<2048 { starts[digit + 1] += starts[digit] }
      for key in from {
        let digit = Int(key >> shift & 2047)
        to[starts[digit]] = key
        starts[digit] += 1
      }
      swap(&from, &to)
    }
    return from
  }
}
