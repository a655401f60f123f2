import CNIfTI
import Foundation
import Foundations

/// Reading and writing of NIfTI-1 and NIfTI-2: `.nii`, `.nii.gz`, and `.hdr`/`.img` pairs, compressed or
/// not.
///
/// The header is checked here before libnifti sees the file, because libnifti trusts headers. libnifti then
/// reads the header and swaps the voxels' bytes; the voxels are read here, because its own loader turns
/// NaN into 0 without a word and does not notice a broken gzip checksum.
package enum NIfTI {}

extension NIfTI {
  /// Reads a scan: slope and intercept applied in double precision, one volume, every voxel finite.
  ///
  /// Throws `FileError` or `ImagingError`, before anything of the header's size is allocated.
  package static func readVolume(_ path: String, limits: ReadLimits = .standard) throws -> Volume {
    let reader = try VoxelReader(path: path, limits: limits)
    let geometry = reader.geometry
    let scan = try reader.finiteVoxels(isLast: true)
    return Volume(geometry: geometry, voxels: scan)
  }

  /// Reads all volumes of a 4D file, which lie on one grid; a 3D file gives one. Throws as `readVolume`.
  package static func readVolumes(_ path: String, limits: ReadLimits = .standard) throws -> [Volume] {
    let reader = try VoxelReader(path: path, limits: limits, isStack: true)
    let (geometry, count) = (reader.geometry, reader.volumes)
    return try (0..<count).map { index in
      Volume(geometry: geometry, voxels: try reader.finiteVoxels(isLast: index == count - 1))
    }
  }

  /// Reads a label map: whole numbers from 0 to 65535, in any data type, slope and intercept applied.
  ///
  /// Throws as `readVolume`, and `ImagingError.notALabel` for another value.
  package static func readLabels(_ path: String, limits: ReadLimits = .standard) throws -> LabelVolume {
    let reader = try VoxelReader(path: path, limits: limits)
    let geometry = reader.geometry
    let labels = try reader.labels()
    return LabelVolume(geometry: geometry, labels: labels)
  }

  /// Reads and checks the header alone; the voxels are not touched.
  package static func header(_ path: String) throws -> NIfTIHeader {
    let file = try InflatingFile(path: try NIfTIPaths(path).header)
    return try readHeader(file)
  }

  fileprivate static func readHeader(_ file: InflatingFile) throws -> NIfTIHeader {
    var bytes = [UInt8](repeating: 0, count: NIfTIHeader.byteCount2)
    let got = try bytes.withUnsafeMutableBytes { try file.read(into: $0) }
    return try NIfTIHeader(bytes: Array(bytes.prefix(got)), path: file.path)
  }
}

/// The file or the two files of a scan.
private struct NIfTIPaths {
  let header: String
  let image: String

  /// Throws `ImagingError.unsupportedExtension` or `.missingPartner`.
  init(_ path: String) throws {
    let name = path.lowercased()
    if name.hasSuffix(".nii") || name.hasSuffix(".nii.gz") {
      header = path
      image = path
      return
    }
    let plain = name.hasSuffix(".gz") ? String(path.dropLast(3)) : path
    guard plain.lowercased().hasSuffix(".hdr") || plain.lowercased().hasSuffix(".img") else {
      throw ImagingError.unsupportedExtension(path: path, expected: ".nii, .nii.gz, .hdr or .img")
    }
    let stem = String(plain.dropLast(4))
    header = try Self.existing(stem + ".hdr", of: path)
    image = try Self.existing(stem + ".img", of: path)
  }

  private static func existing(_ partner: String, of path: String) throws -> String {
    if !FileManager.default.fileExists(atPath: path) { throw FileError.notFound(path: path) }
    for candidate in [partner, partner + ".gz"] where FileManager.default.fileExists(atPath: candidate) {
      return candidate
    }
    throw ImagingError.missingPartner(path: path, expected: partner)
  }
}

/// Hands out the voxels of one checked file in pieces, in Double.
private struct VoxelReader {
  let geometry: Geometry
  var volumes: Int { header.volumes }
  private let header: NIfTIHeader
  private let limits: ReadLimits
  private let swapBytes: Int32
  private let file: InflatingFile

  /// Voxels converted at a time: small enough for the cache.
  private static let piece = 1 << 15

  /// `isStack`: the file may hold several volumes.
  init(path: String, limits: ReadLimits, isStack: Bool = false) throws {
    let paths = try NIfTIPaths(path)
    let headerFile = try InflatingFile(path: paths.header)
    header = try NIfTI.readHeader(headerFile)
    if header.volumes > 1 && !isStack {
      throw ImagingError.severalVolumes(path: path, dimensions: header.dimensions)
    }
    self.limits = limits
    if header.isPair != (paths.header != paths.image) {
      throw ImagingError.header(
        path: paths.header, field: "magic", found: header.isPair ? "that of a pair" : "that of a single file",
        expected: header.isPair ? "that of a single file for .nii" : "that of a pair for .hdr")
    }
    geometry = Geometry(size: header.size, affine: try header.affine(path: paths.header))
    file = try InflatingFile(path: paths.image)
    let needed = header.voxelOffset + header.voxelBytes
    if needed > limits.inflatedBytes {
      throw ImagingError.tooLarge(path: paths.image, bytes: needed, ceiling: limits.inflatedBytes)
    }
    if needed > file.mostBytes {
      throw ImagingError.truncated(
        path: paths.image, expectedBytes: needed, foundBytes: try file.skip(needed))
    }
    swapBytes = try Self.consultLibrary(header, path: paths.header)
    let skipped = try file.skip(header.voxelOffset)
    if skipped < header.voxelOffset {
      throw ImagingError.truncated(path: paths.image, expectedBytes: needed, foundBytes: skipped)
    }
  }

  private static let librarySilenced: Void = nifti_set_debug_level(0)

  /// libnifti's reading of the same header; the bytes to swap at a time, or 0 for none.
  private static func consultLibrary(_ header: NIfTIHeader, path: String) throws -> Int32 {
    _ = librarySilenced
    guard let image = nifti_image_read(path, 0) else {
      throw ImagingError.corrupt(path: path, reason: "libnifti refuses its header")
    }
    defer { nifti_image_free(image) }
    let size = header.size
    let found = image.pointee
    guard found.nvox == Int64(header.volumes * size.x * size.y * size.z), found.nx == Int64(size.x),
      found.ny == Int64(size.y), found.datatype == Int32(header.dataType.rawValue),
      found.iname_offset == Int64(header.voxelOffset)
    else {
      throw ImagingError.corrupt(path: path, reason: "libnifti understands its header differently")
    }
    return found.byteorder == nifti_short_order() || found.swapsize < 2 ? 0 : found.swapsize
  }

  /// The next volume; after the last one the file must end.
  func finiteVoxels(isLast: Bool) throws -> [Float] {
    let count = geometry.count
    var bad = 0
    var firstBad = 0
    let voxels = try [Float](unsafeUninitializedCapacity: count) { output, initialized in
      try forEachPiece(isLast: isLast) { values, start in
        for index in 0..<values.count {
          let value = Float(values[index])
          output.initializeElement(at: start + index, to: value)
          if !value.isFinite {
            if bad == 0 { firstBad = start + index }
            bad += 1
          }
        }
      }
      initialized = count
    }
    if bad > 0 {
      throw ImagingError.nonFiniteVoxels(path: file.path, count: bad, firstVoxel: voxel(firstBad))
    }
    return voxels
  }

  func labels() throws -> [UInt16] {
    let count = geometry.count
    var firstBad: (index: Int, value: Double)?
    let labels = try [UInt16](unsafeUninitializedCapacity: count) { output, initialized in
      try forEachPiece(isLast: true) { values, start in
        for index in 0..<values.count {
          let nearest = values[index].rounded()
          let isLabel = nearest >= 0 && nearest <= 65535 && abs(values[index] - nearest) < Self.labelTolerance
          output.initializeElement(at: start + index, to: isLabel ? UInt16(nearest) : 0)
          if !isLabel && firstBad == nil { firstBad = (start + index, values[index]) }
        }
      }
      initialized = count
    }
    if let firstBad {
      throw ImagingError.notALabel(
        path: file.path, found: "\(firstBad.value)", firstVoxel: voxel(firstBad.index))
    }
    return labels
  }

  /// A label stored through a slope may miss its whole number by the slope's rounding to single precision.
  private static let labelTolerance = 1e-3

  private func voxel(_ index: Int) -> SIMD3<Int> {
    let size = geometry.size
    return SIMD3(index % size.x, index / size.x % size.y, index / (size.x * size.y))
  }

  /// Calls `body` with scaled voxels and the index of the first of them, front to back.
  private func forEachPiece(
    isLast: Bool, _ body: (_ values: UnsafeBufferPointer<Double>, _ start: Int) -> Void
  ) throws {
    let width = header.dataType.byteCount
    let count = geometry.count
    let raw = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.piece * width, alignment: 64)
    let values = UnsafeMutableBufferPointer<Double>.allocate(capacity: Self.piece)
    defer {
      raw.deallocate()
      values.deallocate()
    }
    var start = 0
    while start < count {
      let length = min(Self.piece, count - start)
      let bytes = UnsafeMutableRawBufferPointer(rebasing: raw[..<(length * width)])
      if try file.read(into: bytes) < bytes.count {
        throw ImagingError.truncated(
          path: file.path, expectedBytes: header.voxelOffset + header.voxelBytes, foundBytes: file.position)
      }
      if swapBytes > 0 { nifti_swap_Nbytes(Int64(length), swapBytes, bytes.baseAddress!) }
      let converted = UnsafeMutableBufferPointer(rebasing: values[..<length])
      VoxelCoding.decode(bytes, as: header.dataType, scaling: header.scaling, into: converted)
      body(UnsafeBufferPointer(converted), start)
      start += length
    }
    if isLast { try file.verifyEnd(limits: limits) }
  }
}
