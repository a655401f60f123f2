import Foundation
import Foundations
import Imaging
import TestSupport
import Testing

@Suite struct ResamplingTests {
  /// `kind` as `zoom_reference.py` names it.
  private func reference(_ kind: String, _ values: [Double], _ old: SIMD3<Int>, _ new: SIMD3<Int>) throws
    -> [Double]
  {
    let sizes = [old.x, old.y, old.z, new.x, new.y, new.z].map(String.init)
    return RawArray.doubles(
      try PythonReference.run(
        script: "zoom_reference.py", arguments: [kind] + sizes, input: RawArray.bytes(values)))
  }

  /// Noise on a slope, with sharp edges for splines to overshoot.
  private static let noisy: Volume = {
    let size = SIMD3(13, 9, 7)
    var stream = RandomStream(seed: 3, purpose: .test)
    let geometry = Geometry(size: size, affine: SampleVolumes.obliqueAffine())
    return Volume(
      geometry: geometry,
      voxels: (0..<geometry.count).map { Float($0) * 0.1 + ($0 % 5 == 0 ? 100 : 0) + Float(stream.uniform()) }
    )
  }()

  private static let sizes = [
    SIMD3(13, 9, 14), SIMD3(9, 6, 5), SIMD3(26, 4, 7), SIMD3(1, 20, 3), SIMD3(14, 10, 8),
  ]

  @Test(.enabled(if: PythonReference.isWanted, PythonReference.skipMessage), arguments: sizes)
  func interpolationAgreesWithSciPy(new: SIMD3<Int>) throws {
    let volume = Self.noisy
    let range = Double(volume.voxels.max()! - volume.voxels.min()!)
    let ways: [(kind: String, resized: (ParallelLoop) -> Volume)] = [
      ("linear", { volume.resizedLinearly(to: new, loop: $0) }),
      ("cubic", { volume.resizedCubically(to: new, loop: $0) }),
      ("slices", { volume.resizedSliceWise(to: new, across: 2, loop: $0) }),
    ]
    for way in ways {
      let expected = try reference(way.kind, volume.voxels.map(Double.init), volume.geometry.size, new)
      let resized = way.resized(.serial)
      #expect(resized.voxels.count == expected.count && resized.geometry.size == new)
      let worst = zip(resized.voxels, expected).map { abs(Double($0) - $1) }.max()! / range
      #expect(worst < 1e-6, "\(way.kind) to \(new): \(worst) of the range")
      #expect(way.resized(ParallelLoop(threads: 4)) == resized)
    }
  }

  /// Blobs of four labels, as a label map has them; `scale` 1 is 21×18×12.
  private static func blobs(scale: Int) -> LabelVolume {
    let size = SIMD3(21, 18, 12) &* scale
    var labels: [UInt16] = []
    for k in 0..<size.z {
      for j in 0..<size.y {
        for i in 0..<size.x {
          let place = SIMD3(Double(i), Double(j), Double(k)) / Double(scale) - SIMD3(9, 8, 6)
          let radius = (place * place * SIMD3(1, 1, 2)).sum().squareRoot()
          labels.append(radius < 3 ? 4 : radius < 5 ? 1 : radius < 8 && place.x > -3 ? 2 : 0)
        }
      }
    }
    return LabelVolume(
      geometry: Geometry(size: size, affine: SampleVolumes.obliqueAffine()), labels: labels)
  }

  private func share(of kind: String, _ map: LabelVolume, _ resized: LabelVolume) throws -> Double {
    let expected = try reference(
      kind, map.labels.map(Double.init), map.geometry.size, resized.geometry.size)
    return Double(zip(resized.labels, expected).count { Double($0) == $1 }) / Double(expected.count)
  }

  @Test(.enabled(if: PythonReference.isWanted, PythonReference.skipMessage), arguments: sizes)
  func labelsAgreeWithSciPy(new: SIMD3<Int>) throws {
    let map = Self.blobs(scale: 1)
    let resized = map.resizedByLabel(to: new &* 2, loop: .serial)
    let share = try share(of: "labels", map, resized)
    #expect(share >= 0.999, "\(new &* 2): \(share)")
    #expect(map.resizedByLabel(to: new &* 2, loop: ParallelLoop(threads: 3)) == resized)
    #expect(map.resizedByLabel(to: map.geometry.size, loop: .serial) == map)
  }

  @Test(.enabled(if: PythonReference.isWanted, PythonReference.skipMessage), arguments: [0.8, 1.3])
  func labelsAgreeWithNNUNet(factor: Double) throws {
    let map = Self.blobs(scale: 4)
    let size = map.geometry.size
    let new = SIMD3(
      Int(Double(size.x) * factor), Int(Double(size.y) * factor), Int(Double(size.z) * factor))
    let share = try share(of: "labels", map, map.resizedByLabel(to: new, loop: .serial))
    #expect(share >= 0.999, "\(new): \(share)")
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
