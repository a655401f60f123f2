import Foundations

/// Damage that knows nothing of a format.
extension [UInt8] {
  /// Flips, overwrites, cuts, doubles or inserts somewhere.
  mutating func damage(_ random: inout RandomStream) {
    guard !isEmpty else { return append(UInt8(random.integer(below: 256))) }
    let place = random.integer(below: count)
    switch random.integer(below: 8) {
    case 0, 1: self[place] ^= 1 << UInt8(random.integer(below: 8))
    case 2: self[place] = [0, 1, 0x7f, 0x80, 0xff][random.integer(below: 5)]
    case 3:
      for index in place..<Swift.min(count, place + 8) { self[index] = UInt8(random.integer(below: 256)) }
    case 4: removeLast(count - place)
    case 5: removeSubrange(place..<Swift.min(count, place + 1 + random.integer(below: 16)))
    case 6: insert(contentsOf: self[place..<Swift.min(count, place + 32)], at: random.integer(below: count))
    default: append(contentsOf: [UInt8](repeating: UInt8(random.integer(below: 256)), count: 64))
    }
  }

  /// Writes a number at `offset`, as far as the bytes reach.
  mutating func put<Value: FixedWidthInteger>(_ value: Value, at offset: Int, bigEndian: Bool) {
    let stored = bigEndian ? value.bigEndian : value.littleEndian
    Swift.withUnsafeBytes(of: stored) { bytes in
      for (index, byte) in bytes.enumerated() where offset + index < count { self[offset + index] = byte }
    }
  }
}

extension Array {
  func any(_ random: inout RandomStream) -> Element { self[random.integer(below: count)] }
}
