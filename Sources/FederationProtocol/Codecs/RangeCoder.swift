/// How likely a bit is 0, learned from those before it: their share at first, later ones weighing a little more once there are many
/// (Krichevsky & Trofimov 1981, with a limit on the count).
struct AdaptiveBit {
  /// Of 2³².
  private var share: Int64 = 1 << 31
  private var count = 0

  /// How far a bit moves the share, of 65536: 1/(n + 1.5) behind n bits, no less than 1/512.
  private static let steps: [Int64] = (0...510).map { 65536 * 2 / (2 * Int64($0) + 3) }

  /// Of 65536; never so near to certainty that a bit could not be coded.
  var zeroShare: UInt32 { UInt32(min(max(share >> 16, 16), 65536 - 16)) }

  mutating func learn(_ isOne: Bool) {
    let aim: Int64 = isOne ? 0 : 1 << 32
    share += (aim - share) >> 16 * Self.steps[count]
    if count < Self.steps.count - 1 { count += 1 }
  }
}

/// Bits to bytes, a likely bit in little more than none (Martin 1979; carries as in LZMA). Whole numbers alone: the same on every machine.
struct RangeEncoder {
  private(set) var bytes: [UInt8] = []
  private var low: UInt64 = 0
  private var range: UInt32 = .max
  /// The last byte, which a carry may still raise, and how many 255s follow it.
  private var held: UInt8 = 0
  private var waiting = 0
  private var isFirst = true

  /// Bytes that are settled or wait for a carry.
  var count: Int { bytes.count + waiting + (isFirst ? 0 : 1) }

  mutating func encode(_ isOne: Bool, zeroShare: UInt32) {
    let bound = (range >> 16) * zeroShare
    if isOne {
      low += UInt64(bound)
      range -= bound
    } else {
      range = bound
    }
    while range < 1 << 24 {
      range <<= 8
      shift()
    }
  }

  /// Writes out what tells the last bits from others; nothing may be encoded after it.
  mutating func finish() {
    for _ in 0..<5 { shift() }
  }

  private mutating func shift() {
    if low < 0xFF00_0000 || low > 0xFFFF_FFFF {
      let carry = UInt8(truncatingIfNeeded: low >> 32)
      if !isFirst { bytes.append(held &+ carry) }
      for _ in 0..<waiting { bytes.append(0xFF &+ carry) }
      waiting = 0
      isFirst = false
      held = UInt8(truncatingIfNeeded: low >> 24)
    } else {
      waiting += 1
    }
    low = (low & 0x00FF_FFFF) << 8
  }
}

/// Reads what a `RangeEncoder` wrote. Damaged bytes give other bits, never a fault.
struct RangeDecoder {
  private let bytes: [UInt8]
  /// Bytes taken so far, counting those behind the end.
  private(set) var position = 0
  private var code: UInt32 = 0
  private var range: UInt32 = .max

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    for _ in 0..<4 { code = code << 8 | next() }
  }

  /// Whether all bytes were taken, no more, and the last bits were those that `finish` writes.
  var isAtEnd: Bool { position == bytes.count && code == 0 }

  mutating func decode(zeroShare: UInt32) -> Bool {
    let bound = (range >> 16) * zeroShare
    let isOne = code >= bound
    if isOne {
      code -= bound
      range -= bound
    } else {
      range = bound
    }
    while range < 1 << 24 {
      range <<= 8
      code = code << 8 | next()
    }
    return isOne
  }

  private mutating func next() -> UInt32 {
    defer { position += 1 }
    return position < bytes.count ? UInt32(bytes[position]) : 0
  }
}
