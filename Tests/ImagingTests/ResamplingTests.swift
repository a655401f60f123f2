import Foundation
import Foundations
import Imaging
import TestSupport
import Testing

@Suite struct ResamplingTests {
  @Test(.enabled(if: PythonReference.isWanted, PythonReference.skipMessage))
  func linearAgreesWithSciPy() throws {
    let old = SIMD3(13, 9, 7)
    let volume = SampleVolumes.ramp(old, affine: SampleVolumes.obliqueAffine())
    for new in [SIMD3(13, 9, 14), SIMD3(9, 6, 5), SIMD3(26, 4, 7), SIMD3(1, 20, 3)] {
      let sizes = [old.x, old.y, old.z, new.x, new.y, new.z].map(String.init)
      let output = try PythonReference.run(
        script: "zoom_reference.py", arguments: sizes, input: RawArray.bytes(volume.voxels.map(Double.init)))
      let expected = RawArray.doubles(output)
      let resized = volume.resizedLinearly(to: new, loop: .serial)
      #expect(resized.voxels.count == expected.count)
      let worst = zip(resized.voxels, expected).map { abs(Double($0) - $1) }.max()!
      #expect(worst < 1e-3, "\(new): \(worst) of 250")
      #expect(volume.resizedLinearly(to: new, loop: ParallelLoop(threads: 4)) == resized)
    }
  }

  @Test func sizesFollowNNUNet() {
    let affine = Imaging.AffineTransform(spacing: SIMD3(0.5, 1.5, 1))
    let geometry = Geometry(size: SIMD3(5, 7, 155), affine: affine)
    // 2.5 → 2 and 10.5 → 10: ties go to even.
    #expect(Resampling.size(of: geometry, atSpacing: SIMD3(1, 1, 1.5)) == SIMD3(2, 10, 103))
    #expect(Resampling.size(of: geometry, atSpacing: SIMD3(100, 1.5, 1)) == SIMD3(1, 7, 155))
  }

  @Test func theBoxInThePatientStays() {
    let geometry = Geometry(size: SIMD3(12, 10, 6), affine: SampleVolumes.obliqueAffine())
    let resized = Resampling.geometry(of: geometry, resizedTo: SIMD3(7, 20, 4))
    for corner in [SIMD3(0.0, 0, 0), SIMD3(1, 0, 0), SIMD3(0, 1, 1), SIMD3(1, 1, 1)] {
      let before = geometry.affine.world(corner * SIMD3(12, 10, 6) - 0.5)
      let after = resized.affine.world(corner * SIMD3(7, 20, 4) - 0.5)
      let shift = before - after
      #expect(max(abs(shift.x), abs(shift.y), abs(shift.z)) < 1e-9)
    }
  }

  @Test func nearestRepeatsAndSkips() {
    let geometry = Geometry(size: SIMD3(4, 1, 1), affine: Imaging.AffineTransform(spacing: .one))
    let map = LabelVolume(geometry: geometry, labels: [1, 2, 3, 4])
    #expect(map.resizedToNearest(SIMD3(8, 1, 1), loop: .serial).labels == [1, 1, 2, 2, 3, 3, 4, 4])
    #expect(map.resizedToNearest(SIMD3(2, 1, 1), loop: .serial).labels == [2, 4])
    #expect(map.resizedToNearest(SIMD3(3, 1, 2), loop: .serial).labels == [1, 3, 4, 1, 3, 4])
  }

  @Test func allOrientationsComeBack() {
    let affine = Imaging.AffineTransform(spacing: SIMD3(1, 2, 3), origin: SIMD3(4, 5, 6))
    let volume = SampleVolumes.ramp(SIMD3(5, 4, 3), affine: affine)
    for permutation in SampleVolumes.allPermutations {
      let turned = volume.permuted(permutation)
      #expect(turned.permuted(permutation.inverse) == volume)
      let (ras, toRAS) = turned.reorientedToRAS(loop: ParallelLoop(threads: 3))
      #expect(ras == volume && toRAS == permutation.inverse)
    }
  }
}
