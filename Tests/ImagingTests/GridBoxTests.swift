import Foundations
import Imaging
import Testing

@Suite struct GridBoxTests {
  private let grid = Geometry(
    size: SIMD3(7, 6, 5), affine: SampleVolumes.obliqueAffine())

  @Test func boxOfAMaskIsTheSmallest() {
    var mask = [UInt8](repeating: 0, count: grid.count)
    #expect(GridBox(around: mask, size: grid.size, loop: .serial) == nil)
    mask[grid.offset(2, 3, 1)] = 1
    #expect(
      GridBox(around: mask, size: grid.size, loop: .serial) == GridBox(origin: SIMD3(2, 3, 1), size: .one))
    mask[grid.offset(5, 1, 4)] = 1
    #expect(
      GridBox(around: mask, size: grid.size, loop: ParallelLoop(threads: 2))
        == GridBox(origin: SIMD3(2, 1, 1), size: SIMD3(4, 3, 4)))
  }

  /// Voxels keep their values and their places in the patient.
  @Test func croppedVoxelsStayWhereTheyAre() {
    let volume = SampleVolumes.ramp(grid.size, affine: grid.affine)
    let box = GridBox(origin: SIMD3(1, 2, 3), size: SIMD3(4, 3, 2))
    let crop = volume.cropped(to: box)
    for k in 0..<2 {
      for j in 0..<3 {
        for i in 0..<4 {
          #expect(
            crop.voxels[crop.geometry.offset(i, j, k)] == volume.voxels[grid.offset(i + 1, j + 2, k + 3)])
        }
      }
    }
    let (here, there) = (
      crop.geometry.affine.world(SIMD3(3, 1, 0)), grid.affine.world(SIMD3(4, 3, 3))
    )
    #expect(((here - there) * (here - there)).sum() < 1e-18)
    let labels = LabelVolume(geometry: grid, labels: (0..<grid.count).map { UInt16($0) })
    let back = labels.cropped(to: box).placed(in: box, of: grid)
    for index in labels.labels.indices {
      let (i, j, k) = (index % 7, index / 7 % 6, index / 42)
      let isInside = (1..<5).contains(i) && (2..<5).contains(j) && (3..<5).contains(k)
      #expect(back.labels[index] == (isInside ? labels.labels[index] : 0))
    }
  }

  @Test func inverseUndoesAnAffine() throws {
    let inverse = try #require(grid.affine.inverse)
    let voxel = SIMD3(1.5, -2, 7)
    let there = inverse.world(grid.affine.world(voxel))
    #expect((there - voxel).max() < 1e-12 && (voxel - there).max() < 1e-12)
    #expect(Imaging.AffineTransform(spacing: SIMD3(1, 0, 1)).inverse == nil)
  }

  /// A map of another grid: shifted by whole voxels, turned, and finer; outside it is background.
  @Test func labelsAreSampledByTheirPlace() throws {
    let map = LabelVolume(
      geometry: Geometry(size: SIMD3(4, 4, 4), affine: Imaging.AffineTransform(spacing: SIMD3(repeating: 2))),
      labels: (0..<64).map { UInt16($0 + 1) })
    let turned = map.permuted(AxisPermutation(sources: SIMD3(2, 0, 1), flips: [true, false, true]))
    #expect(turned.sampled(on: map.geometry) == map)
    let shifted = Geometry(
      size: SIMD3(4, 4, 4),
      affine: Imaging.AffineTransform(spacing: SIMD3(repeating: 2), origin: SIMD3(2, 0, 0)))
    let moved = try #require(map.sampled(on: shifted))
    #expect(moved.labels[0] == 2 && moved.labels[2] == 4 && moved.labels[3] == 0)
    let fine = Geometry(
      size: SIMD3(8, 8, 8), affine: Imaging.AffineTransform(spacing: .one, origin: SIMD3(repeating: -0.5)))
    #expect(try #require(map.sampled(on: fine)).labels[1] == 1)
    #expect(try #require(map.sampled(on: fine)).labels[2] == 2)
  }
}
