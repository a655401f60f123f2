import Foundation
import Foundations
import Harmonization
import Imaging
import TestSupport
import Testing

@Suite struct BrainMaskTests {
  private static func volume(_ size: SIMD3<Int>, _ voxels: [Float]) -> Volume {
    Volume(
      geometry: Geometry(size: size, affine: AffineTransform(spacing: .one, origin: .zero)), voxels: voxels)
  }

  /// Voxels of which a share is not 0: at about a half, parts and holes wind through the whole grid.
  private static func sponge(_ size: SIMD3<Int>, share: Double, seed: Int) -> Volume {
    var stream = RandomStream(seed: 3, purpose: .test, sample: seed)
    return volume(
      size, (0..<size.x * size.y * size.z).map { _ in stream.uniform() < share ? Float(stream.normal()) : 0 })
  }

  /// A head with a dark middle and a bright speck beside it, in noise.
  private static func head(_ size: SIMD3<Int>, seed: Int) -> Volume {
    var stream = RandomStream(seed: 4, purpose: .test, sample: seed)
    let middle = SIMD3<Double>(size) / 2
    var voxels: [Float] = []
    for k in 0..<size.z {
      for j in 0..<size.y {
        for i in 0..<size.x {
          let place = (SIMD3(Double(i), Double(j), Double(k)) + 0.5 - middle) / middle
          let radius = (place * place).sum().squareRoot()
          let tissue = radius > 0.75 || radius < 0.2 ? 5.0 : radius > 0.6 ? 70 : 110
          let speck = i < 3 && j < 2 && k < 3 ? 200.0 : 0
          voxels.append(Float(abs(tissue + speck + 8 * stream.normal())))
        }
      }
    }
    return volume(size, voxels)
  }

  private static func reference(_ kind: String, _ scan: Volume) throws -> [UInt8] {
    let size = scan.geometry.size
    return [UInt8](
      try PythonReference.run(
        script: "brain_mask_reference.py", arguments: [kind] + (0..<3).map { String(size[$0]) },
        input: RawArray.bytes(scan.voxels.map(Double.init))))
  }

  @Test(
    .enabled(if: PythonReference.isWanted, PythonReference.skipMessage),
    arguments: [SIMD3(19, 14, 23), SIMD3(31, 27, 1)], [0.5, 0.75, 0.93])
  func zerosAreFilledAsSciPyDoes(size: SIMD3<Int>, share: Double) throws {
    let scan = Self.sponge(size, share: share, seed: Int(share * 100))
    let expected = try Self.reference("zeros", scan)
    let differing = zip(BrainMask.nonzero([scan], loop: ParallelLoop(threads: 2)), expected).count {
      $0 != $1
    }
    #expect(differing == 0)
    let filled = zip(expected, scan.voxels).count { $0 == 1 && $1 == 0 }
    #expect(share < 0.9 || filled > 10, "the sample has holes")
  }

  @Test(
    .enabled(if: PythonReference.isWanted, PythonReference.skipMessage),
    arguments: [SIMD3(33, 28, 21), SIMD3(64, 50, 1)], [1, 2])
  func otsuIsThatOfITK(size: SIMD3<Int>, seed: Int) throws {
    let scan = Self.head(size, seed: seed)
    let mask = BrainMask.otsu(scan, loop: ParallelLoop(threads: 2))
    let differing = zip(mask, try Self.reference("otsu", scan)).count { $0 != $1 }
    #expect(differing == 0)
    let middle = scan.geometry.offset(size.x / 2, size.y / 2, size.z / 2)
    #expect(mask[0] == 0 && scan.voxels[0] > 150, "the speck is not the head")
    #expect(mask[middle] == 1 && scan.voxels[middle] < 50, "the dark middle is in the head")
  }

  @Test func contrastsAndLabelsJoin() {
    let size = SIMD3(4, 1, 1)
    let scans = [[0, 2, 0, 0], [0, 0, -1, -0.0]].map { Self.volume(size, $0) }
    #expect(BrainMask.nonzero(scans, loop: .serial) == [0, 1, 1, 0])
    let labels = LabelVolume(geometry: scans[0].geometry, labels: [0, 1, 4, 300])
    #expect(BrainMask.given(labels) == [0, 1, 1, 1])
  }

  @Test func emptyAndFullScansHaveNoHoles() {
    let size = SIMD3(5, 4, 3)
    let (dark, bright) = (
      Self.volume(size, [Float](repeating: 0, count: 60)), Self.volume(size, [Float](repeating: 7, count: 60))
    )
    #expect(BrainMask.nonzero([dark], loop: .serial) == [UInt8](repeating: 0, count: 60))
    #expect(BrainMask.nonzero([bright], loop: .serial) == [UInt8](repeating: 1, count: 60))
    #expect(BrainMask.otsu(bright, loop: .serial) == [UInt8](repeating: 0, count: 60))
  }

  @Test func threadsChangeNothing() {
    let scan = Self.head(SIMD3(90, 80, 30), seed: 5)
    let loops = [1, 2, 5].map(ParallelLoop.init)
    let (zeros, otsu) = (
      loops.map { BrainMask.nonzero([scan], loop: $0) }, loops.map { BrainMask.otsu(scan, loop: $0) }
    )
    #expect(zeros.allSatisfy { $0 == zeros[0] } && otsu.allSatisfy { $0 == otsu[0] })
  }
}
