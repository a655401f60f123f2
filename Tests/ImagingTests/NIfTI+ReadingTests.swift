import Foundation
import Imaging
import TestSupport
import Testing

@Suite struct NIfTIReadingTests {
  /// A grid and its voxels as nibabel gave them.
  private struct Expected {
    let size: SIMD3<Int>
    let voxels: [Double]
    let affine: [Double]
  }

  private static func largestDifference(_ affine: Imaging.AffineTransform, _ expected: [Double]) -> Double {
    var largest = 0.0
    for row in 0..<3 {
      for column in 0..<4 {
        largest = max(largest, abs(affine.rows[row][column] - expected[4 * row + column]))
      }
    }
    return largest
  }

  private static func agrees(_ volume: Volume, _ expected: Expected, _ name: String) {
    #expect(volume.geometry.size == expected.size, "\(name)")
    #expect(volume.voxels == expected.voxels.map { Float($0) }, "\(name): voxels")
    #expect(largestDifference(volume.geometry.affine, expected.affine) < 1e-5, "\(name): affine")
  }

  @Test(.enabled(if: PythonReference.isWanted, PythonReference.skipMessage))
  func readsWhatNibabelReads() throws {
    let folder = try TemporaryFolder()
    _ = try PythonReference.run(script: "nifti_reference.py", arguments: [folder.path])
    let index = try String(contentsOfFile: folder.file("index.tsv"), encoding: .utf8)
    let lines = index.split(separator: "\n")
    #expect(lines.count > 150)
    for line in lines {
      let fields = line.split(separator: "\t").map(String.init)
      let name = fields[0]
      let sizes = fields.dropFirst().prefix(3).map { Int($0)! }
      let expected = Expected(
        size: SIMD3(sizes[0], sizes[1], sizes[2]),
        voxels: try RawArray.doubles(folder.file(name + ".voxels")),
        affine: try RawArray.doubles(folder.file(name + ".affine")))
      let notFinite = expected.voxels.count { !$0.isFinite }
      if notFinite > 0 {
        #expect(
          throws: ImagingError.nonFiniteVoxels(path: folder.file(name), count: notFinite, firstVoxel: .zero)
        ) {
          try NIfTI.readVolume(folder.file(name))
        }
        continue
      }
      let volume = try NIfTI.readVolume(folder.file(name))
      Self.agrees(volume, expected, name)
      let rasSize = try RawArray.doubles(folder.file(name + ".ras.size")).map { Int($0) }
      let ras = Expected(
        size: SIMD3(rasSize[0], rasSize[1], rasSize[2]),
        voxels: try RawArray.doubles(folder.file(name + ".ras.voxels")),
        affine: try RawArray.doubles(folder.file(name + ".ras.affine")))
      let (turned, permutation) = volume.reorientedToRAS()
      Self.agrees(turned, ras, name + " in RAS")
      #expect(turned.permuted(permutation.inverse).voxels == volume.voxels, "\(name): back from RAS")
    }
    let several = try String(contentsOfFile: folder.file("several.tsv"), encoding: .utf8)
    #expect(several.split(separator: "\n").count == 3)
    for name in several.split(separator: "\n") {
      #expect {
        try NIfTI.readVolume(folder.file(String(name)))
      } throws: { error in
        if case ImagingError.severalVolumes = error { true } else { false }
      }
    }
  }
}
