import Foundation
import Foundations
import Imaging
import TestSupport
import Testing

@Suite struct NIfTIBadInputTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A good file's bytes, 4 × 3 × 2 int16: header 352 bytes, voxels 48.
  private func good(version: Int = 1) throws -> Data {
    let volume = SampleVolumes.ramp(SIMD3(4, 3, 2), affine: SampleVolumes.obliqueAffine())
    try NIfTI.write(
      volume, to: folder.file("good.nii"), options: NIfTIWriteOptions(dataType: .int16, version: version))
    return try Data(contentsOf: URL(fileURLWithPath: folder.file("good.nii")))
  }

  private func patched<Value>(_ offset: Int, _ value: Value, version: Int = 1) throws -> String {
    var bytes = try good(version: version)
    withUnsafeBytes(of: value) { bytes.replaceSubrange(offset..<(offset + $0.count), with: $0) }
    return try folder.write(bytes, "patched.nii")
  }

  /// Reading fails with an error that `matches`, and whose message names the file.
  private func refuses(
    _ path: String, limits: ReadLimits = .standard, _ matches: (any Error) -> Bool,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(sourceLocation: sourceLocation) {
      try NIfTI.readVolume(path, limits: limits)
    } throws: { error in
      let message = (error as? any DescribedError)?.description ?? ""
      return matches(error) && message.hasPrefix(path) && message.count > path.count + 40
    }
  }

  private func field(_ error: any Error) -> String? {
    if case ImagingError.header(_, let field, _, _) = error { field } else { nil }
  }

  @Test func filesThatAreNoScans() throws {
    refuses(folder.file("absent.nii")) { $0 as? FileError == .notFound(path: folder.file("absent.nii")) }
    refuses(try folder.folder("folder.nii")) {
      $0 as? ImagingError == .isFolder(path: folder.file("folder.nii"))
    }
    let empty = try folder.write(Data(), "empty.nii")
    refuses(empty) { $0 as? ImagingError == .emptyFile(path: empty) }
    let text = try folder.write(Data(String(repeating: "no scan ", count: 99).utf8), "text.nii")
    refuses(text) { if case ImagingError.notNIfTI = $0 { true } else { false } }
    let short = try folder.write(Data([0x5c, 1]), "short.nii")
    refuses(short) { if case ImagingError.notNIfTI = $0 { true } else { false } }
    let other = try folder.write(try good(), "scan.mha")
    refuses(other) { if case ImagingError.unsupportedExtension = $0 { true } else { false } }
    let unzipped = try folder.write(try good(), "scan.nii.gz")
    refuses(unzipped) { $0 as? ImagingError == .compressionMismatch(path: unzipped, isGzip: false) }
    let alone = try folder.write(try good(), "alone.hdr")
    refuses(alone) {
      $0 as? ImagingError == .missingPartner(path: alone, expected: folder.file("alone.img"))
    }
  }

  @Test(arguments: [1, 2]) func truncatedPlainFiles(version: Int) throws {
    let bytes = try good(version: version)
    let whole = bytes.count
    for length in [whole - 1, whole - 48, version == 1 ? 348 : 540] {
      let path = try folder.write(bytes.prefix(length), "cut.nii")
      refuses(path) {
        $0 as? ImagingError == .truncated(path: path, expectedBytes: whole, foundBytes: length)
      }
    }
    let path = try folder.write(bytes.prefix(200), "cut.nii")
    refuses(path) { if case ImagingError.truncated(_, _, 200) = $0 { true } else { false } }
  }

  @Test func truncatedAndDamagedGzip() throws {
    let volume = SampleVolumes.ramp(SIMD3(40, 30, 20), affine: SampleVolumes.obliqueAffine())
    try NIfTI.write(volume, to: folder.file("good.nii.gz"), options: NIfTIWriteOptions())
    let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.file("good.nii.gz")))
    let expected = 352 + 4 * 24000
    let half = try folder.write(bytes.prefix(bytes.count / 2), "half.nii.gz")
    refuses(half) {
      if case ImagingError.truncated(half, expected, 352..<expected) = $0 { true } else { false }
    }
    for removed in [1, 8] {
      let tail = try folder.write(bytes.dropLast(removed), "tail.nii.gz")
      refuses(tail) { if case ImagingError.corrupt = $0 { true } else { false } }
    }
    var wrongSum = bytes
    wrongSum[bytes.count - 6] ^= 0xff
    let sum = try folder.write(wrongSum, "sum.nii.gz")
    refuses(sum) { if case ImagingError.corrupt = $0 { true } else { false } }
  }

  @Test func headersThatContradictThemselves() throws {
    refuses(try patched(344, UInt32(0))) { if case ImagingError.notNIfTI = $0 { true } else { false } }
    for (axis, value) in [(0, 0), (0, 8), (0, -3), (1, 0), (2, -1), (3, 0)] {
      refuses(try patched(40 + 2 * axis, Int16(value))) { self.field($0) == "dim[\(axis)]" }
    }
    refuses(try patched(72, Int16(8))) { self.field($0) == "bitpix" }
    for offset in [Float(0), 348, -1, 352.5, .nan, .infinity] {
      refuses(try patched(108, offset)) { self.field($0) == "vox_offset" }
    }
    refuses(try patched(108, Float(400))) { if case ImagingError.truncated = $0 { true } else { false } }
    refuses(try patched(280, Float.nan)) { self.field($0) == "srow_x…srow_z" }
    refuses(try patched(296, (Float(0), Float(0), Float(0)))) { _ in true }
    refuses(try patched(116, Float.infinity)) { self.field($0) == "scl_inter" }
    refuses(try patched(344, Array("ni1\0".utf8).withUnsafeBytes { $0.load(as: UInt32.self) })) {
      self.field($0) == "magic"
    }
  }

  @Test(arguments: [0, 1, 32, 128, 1536, 1792, 2048, 2304, 77])
  func dataTypesThatAreNotNumbers(code: Int) throws {
    let path = try patched(70, Int16(code))
    refuses(path) {
      if case ImagingError.unsupportedDataType(path, code, _) = $0 { true } else { false }
    }
  }

  @Test func sizesThatNoFileHas() throws {
    let huge = try patched(16, (Int64(3), Int64(1) << 40, Int64(1) << 40, Int64(2)), version: 2)
    refuses(huge) { self.field($0) == "dim" }
    let overflow = try patched(16, (Int64(3), Int64.max, Int64.max, Int64.max), version: 2)
    refuses(overflow) { self.field($0) == "dim" }
    let big = try patched(42, (Int16(32767), Int16(32767), Int16(32767)))
    refuses(big) { if case ImagingError.tooLarge = $0 { true } else { false } }
    let beyond = try patched(42, Int16(1000))
    refuses(beyond) { if case ImagingError.truncated(_, 352 + 12000, 400) = $0 { true } else { false } }
    let path = try folder.write(try good(), "ceiling.nii")
    refuses(path, limits: ReadLimits(inflatedBytes: 399)) {
      $0 as? ImagingError == .tooLarge(path: path, bytes: 400, ceiling: 399)
    }
    #expect(try NIfTI.readVolume(path, limits: ReadLimits(inflatedBytes: 400)).voxels.count == 24)
  }

  /// A few kilobytes of gzip that claim gigabytes are refused from their size alone, or after inflating
  /// what there is.
  @Test func smallGzipThatClaimsMuch() throws {
    let geometry = Geometry(size: SIMD3(10, 10, 10), affine: Imaging.AffineTransform(spacing: .one))
    let volume = Volume(geometry: geometry, voxels: [Float](repeating: 0, count: 1000))
    try NIfTI.write(volume, to: folder.file("a.nii"), options: NIfTIWriteOptions(dataType: .uint8))
    var bytes = try Data(contentsOf: URL(fileURLWithPath: folder.file("a.nii")))
    for axis in 0..<3 {
      withUnsafeBytes(of: Int16(1200)) { bytes.replaceSubrange((42 + 2 * axis)..<(44 + 2 * axis), with: $0) }
    }
    let plain = try folder.write(bytes, "claim.nii")
    let gzip = Process()
    gzip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    gzip.arguments = ["gzip", "-n", plain]
    try gzip.run()
    gzip.waitUntilExit()
    refuses(plain + ".gz") {
      $0 as? ImagingError
        == .truncated(path: plain + ".gz", expectedBytes: 352 + 1_728_000_000, foundBytes: 1352)
    }
  }

  @Test func voxelsThatAreNotFinite() throws {
    var volume = SampleVolumes.ramp(SIMD3(4, 3, 2), affine: SampleVolumes.obliqueAffine())
    volume.voxels[volume.geometry.offset(2, 1, 1)] = .nan
    volume.voxels[volume.geometry.offset(3, 2, 1)] = -.infinity
    let path = folder.file("nan.nii.gz")
    for type in [NIfTIDataType.float32, .float64] {
      try NIfTI.write(volume, to: path, options: NIfTIWriteOptions(dataType: type))
      refuses(path) {
        $0 as? ImagingError == .nonFiniteVoxels(path: path, count: 2, firstVoxel: SIMD3(2, 1, 1))
      }
    }
  }

  @Test func labelsThatAreNoLabels() throws {
    let geometry = Geometry(size: SIMD3(3, 1, 1), affine: Imaging.AffineTransform(spacing: .one))
    let path = folder.file("labels.nii")
    for value in [Float(1.5), -1, 65536] {
      let volume = Volume(geometry: geometry, voxels: [0, value, 4])
      try NIfTI.write(volume, to: path, options: NIfTIWriteOptions())
      #expect(
        throws: ImagingError.notALabel(path: path, found: "\(Double(value))", firstVoxel: SIMD3(1, 0, 0))
      ) { try NIfTI.readLabels(path) }
    }
    let volume = Volume(geometry: geometry, voxels: [0, 65535, 4])
    try NIfTI.write(volume, to: path, options: NIfTIWriteOptions())
    #expect(try NIfTI.readLabels(path).labels == [0, 65535, 4])
  }

  /// Any byte of the header may be wrong: reading gives a scan or one described error, never a crash.
  @Test func everyDamagedHeaderByteIsSurvived() throws {
    for version in [1, 2] {
      let bytes = try good(version: version)
      for offset in 0..<(version == 1 ? 352 : 544) {
        for flip: UInt8 in [0xff, 0x80, 0x01] {
          var damaged = bytes
          damaged[offset] ^= flip
          let path = try folder.write(damaged, "damaged.nii")
          do {
            _ = try NIfTI.readVolume(path)
          } catch {
            #expect(error is any DescribedError, "version \(version), byte \(offset)")
          }
        }
      }
    }
  }
}
