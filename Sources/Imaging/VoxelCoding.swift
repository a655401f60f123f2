/// Conversion between stored voxels in the machine's byte order and numbers.
enum VoxelCoding {
  /// Added and taken away again, it rounds a Double within ±2^51 to the nearest whole number, ties to even,
  /// without a call to the C library.
  static let rounder = 0x1.8p52

  /// `raw = round((value − intercept) / slope)`, ties to even, held within the type; floats are not
  /// rounded.
  static func encode(
    _ values: UnsafeBufferPointer<Double>, as type: NIfTIDataType, slope: Double, intercept: Double,
    swapped: Bool, into raw: UnsafeMutableRawBufferPointer
  ) {
    let scale = Scale(slope: slope, intercept: intercept)
    switch type {
    case .uint8: encodeIntegers(values, UInt8.self, scale, swapped, raw)
    case .int8: encodeIntegers(values, Int8.self, scale, swapped, raw)
    case .int16: encodeIntegers(values, Int16.self, scale, swapped, raw)
    case .uint16: encodeIntegers(values, UInt16.self, scale, swapped, raw)
    case .int32: encodeIntegers(values, Int32.self, scale, swapped, raw)
    case .uint32: encodeIntegers(values, UInt32.self, scale, swapped, raw)
    case .int64: encodeIntegers(values, Int64.self, scale, swapped, raw)
    case .uint64: encodeIntegers(values, UInt64.self, scale, swapped, raw)
    case .float32:
      let stored = raw.bindMemory(to: UInt32.self)
      for index in 0..<values.count {
        let bits = Float(scale.stored(values[index])).bitPattern
        stored[index] = swapped ? bits.byteSwapped : bits
      }
    case .float64:
      let stored = raw.bindMemory(to: UInt64.self)
      for index in 0..<values.count {
        let bits = scale.stored(values[index]).bitPattern
        stored[index] = swapped ? bits.byteSwapped : bits
      }
    }
  }

  private struct Scale {
    let slope: Double
    let intercept: Double
    func stored(_ value: Double) -> Double { (value - intercept) / slope }
  }

  private static func encodeIntegers<Raw: FixedWidthInteger>(
    _ values: UnsafeBufferPointer<Double>, _ type: Raw.Type, _ scale: Scale, _ swapped: Bool,
    _ raw: UnsafeMutableRawBufferPointer
  ) {
    let stored = raw.bindMemory(to: Raw.self)
    let isNarrow = Raw.bitWidth <= 32
    let lowest = Double(Raw.min)
    // 2^63 and 2^64 are not in their types: the greatest Double below them is.
    let highest = isNarrow ? Double(Raw.max) : Double(Raw.max).nextDown
    for index in 0..<values.count {
      let value = min(max(scale.stored(values[index]), lowest), highest)
      let whole = isNarrow ? (value + rounder) - rounder : value.rounded(.toNearestOrEven)
      let number = Raw(whole)
      stored[index] = swapped ? number.byteSwapped : number
    }
  }
}
