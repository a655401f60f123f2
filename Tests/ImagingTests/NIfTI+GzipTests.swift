import Foundation
import Imaging
import TestSupport
import Testing

/// Whatever way a scan is packed in gzip, the same voxels come out, whole or a piece at a time.
@Suite struct NIfTIGzipTests {
  private let folder: TemporaryFolder
  private let volume = SampleVolumes.ramp(SIMD3(40, 31, 30), affine: SampleVolumes.obliqueAffine())
  private let plain: Data

  init() throws {
    folder = try TemporaryFolder()
    try NIfTI.write(volume, to: folder.file("scan.nii"), options: NIfTIWriteOptions(dataType: .int16))
    plain = try Data(contentsOf: URL(fileURLWithPath: folder.file("scan.nii")))
  }

  /// One gzip member by the system's gzip; with `named`, its header holds a file name.
  private func member(_ bytes: Data, level: Int = 6, named: Bool = false) throws -> Data {
    let path = try folder.write(bytes, "member")
    let gzip = Process()
    gzip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    gzip.arguments = ["gzip", "-\(level)", "-kf", named ? "-N" : "-n", path]
    try gzip.run()
    gzip.waitUntilExit()
    return try Data(contentsOf: URL(fileURLWithPath: path + ".gz"))
  }

  private func reads(_ bytes: Data, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let path = try folder.write(bytes, "scan.nii.gz")
    #expect(try NIfTI.readVolume(path).voxels == volume.voxels, sourceLocation: sourceLocation)
    #expect(
      try NIfTI.readLabels(path).labels == volume.voxels.map { UInt16($0) }, sourceLocation: sourceLocation)
  }

  private func refuses(
    _ bytes: Data, sourceLocation: SourceLocation = #_sourceLocation, _ matches: (ImagingError) -> Bool
  ) throws {
    let path = try folder.write(bytes, "scan.nii.gz")
    #expect(sourceLocation: sourceLocation) {
      try NIfTI.readVolume(path)
    } throws: { error in
      (error as? ImagingError).map(matches) ?? false
    }
  }

  @Test func anyLevelNamedOrNot() throws {
    for level in [1, 6, 9] { try reads(try member(plain, level: level, named: level == 9)) }
  }

  @Test func severalMembers() throws {
    try reads(try member(plain.prefix(200)) + member(plain.dropFirst(200)))
    try reads(try member(plain) + member(Data()))
    // The second alone has the length that the header asks for.
    try reads(try member(plain.prefix(10_000)) + member(plain.dropFirst(10_000) + Data(count: 10_000)))
  }

  @Test func bytesBehindTheVoxels() throws {
    try reads(try member(plain + Data(count: 5000)))
    // What follows the last member is not gzip: zlib leaves it alone, and so do the field's tools.
    try reads(try member(plain) + Data("more".utf8))
    try refuses(try member(plain) + member(Data(count: 99)).dropLast(3)) {
      if case .corrupt = $0 { true } else { false }
    }
  }

  @Test func aHeaderWithAChecksumOfItsOwn() throws {
    var bytes = try member(plain)
    bytes[3] |= 2
    var sum: UInt32 = 0xffff_ffff
    for byte in bytes[..<10] {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xedb8_8320 : sum >> 1 }
    }
    let low = UInt16(truncatingIfNeeded: ~sum)
    let tail = bytes[10...]
    try reads(bytes[..<10] + Data([UInt8(low & 0xff), UInt8(low >> 8)]) + tail)
    try refuses(bytes[..<10] + Data([UInt8(low & 0xff) ^ 1, UInt8(low >> 8)]) + tail) {
      if case .corrupt = $0 { true } else { false }
    }
  }

  @Test func aLengthThatIsNotTheMembers() throws {
    var bytes = try member(plain)
    bytes[bytes.count - 4] ^= 1
    try refuses(bytes) { if case .corrupt = $0 { true } else { false } }
    // The record agrees with the header, the stream does not.
    var short = try member(plain.dropLast(100))
    withUnsafeBytes(of: UInt32(plain.count).littleEndian) {
      short.replaceSubrange((short.count - 4)..<short.count, with: $0)
    }
    try refuses(short) { if case .corrupt = $0 { true } else { false } }
  }

  @Test func dataThatCompressionMakesLarger() throws {
    // A linear congruential generator's high bytes, which deflate cannot shorten.
    var state: UInt64 = 1
    var noise = volume
    noise.geometry = Geometry(size: SIMD3(100, 31, 30), affine: volume.geometry.affine)
    noise.voxels = (0..<noise.geometry.count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(state >> 56)
    }
    let path = folder.file("noise.nii")
    try NIfTI.write(noise, to: path, options: NIfTIWriteOptions(dataType: .uint8))
    let packed = try member(try Data(contentsOf: URL(fileURLWithPath: path)))
    #expect(packed.count > noise.geometry.count)
    #expect(try NIfTI.readVolume(try folder.write(packed, "noise.nii.gz")).voxels == noise.voxels)
  }
}
