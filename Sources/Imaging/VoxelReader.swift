import CNIfTI
import Foundation
import Foundations

/// Hands out the voxels of one checked NIfTI file, a volume at a time.
struct VoxelReader {
  let geometry: Geometry
  var volumes: Int { header.volumes }
  private let header: NIfTIHeader
  private let limits: ReadLimits
  private let swapBytes: Int32
  private let file: InflatingFile
  /// All of the file's bytes, where they could be inflated at once.
  private let whole: InflatedBytes?

  /// Voxels converted at a time: small enough for the cache.
  private static let piece = 1 << 15

  /// `isStack`: the file may hold several volumes.
  init(path: String, limits: ReadLimits, isStack: Bool = false) throws {
    let paths = try NIfTIPaths(path)
    let headerFile = try InflatingFile(path: paths.header)
    header = try NIfTIHeader(file: headerFile)
    if header.volumes > 1 && !isStack {
      throw ImagingError.severalVolumes(path: path, dimensions: header.dimensions)
    }
    self.limits = limits
    if header.isPair != (paths.header != paths.image) {
      throw ImagingError.header(
        path: paths.header, field: "magic", found: header.isPair ? "that of a pair" : "that of a single file",
        expected: header.isPair ? "that of a single file for .nii" : "that of a pair for .hdr")
    }
    geometry = try header.geometry(path: paths.header)
    if header.isPair {
      file = try InflatingFile(path: paths.image)
    } else {
      file = headerFile
      file.rewind()
    }
    let stored = header.voxelOffset + header.voxelBytes
    let needed = max(stored, header.volumes * geometry.count * MemoryLayout<Float>.size)
    if needed > limits.inflatedBytes {
      throw ImagingError.tooLarge(path: paths.image, bytes: needed, ceiling: limits.inflatedBytes)
    }
    if stored > file.mostBytes {
      throw ImagingError.truncated(
        path: paths.image, expectedBytes: stored, foundBytes: try file.skip(stored))
    }
    swapBytes = try Self.consultLibrary(header, path: paths.header)
    whole = try file.inflatedWhole(count: stored, aligned: header.voxelOffset)
    if whole == nil {
      let skipped = try file.skip(header.voxelOffset)
      if skipped < header.voxelOffset {
        throw ImagingError.truncated(path: paths.image, expectedBytes: stored, foundBytes: skipped)
      }
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

  /// Volume number `index`; volumes are asked for in order, and after the last one the file must end.
  ///
  /// Throws `ImagingError.truncated`, `.corrupt`, `.tooLarge` or `.nonFiniteVoxels`.
  func finiteVoxels(_ index: Int = 0) throws -> [Float] {
    var bad = 0
    var firstBad = 0
    let voxels = try [Float](unsafeUninitializedCapacity: geometry.count) { output, initialized in
      output.preferLargePages()
      try forEachPiece(of: index) { raw, range in
        let values = UnsafeMutableBufferPointer(rebasing: output[range])
        VoxelCoding.decode(raw, as: header.dataType, scaling: header.scaling, into: values)
        let found = VoxelCoding.notFinite(UnsafeBufferPointer(values))
        if found > 0 && bad == 0 { firstBad = range.lowerBound + values.firstIndex { !$0.isFinite }! }
        bad += found
      }
      initialized = geometry.count
    }
    if bad > 0 {
      throw ImagingError.nonFiniteVoxels(path: file.path, count: bad, firstVoxel: voxel(firstBad))
    }
    return voxels
  }

  /// The labels of a file of one volume.
  ///
  /// Throws as `finiteVoxels`, and `ImagingError.notALabel`.
  func labels() throws -> [UInt16] {
    var firstBad: (index: Int, value: Double)?
    let labels = try [UInt16](unsafeUninitializedCapacity: geometry.count) { output, initialized in
      output.preferLargePages()
      try forEachPiece(of: 0) { raw, range in
        let values = UnsafeMutableBufferPointer(rebasing: output[range])
        let bad = VoxelCoding.decodeLabels(raw, as: header.dataType, scaling: header.scaling, into: values)
        if let bad, firstBad == nil { firstBad = (range.lowerBound + bad.index, bad.value) }
      }
      initialized = geometry.count
    }
    if let firstBad {
      throw ImagingError.notALabel(
        path: file.path, found: "\(firstBad.value)", firstVoxel: voxel(firstBad.index))
    }
    return labels
  }

  private func voxel(_ index: Int) -> SIMD3<Int> {
    let size = geometry.size
    return SIMD3(index % size.x, index / size.x % size.y, index / (size.x * size.y))
  }

  /// Calls `body` with stored voxels in the machine's byte order and their places in the volume, front to
  /// back.
  private func forEachPiece(
    of volume: Int, _ body: (_ raw: UnsafeMutableRawBufferPointer, _ range: Range<Int>) -> Void
  ) throws {
    let width = header.dataType.byteCount
    let count = geometry.count
    let scratch = UnsafeMutableRawBufferPointer.allocate(
      byteCount: whole == nil ? min(Self.piece, count) * width : 0, alignment: 64)
    defer { scratch.deallocate() }
    var start = 0
    while start < count {
      let length = min(Self.piece, count - start)
      let raw: UnsafeMutableRawBufferPointer
      if let whole {
        let first = header.voxelOffset + (volume * count + start) * width
        raw = UnsafeMutableRawBufferPointer(rebasing: whole.bytes[first..<(first + length * width)])
      } else {
        raw = UnsafeMutableRawBufferPointer(rebasing: scratch[..<(length * width)])
        if try file.read(into: raw) < raw.count {
          throw ImagingError.truncated(
            path: file.path, expectedBytes: header.voxelOffset + header.voxelBytes, foundBytes: file.position)
        }
      }
      if swapBytes > 0 { nifti_swap_Nbytes(Int64(length), swapBytes, raw.baseAddress!) }
      body(raw, start..<(start + length))
      start += length
    }
    if whole == nil && volume == volumes - 1 { try file.verifyEnd(limits: limits) }
  }
}
