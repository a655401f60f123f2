import Foundations
import Imaging
import TestSupport
import Testing

@Suite struct AxisPermutationTests {
  /// Every voxel lies at the same place in the patient as before, on a grid that fills no block of the copy.
  @Test(arguments: SampleVolumes.allPermutations)
  func everyVoxelKeepsItsPlace(permutation: AxisPermutation) {
    let size = SIMD3(35, 18, 21)
    let geometry = Geometry(size: size, affine: SampleVolumes.obliqueAffine())
    // Each voxel holds its own number.
    let volume = Volume(geometry: geometry, voxels: (0..<geometry.count).map { Float($0) })
    let turned = volume.permuted(permutation, loop: ParallelLoop(threads: 2))
    var misplaced = 0
    for k in 0..<turned.geometry.size.z {
      for j in 0..<turned.geometry.size.y {
        for i in 0..<turned.geometry.size.x {
          let number = Int(turned.voxels[turned.geometry.offset(i, j, k)])
          let origin = SIMD3(number % size.x, number / size.x % size.y, number / (size.x * size.y))
          let there = geometry.affine.world(SIMD3<Double>(origin))
          let here = turned.geometry.affine.world(SIMD3(Double(i), Double(j), Double(k)))
          let shift = here - there
          if max(abs(shift.x), abs(shift.y), abs(shift.z)) > 1e-9 { misplaced += 1 }
        }
      }
    }
    #expect(misplaced == 0)
    #expect(volume.permuted(permutation).voxels == turned.voxels)
    #expect(turned.permuted(permutation.inverse).voxels == volume.voxels)
    let labels = LabelVolume(geometry: geometry, labels: (0..<geometry.count).map { UInt16($0) })
    #expect(labels.permuted(permutation).labels == turned.voxels.map { UInt16($0) })
  }
}
