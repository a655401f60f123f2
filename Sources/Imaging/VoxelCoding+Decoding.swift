extension VoxelCoding {
  /// Slope and intercept in double precision: `value = raw · slope + intercept`.
  typealias Scaling = (slope: Double, intercept: Double)

  /// `value = raw · slope + intercept` in Double, as nibabel's `get_fdata` does, rounded to Float.
  static func decode(
    _ raw: UnsafeMutableRawBufferPointer, as type: NIfTIDataType, scaling: Scaling?,
    into values: UnsafeMutableBufferPointer<Float>
  ) {
    switch type {
    case .uint8: decodeIntegers(raw, UInt8.self, scaling, values)
    case .int8: decodeIntegers(raw, Int8.self, scaling, values)
    case .int16: decodeIntegers(raw, Int16.self, scaling, values)
    case .uint16: decodeIntegers(raw, UInt16.self, scaling, values)
    case .int32: decodeIntegers(raw, Int32.self, scaling, values)
    case .uint32: decodeIntegers(raw, UInt32.self, scaling, values)
    case .int64: decodeIntegers(raw, Int64.self, scaling, values)
    case .uint64: decodeIntegers(raw, UInt64.self, scaling, values)
    case .float32:
      let stored = raw.bindMemory(to: Float.self)
      guard let (slope, intercept) = effective(scaling) else {
        _ = values.update(fromContentsOf: stored)
        return
      }
      for index in 0..<values.count { values[index] = Float(Double(stored[index]) * slope + intercept) }
    case .float64:
      let stored = raw.bindMemory(to: Double.self)
      let (slope, intercept) = effective(scaling) ?? (1, -0.0)
      for index in 0..<values.count { values[index] = Float(stored[index] * slope + intercept) }
    }
  }

  private static func decodeIntegers<Raw: FixedWidthInteger>(
    _ raw: UnsafeMutableRawBufferPointer, _ type: Raw.Type, _ scaling: Scaling?,
    _ values: UnsafeMutableBufferPointer<Float>
  ) {
    let stored = raw.bindMemory(to: Raw.self)
    if let (slope, intercept) = effective(scaling) {
      for index in 0..<values.count { values[index] = Float(Double(stored[index]) * slope + intercept) }
    } else if Raw.bitWidth <= 16 {
      // Exact in either precision.
      for index in 0..<values.count { values[index] = Float(stored[index]) }
    } else {
      for index in 0..<values.count { values[index] = Float(Double(stored[index])) }
    }
  }

  /// Nil where scaling changes nothing.
  private static func effective(_ scaling: Scaling?) -> Scaling? {
    scaling.flatMap { $0.slope == 1 && $0.intercept == 0 ? nil : $0 }
  }

  /// How many values are NaN or infinite: those whose exponent is all ones.
  static func notFinite(_ values: UnsafeBufferPointer<Float>) -> Int {
    let exponent = Float.infinity.bitPattern
    var count: UInt32 = 0
    for index in 0..<values.count {
      count &+= values[index].bitPattern & exponent == exponent ? 1 : 0
    }
    return Int(count)
  }
}

// MARK: - Labels

extension VoxelCoding {
  /// A label stored through a slope may miss its whole number by the slope's rounding to single precision.
  private static let labelTolerance = 1e-3

  /// Whole numbers from 0 to 65535. Returns the first voxel that is none, nil where all are.
  static func decodeLabels(
    _ raw: UnsafeMutableRawBufferPointer, as type: NIfTIDataType, scaling: Scaling?,
    into labels: UnsafeMutableBufferPointer<UInt16>
  ) -> (index: Int, value: Double)? {
    switch type {
    case .uint8: integerLabels(raw, UInt8.self, scaling, labels)
    case .int8: integerLabels(raw, Int8.self, scaling, labels)
    case .int16: integerLabels(raw, Int16.self, scaling, labels)
    case .uint16: integerLabels(raw, UInt16.self, scaling, labels)
    case .int32: integerLabels(raw, Int32.self, scaling, labels)
    case .uint32: integerLabels(raw, UInt32.self, scaling, labels)
    case .int64: integerLabels(raw, Int64.self, scaling, labels)
    case .uint64: integerLabels(raw, UInt64.self, scaling, labels)
    case .float32: nearestLabels(raw.bindMemory(to: Float.self), scaling, labels) { Double($0) }
    case .float64: nearestLabels(raw.bindMemory(to: Double.self), scaling, labels) { $0 }
    }
  }

  private static func integerLabels<Raw: FixedWidthInteger>(
    _ raw: UnsafeMutableRawBufferPointer, _ type: Raw.Type, _ scaling: Scaling?,
    _ labels: UnsafeMutableBufferPointer<UInt16>
  ) -> (index: Int, value: Double)? {
    let stored = raw.bindMemory(to: Raw.self)
    if effective(scaling) != nil { return nearestLabels(stored, scaling, labels) { Double($0) } }
    var lost: Raw = 0
    for index in 0..<labels.count {
      labels[index] = UInt16(truncatingIfNeeded: stored[index])
      // Bits beyond the label's 16, and the sign, which a narrow type keeps among them.
      lost |= stored[index] ^ Raw(truncatingIfNeeded: labels[index]) | stored[index] & Raw.min
    }
    if lost == 0 { return nil }
    return stored.firstIndex { UInt16(exactly: $0) == nil }.map { ($0, Double(stored[$0])) }
  }

  private static func nearestLabels<Raw>(
    _ stored: UnsafeMutableBufferPointer<Raw>, _ scaling: Scaling?,
    _ labels: UnsafeMutableBufferPointer<UInt16>, _ number: (Raw) -> Double
  ) -> (index: Int, value: Double)? {
    let (slope, intercept) = effective(scaling) ?? (1, -0.0)
    var firstBad: (index: Int, value: Double)?
    for index in 0..<labels.count {
      let value = number(stored[index]) * slope + intercept
      let nearest = (value + rounder) - rounder
      let isLabel = nearest >= 0 && nearest <= 65535 && abs(value - nearest) < labelTolerance
      labels[index] = isLabel ? UInt16(nearest) : 0
      if !isLabel && firstBad == nil { firstBad = (index, value) }
    }
    return firstBad
  }
}
