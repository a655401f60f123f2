import Foundation
import Foundations
import Imaging
import TestSupport
import Testing

@Suite struct VolumeContentTests {
  private func scan(_ size: SIMD3<Int>, seed: UInt64 = 1) -> Volume {
    let geometry = Geometry(size: size, affine: Imaging.AffineTransform(spacing: .one))
    var stream = RandomStream(seed: seed, purpose: .test)
    return Volume(geometry: geometry, voxels: (0..<geometry.count).map { _ in Float(stream.normal()) })
  }

  /// Every length of a rest, by the reference implementation.
  @Test(.enabled(if: PythonReference.isWanted, PythonReference.skipMessage))
  func isXXH64() throws {
    let scans = (1...19).flatMap { [scan(SIMD3($0, 1, 1)), scan(SIMD3($0, 3, 5))] }
    let sizes = scans.map(\.geometry.size).map { "\($0.x),\($0.y),\($0.z)" }
    let output = try PythonReference.run(
      script: "header_reference.py", arguments: ["hash"] + sizes,
      input: scans.reduce(into: Data()) { data, scan in
        scan.voxels.withUnsafeBytes { data.append(contentsOf: $0) }
      })
    let expected = String(decoding: output, as: UTF8.self).split(separator: "\n").map {
      UInt64($0, radix: 16)
    }
    #expect(scans.map(\.contentHash) == expected)
  }

  /// What the file is like does not matter; what it shows does.
  @Test func dependsOnContentAlone() throws {
    let folder = try TemporaryFolder()
    let scan = SampleVolumes.ramp(SIMD3(9, 8, 7), affine: SampleVolumes.obliqueAffine())
    for (name, options) in [
      ("a.nii.gz", NIfTIWriteOptions(dataType: .uint8)), ("b.nii", NIfTIWriteOptions(dataType: .float64)),
      ("c.nii", NIfTIWriteOptions(dataType: .int16, slope: 0.5, intercept: -7, byteOrder: .big)),
      ("d.nii.gz", NIfTIWriteOptions(sformCode: 0, version: 2)),
    ] {
      try NIfTI.write(scan, to: folder.file(name), options: options)
      #expect(try NIfTI.readVolume(folder.file(name)).contentHash == scan.contentHash, "\(name)")
    }
    var negative = scan
    negative.voxels[0] = 0
    var positive = negative
    positive.voxels[0] = -0.0
    #expect(negative.contentHash == positive.contentHash)
    var turned = scan
    turned.geometry.size = SIMD3(8, 9, 7)
    #expect(turned.contentHash != scan.contentHash)
  }

  /// No two of 4000 scans that differ in one voxel, by one bit, or by two voxels in each other's place are taken for one.
  @Test func littleDifferencesShow() {
    let scan = scan(SIMD3(10, 10, 10))
    var seen: Set<UInt64> = [scan.contentHash]
    for index in scan.voxels.indices {
      var other = scan
      other.voxels[index] = -scan.voxels[index]
      seen.insert(other.contentHash)
      other.voxels[index] = scan.voxels[index].nextUp
      seen.insert(other.contentHash)
      other.voxels[index] = 0
      seen.insert(other.contentHash)
      other.voxels[index] = scan.voxels[(index + 1) % 1000]
      other.voxels[(index + 1) % 1000] = scan.voxels[index]
      seen.insert(other.contentHash)
    }
    #expect(seen.count == 4001)
  }
}
