extension Volume {
  /// A digest of what the scan shows: its voxels' values and its size along i, j, k.
  ///
  /// The same values give the same digest whatever the file's data type, header, name or compression; 0 and −0 are
  /// one value. XXH64 (Collet) over the voxels as little-endian 32-bit floats, i fastest, with the seed
  /// `size.x + size.y · 2²¹ + size.z · 2⁴²`: fast, and no protection against one who wants a collision.
  package var contentHash: UInt64 {
    let size = geometry.size
    let seed = UInt64(size.x) &+ UInt64(size.y) &<< 21 &+ UInt64(size.z) &<< 42
    return voxels.withUnsafeBufferPointer { ContentHash.hash($0, seed: seed) }
  }
}

/// XXH64 over floats.
enum ContentHash {
  private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
  private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
  private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
  private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
  private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

  static func hash(_ values: UnsafeBufferPointer<Float>, seed: UInt64) -> UInt64 {
    let count = values.count
    var hash = seed &+ prime5
    var next = 0
    if count >= 8 {
      var lanes = (
        seed &+ prime1 &+ prime2, seed &+ prime2, seed, seed &- prime1
      )
      while next + 8 <= count {
        lanes.0 = round(lanes.0, word(values, next))
        lanes.1 = round(lanes.1, word(values, next + 2))
        lanes.2 = round(lanes.2, word(values, next + 4))
        lanes.3 = round(lanes.3, word(values, next + 6))
        next += 8
      }
      hash =
        rotated(lanes.0, 1) &+ rotated(lanes.1, 7) &+ rotated(lanes.2, 12) &+ rotated(lanes.3, 18)
      for lane in [lanes.0, lanes.1, lanes.2, lanes.3] {
        hash = (hash ^ round(0, lane)) &* prime1 &+ prime4
      }
    }
    hash = hash &+ UInt64(count * 4)
    while next + 2 <= count {
      hash = rotated(hash ^ round(0, word(values, next)), 27) &* prime1 &+ prime4
      next += 2
    }
    if next < count {
      hash = rotated(hash ^ bits(values[next]) &* prime1, 23) &* prime2 &+ prime3
    }
    hash = (hash ^ hash &>> 33) &* prime2
    hash = (hash ^ hash &>> 29) &* prime3
    return hash ^ hash &>> 32
  }

  /// Adding 0 makes −0 0 and changes nothing else.
  @inline(__always) private static func bits(_ value: Float) -> UInt64 { UInt64((value + 0).bitPattern) }

  @inline(__always) private static func word(_ values: UnsafeBufferPointer<Float>, _ index: Int) -> UInt64 {
    bits(values[index]) | bits(values[index + 1]) &<< 32
  }

  @inline(__always) private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
    rotated(lane &+ word &* prime2, 31) &* prime1
  }

  @inline(__always) private static func rotated(_ value: UInt64, _ count: UInt64) -> UInt64 {
    value &<< count | value &>> (64 - count)
  }
}
