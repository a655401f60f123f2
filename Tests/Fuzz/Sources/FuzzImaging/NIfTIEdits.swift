import Foundations

/// Damage to a NIfTI header's fields.
struct NIfTIEdits {
  let version: Int
  let isBigEndian: Bool
  let headerBytes: Int

  private enum Kind { case int16, int32, int64, float, double }
  private typealias Field = (offset: Int, count: Int, kind: Kind)

  /// sizeof_hdr, dim_info, dim, datatype, bitpix, pixdim, vox_offset, scl, forms, extension (NIfTI-1).
  private static let fields1: [Field] = [
    (0, 1, .int32), (40, 8, .int16), (40, 8, .int16), (70, 2, .int16), (76, 8, .float), (108, 1, .float),
    (108, 1, .float), (112, 2, .float), (252, 2, .int16), (256, 6, .float), (280, 12, .float),
    (344, 1, .int32),
    (348, 1, .int32), (352, 2, .int32),
  ]
  /// The same of NIfTI-2.
  private static let fields2: [Field] = [
    (0, 1, .int32), (4, 2, .int32), (12, 2, .int16), (16, 8, .int64), (16, 8, .int64), (104, 8, .double),
    (168, 1, .int64), (168, 1, .int64), (176, 2, .double), (344, 2, .int32), (352, 6, .double),
    (400, 12, .double), (540, 1, .int32), (544, 2, .int32),
  ]

  private static let whole: [Int64] = [
    0, 1, 2, 3, 4, 7, 8, 16, 64, 127, 128, 255, 256, 348, 512, 540, 1280, 1536, 4096, 32767, 32768, 65535,
    65536,
    1 << 20, 1 << 22, 1 << 24, 1 << 31, 1 << 32, 1 << 40, 1 << 62, .max, .min, -1, -2, -348,
  ]
  private static let real: [Double] = [
    0, -0.0, 1, -1, 0.5, 352, 353, 352.5, 544, 1e-30, 1e-40, 1e30, 1e39, -1e39, 1e308, 4e6, 5e6, 2e9, 5e18,
    .nan,
    .infinity, -.infinity,
  ]

  /// Sets one field to a value that readers stumble over.
  func edit(_ bytes: inout [UInt8], _ random: inout RandomStream) {
    let field = (version == 1 ? Self.fields1 : Self.fields2).any(&random)
    let index = random.integer(below: field.count)
    let whole = Self.whole.any(&random)
    let real = Self.real.any(&random)
    func put<Value: FixedWidthInteger>(_ value: Value) {
      bytes.put(value, at: field.offset + index * Value.bitWidth / 8, bigEndian: isBigEndian)
    }
    switch field.kind {
    case .int16: put(Int16(truncatingIfNeeded: whole))
    case .int32: put(Int32(truncatingIfNeeded: whole))
    case .int64: put(whole)
    case .float: put(Float(real).bitPattern)
    case .double: put(real.bitPattern)
    }
  }

  /// Sets all three dimensions: near the ceiling, far above it, or so that their product overflows.
  func resize(_ bytes: inout [UInt8], _ random: inout RandomStream) {
    let lengths: [Int64] =
      version == 1
      ? [[100, 100, 100], [1024, 1024, 1], [1024, 1024, 4], [32767, 32767, 32767], [1200, 1200, 1200]].any(
        &random)
      : [
        [1 << 40, 1 << 40, 1 << 40], [1 << 32, 1 << 31, 2], [1 << 20, 4, 1], [1 << 53, 1, 1],
        [2000, 2000, 1],
      ]
      .any(&random)
    for (axis, length) in lengths.enumerated() {
      if version == 1 { bytes.put(Int16(length), at: 42 + 2 * axis, bigEndian: isBigEndian) }
      if version == 2 { bytes.put(length, at: 24 + 8 * axis, bigEndian: isBigEndian) }
    }
    // Sometimes there is something of that size behind it.
    if random.integer(below: 4) == 0 { bytes += [UInt8](repeating: 0, count: 4 << 20) }
  }

  /// Makes a voxel, or the halves of two, NaN in either float type and byte order.
  func poison(_ bytes: inout [UInt8], _ random: inout RandomStream) {
    let place = headerBytes + 4 * random.integer(below: 100)
    for index in place..<place + 8 where index < bytes.count { bytes[index] = 0xff }
  }
}
