import CNIfTI

/// Builds the bytes of a single-file NIfTI header, with the four bytes that say that no extension follows.
struct NIfTIHeaderBytes {
  private(set) var bytes: [UInt8]
  /// Slope and intercept as a reader will see them: rounded to the header's precision.
  let slope: Double
  let intercept: Double
  private let isBigEndian: Bool

  init(geometry: Geometry, options: NIfTIWriteOptions) {
    let longest = max(geometry.size.x, geometry.size.y, geometry.size.z)
    let version = longest > Int(Int16.max) ? 2 : options.version
    isBigEndian = options.byteOrder == .big
    slope = version == 1 ? Double(Float(options.slope)) : options.slope
    intercept = version == 1 ? Double(Float(options.intercept)) : options.intercept
    bytes = [UInt8](
      repeating: 0, count: (version == 1 ? NIfTIHeader.byteCount1 : NIfTIHeader.byteCount2) + 4)
    let forms = Forms(geometry: geometry, options: options)
    let (size, volumes) = (geometry.size, options.volumes)
    let dimensions = [volumes > 1 ? 4 : 3, size.x, size.y, size.z, volumes, 1, 1, 1]
    if version == 1 {
      fill1(dimensions, options.dataType, forms)
    } else {
      fill2(dimensions, options.dataType, forms)
    }
  }

  /// The geometry fields, the same in both versions.
  private struct Forms {
    var pixelDimensions: [Double]
    var qformCode: Int
    var sformCode: Int
    var quaternion: SIMD3<Double>
    var offset: SIMD3<Double>
    var rows: [SIMD4<Double>]
    var units: Int

    init(geometry: Geometry, options: NIfTIWriteOptions) {
      if let header = options.geometry {
        pixelDimensions = header.pixelDimensions
        qformCode = header.qformCode
        sformCode = header.sformCode
        quaternion = header.quaternion
        offset = header.quaternionOffset
        rows = header.sformRows
        units = header.units
        return
      }
      let affine = geometry.affine
      var matrix = nifti_dmat44()
      withUnsafeMutableBytes(of: &matrix) { bytes in
        let cells = bytes.bindMemory(to: Double.self)
        for row in 0..<3 { for column in 0..<4 { cells[4 * row + column] = affine.rows[row][column] } }
        cells[15] = 1
      }
      var (b, c, d, x, y, z, dx, dy, dz, qfac) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
      nifti_dmat44_to_quatern(matrix, &b, &c, &d, &x, &y, &z, &dx, &dy, &dz, &qfac)
      let spacing = affine.spacing
      let hasForm = options.qformCode != 0 || options.sformCode != 0
      pixelDimensions = [hasForm ? qfac : 1, spacing.x, spacing.y, spacing.z, 0, 0, 0, 0]
      qformCode = options.qformCode
      sformCode = options.sformCode
      quaternion = qformCode != 0 ? SIMD3(b, c, d) : .zero
      offset = qformCode != 0 ? SIMD3(x, y, z) : .zero
      rows = sformCode != 0 ? affine.rows : Array(repeating: .zero, count: 3)
      units = Int(NIFTI_UNITS_MM)
    }
  }

  private mutating func put<Value: FixedWidthInteger>(_ value: Value, at offset: Int) {
    let stored = isBigEndian ? value.bigEndian : value.littleEndian
    withUnsafeBytes(of: stored) { bytes.replaceSubrange(offset..<(offset + $0.count), with: $0) }
  }

  private mutating func putFloat(_ value: Double, at offset: Int) {
    put(Float(value).bitPattern, at: offset)
  }

  private mutating func putDouble(_ value: Double, at offset: Int) { put(value.bitPattern, at: offset) }

  private mutating func fill1(_ dimensions: [Int], _ type: NIfTIDataType, _ forms: Forms) {
    put(Int32(NIfTIHeader.byteCount1), at: 0)
    bytes[38] = UInt8(ascii: "r")
    for (index, length) in dimensions.enumerated() {
      put(Int16(length), at: 40 + 2 * index)
    }
    put(Int16(type.rawValue), at: 70)
    put(Int16(type.byteCount * 8), at: 72)
    for index in 0..<8 { putFloat(forms.pixelDimensions[index], at: 76 + 4 * index) }
    putFloat(Double(bytes.count), at: 108)
    putFloat(slope, at: 112)
    putFloat(intercept, at: 116)
    bytes[123] = UInt8(truncatingIfNeeded: forms.units)
    put(Int16(truncatingIfNeeded: forms.qformCode), at: 252)
    put(Int16(truncatingIfNeeded: forms.sformCode), at: 254)
    for axis in 0..<3 {
      putFloat(forms.quaternion[axis], at: 256 + 4 * axis)
      putFloat(forms.offset[axis], at: 268 + 4 * axis)
      for column in 0..<4 { putFloat(forms.rows[axis][column], at: 280 + 16 * axis + 4 * column) }
    }
    bytes.replaceSubrange(344..<348, with: Array("n+1\0".utf8))
  }

  private mutating func fill2(_ dimensions: [Int], _ type: NIfTIDataType, _ forms: Forms) {
    put(Int32(NIfTIHeader.byteCount2), at: 0)
    bytes.replaceSubrange(4..<12, with: Array("n+2\0\r\n\u{1A}\n".utf8))
    put(Int16(type.rawValue), at: 12)
    put(Int16(type.byteCount * 8), at: 14)
    for (index, length) in dimensions.enumerated() {
      put(Int64(length), at: 16 + 8 * index)
    }
    for index in 0..<8 { putDouble(forms.pixelDimensions[index], at: 104 + 8 * index) }
    put(Int64(bytes.count), at: 168)
    putDouble(slope, at: 176)
    putDouble(intercept, at: 184)
    put(Int32(truncatingIfNeeded: forms.qformCode), at: 344)
    put(Int32(truncatingIfNeeded: forms.sformCode), at: 348)
    for axis in 0..<3 {
      putDouble(forms.quaternion[axis], at: 352 + 8 * axis)
      putDouble(forms.offset[axis], at: 376 + 8 * axis)
      for column in 0..<4 { putDouble(forms.rows[axis][column], at: 400 + 32 * axis + 8 * column) }
    }
    put(Int32(truncatingIfNeeded: forms.units), at: 500)
  }
}
