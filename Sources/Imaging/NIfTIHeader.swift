/// The fields of a NIfTI-1 or NIfTI-2 header that segfed uses, checked against each other.
package struct NIfTIHeader: Sendable, Equatable {
  /// 1 or 2.
  package var version: Int
  /// Header and voxels in two files (`.hdr`, `.img`).
  package var isPair: Bool
  package var isBigEndian: Bool
  /// `dim[1]...dim[dim[0]]`, all 1 or more.
  package var dimensions: [Int]
  package var dataType: NIfTIDataType
  /// `pixdim[0...7]`: qfac, then voxel sizes in mm.
  package var pixelDimensions: [Double]
  /// Bytes before the first voxel, in the file that holds the voxels.
  package var voxelOffset: Int
  /// `scl_slope` and `scl_inter` as stored.
  package var slope: Double
  package var intercept: Double
  package var qformCode: Int
  package var sformCode: Int
  /// Quaternion b, c, d.
  package var quaternion: SIMD3<Double>
  /// qform's translation in mm.
  package var quaternionOffset: SIMD3<Double>
  /// sform's rows.
  package var sformRows: [SIMD4<Double>]
  /// `xyzt_units` as stored.
  package var units: Int

  /// Voxels along i, j, k; 1 along axes that the header does not have.
  package var size: SIMD3<Int> {
    var size = SIMD3<Int>.one
    for (axis, length) in dimensions.prefix(3).enumerated() { size[axis] = length }
    return size
  }

  /// Slope and intercept to apply, nil where the header asks for none (slope 0 or not finite).
  package var scaling: (slope: Double, intercept: Double)? {
    slope == 0 || !slope.isFinite ? nil : (slope, intercept)
  }

  /// Bytes of the voxels of all volumes.
  var voxelBytes: Int { volumes * size.x * size.y * size.z * dataType.byteCount }
  /// Volumes along the fourth axis; 1 for an ordinary scan.
  package var volumes: Int { dimensions.count > 3 ? dimensions[3] : 1 }
}

/// Reads numbers at byte offsets in either byte order.
private struct HeaderFields {
  let bytes: [UInt8]
  let isBigEndian: Bool

  func integer<Value: FixedWidthInteger>(_ type: Value.Type, _ offset: Int) -> Value {
    let value = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Value.self) }
    return isBigEndian ? Value(bigEndian: value) : Value(littleEndian: value)
  }

  func int16(_ offset: Int) -> Int { Int(integer(Int16.self, offset)) }
  func int32(_ offset: Int) -> Int { Int(integer(Int32.self, offset)) }
  func int64(_ offset: Int) -> Int { Int(integer(Int64.self, offset)) }
  func float(_ offset: Int) -> Double { Double(Float(bitPattern: integer(UInt32.self, offset))) }
  func double(_ offset: Int) -> Double { Double(bitPattern: integer(UInt64.self, offset)) }
}

extension NIfTIHeader {
  static let byteCount1 = 348
  static let byteCount2 = 540

  /// Parses and checks the first 348 (NIfTI-1) or 540 (NIfTI-2) bytes of a file; `bytes` may be longer.
  ///
  /// Throws `ImagingError.notNIfTI`, `.truncated`, `.header`, `.unsupportedDataType` or `.severalVolumes`.
  init(bytes: [UInt8], path: String) throws {
    guard bytes.count >= 4 else {
      throw ImagingError.notNIfTI(path: path, found: "only \(bytes.count) bytes")
    }
    let little = HeaderFields(bytes: bytes, isBigEndian: false).int32(0)
    let big = HeaderFields(bytes: bytes, isBigEndian: true).int32(0)
    let known = [Self.byteCount1, Self.byteCount2]
    guard known.contains(little) || known.contains(big) else {
      throw ImagingError.notNIfTI(path: path, found: "it does not start with a header size of 348 or 540")
    }
    let isBigEndian = known.contains(big)
    let headerBytes = isBigEndian ? big : little
    guard bytes.count >= headerBytes else {
      throw ImagingError.truncated(path: path, expectedBytes: headerBytes, foundBytes: bytes.count)
    }
    let fields = HeaderFields(bytes: bytes, isBigEndian: isBigEndian)
    let version = headerBytes == Self.byteCount1 ? 1 : 2
    let magic = version == 1 ? Array(bytes[344..<348]) : Array(bytes[4..<12])
    let isPair = try Self.isPair(magic: magic, version: version, path: path)
    let dimensions = try Self.dimensions(fields, version: version, path: path)
    let dataType = try Self.dataType(fields, version: version, path: path)
    let offset = try Self.voxelOffset(fields, version: version, isPair: isPair, path: path)
    if version == 1 {
      self.init(fields1: fields, isPair: isPair, dimensions: dimensions, dataType: dataType, offset: offset)
    } else {
      self.init(fields2: fields, isPair: isPair, dimensions: dimensions, dataType: dataType, offset: offset)
    }
    try check(path: path)
  }

  private init(
    fields1 f: HeaderFields, isPair: Bool, dimensions: [Int], dataType: NIfTIDataType, offset: Int
  ) {
    self.init(
      version: 1, isPair: isPair, isBigEndian: f.isBigEndian, dimensions: dimensions, dataType: dataType,
      pixelDimensions: (0..<8).map { f.float(76 + 4 * $0) }, voxelOffset: offset, slope: f.float(112),
      intercept: f.float(116), qformCode: f.int16(252), sformCode: f.int16(254),
      quaternion: SIMD3(f.float(256), f.float(260), f.float(264)),
      quaternionOffset: SIMD3(f.float(268), f.float(272), f.float(276)),
      sformRows: (0..<3).map { row in
        SIMD4(
          f.float(280 + 16 * row), f.float(284 + 16 * row), f.float(288 + 16 * row), f.float(292 + 16 * row))
      }, units: Int(f.bytes[123]))
  }

  private init(
    fields2 f: HeaderFields, isPair: Bool, dimensions: [Int], dataType: NIfTIDataType, offset: Int
  ) {
    self.init(
      version: 2, isPair: isPair, isBigEndian: f.isBigEndian, dimensions: dimensions, dataType: dataType,
      pixelDimensions: (0..<8).map { f.double(104 + 8 * $0) }, voxelOffset: offset, slope: f.double(176),
      intercept: f.double(184), qformCode: f.int32(344), sformCode: f.int32(348),
      quaternion: SIMD3(f.double(352), f.double(360), f.double(368)),
      quaternionOffset: SIMD3(f.double(376), f.double(384), f.double(392)),
      sformRows: (0..<3).map { row in
        SIMD4(
          f.double(400 + 32 * row), f.double(408 + 32 * row), f.double(416 + 32 * row),
          f.double(424 + 32 * row))
      }, units: f.int32(500))
  }
}

// MARK: - Checks

extension NIfTIHeader {
  private static func isPair(magic: [UInt8], version: Int, path: String) throws -> Bool {
    let single: [UInt8] =
      version == 1 ? [0x6e, 0x2b, 0x31, 0] : [0x6e, 0x2b, 0x32, 0, 0x0d, 0x0a, 0x1a, 0x0a]
    var pair = single
    pair[1] = 0x69
    if magic == single { return false }
    if magic == pair { return true }
    let isAnalyze = version == 1 && magic.allSatisfy { $0 == 0 }
    throw ImagingError.notNIfTI(
      path: path,
      found: isAnalyze ? "an Analyze 7.5 header, which has no orientation" : "the header's magic is wrong")
  }

  private static func dimensions(_ fields: HeaderFields, version: Int, path: String) throws -> [Int] {
    let dim = (0..<8).map { version == 1 ? fields.int16(40 + 2 * $0) : fields.int64(16 + 8 * $0) }
    guard (1...7).contains(dim[0]) else {
      throw ImagingError.header(path: path, field: "dim[0]", found: "\(dim[0])", expected: "1 to 7")
    }
    for axis in 1...dim[0] where dim[axis] < 1 {
      throw ImagingError.header(
        path: path, field: "dim[\(axis)]", found: "\(dim[axis])", expected: "1 or more")
    }
    let dimensions = Array(dim[1...dim[0]])
    var voxels = 1
    for length in dimensions {
      let product = voxels.multipliedReportingOverflow(by: length)
      if product.overflow || product.partialValue > Int.max >> 8 {
        throw ImagingError.header(
          path: path, field: "dim", found: "\(dimensions)", expected: "a number of voxels below 2^55")
      }
      voxels = product.partialValue
    }
    if dimensions.dropFirst(4).contains(where: { $0 > 1 }) {
      throw ImagingError.severalVolumes(path: path, dimensions: dimensions)
    }
    return dimensions
  }

  private static func dataType(_ fields: HeaderFields, version: Int, path: String) throws -> NIfTIDataType {
    let code = fields.int16(version == 1 ? 70 : 12)
    let bits = fields.int16(version == 1 ? 72 : 14)
    guard let type = NIfTIDataType(rawValue: code) else {
      throw ImagingError.unsupportedDataType(
        path: path, code: code, name: NIfTIDataType.name(ofUnsupported: code))
    }
    guard bits == type.byteCount * 8 else {
      throw ImagingError.header(
        path: path, field: "bitpix", found: "\(bits)", expected: "\(type.byteCount * 8) for \(type)")
    }
    return type
  }

  private static func voxelOffset(
    _ fields: HeaderFields, version: Int, isPair: Bool, path: String
  ) throws -> Int {
    let stored = version == 1 ? fields.float(108) : Double(fields.int64(168))
    let least = isPair ? 0 : (version == 1 ? byteCount1 : byteCount2) + 4
    guard stored.isFinite, stored >= Double(least), stored < 0x1p53, stored == stored.rounded(.down) else {
      throw ImagingError.header(
        path: path, field: "vox_offset", found: "\(stored)", expected: "a whole number, \(least) or more")
    }
    return Int(stored)
  }

  private func check(path: String) throws {
    if scaling != nil && !intercept.isFinite {
      throw ImagingError.header(
        path: path, field: "scl_inter", found: "not finite", expected: "a finite number, as scl_slope is set")
    }
    let affine = try affine(path: path)
    let a = affine.column(0)
    let b = affine.column(1)
    let c = affine.column(2)
    let determinant =
      a.x * (b.y * c.z - b.z * c.y) - b.x * (a.y * c.z - a.z * c.y) + c.x * (a.y * b.z - a.z * b.y)
    let spacing = affine.spacing
    guard abs(determinant) > 1e-6 * spacing.x * spacing.y * spacing.z else {
      throw ImagingError.header(
        path: path, field: sformCode != 0 ? "srow_x…srow_z" : "quaternion and pixdim",
        found: "a grid without volume", expected: "three independent axes of positive length")
    }
  }
}
