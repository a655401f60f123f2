import Foundation
import Foundations
import Imaging
import TestSupport
import Testing

struct ConnectedComponentsTests {
  private static func sponge(_ size: SIMD3<Int>, share: Double) -> [UInt8] {
    var stream = RandomStream(seed: 7, purpose: .test, sample: Int(share * 100))
    return (0..<size.x * size.y * size.z).map { _ in stream.uniform() < share ? 1 : 0 }
  }

  @Test(
    .enabled(if: PythonReference.isWanted, PythonReference.skipMessage),
    arguments: [SIMD3(19, 14, 23), SIMD3(31, 27, 1), SIMD3(1, 9, 8), SIMD3(2, 2, 2)], Connectivity.allCases)
  func numbersEqualSciPys(size: SIMD3<Int>, connectivity: Connectivity) throws {
    // From specks to one part that winds through all: each neighbourhood has its own thresholds.
    for share in [0.02, 0.08, 0.15, 0.3, 0.6, 1] {
      let mask = Self.sponge(size, share: share)
      let output = try PythonReference.run(
        script: "components_reference.py",
        arguments: ["\(connectivity.rawValue)"] + (0..<3).map { "\(size[$0])" }, input: Data(mask))
      let expected = output.withUnsafeBytes { bytes in
        (0..<mask.count).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self) }
      }
      guard let box = GridBox(around: mask, size: size, loop: .serial) else {
        #expect(expected.allSatisfy { $0 == 0 })
        continue
      }
      let found = ConnectedComponents(
        in: mask, box: box, size: size, connectivity: connectivity, loop: ParallelLoop(threads: 3))
      #expect(found.numbered() == expected, "\(size), share \(share)")
      #expect(found.count == Int(expected.max()!))
      let counts = (1...found.count).map { number in expected.count { $0 == Int32(number) } }
      #expect(found.voxelCounts() == counts)
    }
  }

  /// Two voxels that share a face, an edge, a corner.
  @Test func neighbourhoods() {
    for (other, joined) in [
      (SIMD3(1, 0, 0), 6), (SIMD3(0, 1, 1), 18), (SIMD3(1, 1, 1), 26), (SIMD3(1, 1, 0), 18),
    ] {
      var mask = [UInt8](repeating: 0, count: 8)
      mask[0] = 1
      mask[other.x + 2 * other.y + 4 * other.z] = 1
      for connectivity in Connectivity.allCases {
        let found = ConnectedComponents(
          in: mask, box: GridBox(whole: SIMD3(2, 2, 2)), size: SIMD3(2, 2, 2), connectivity: connectivity,
          loop: .serial)
        #expect(found.count == (connectivity.rawValue >= joined ? 1 : 2), "\(other), \(connectivity)")
      }
    }
  }

  @Test func writesTheWantedOnes() {
    let size = SIMD3(7, 1, 1)
    var mask: [UInt8] = [1, 0, 1, 1, 0, 1, 0]
    let box = GridBox(whole: size)
    let found = ConnectedComponents(
      in: mask, box: box, size: size, connectivity: .corners, loop: .serial)
    #expect(found.voxelCounts() == [1, 2, 1])
    found.write(0, into: &mask) { found.voxelCounts()[$0] < 2 }
    #expect(mask == [0, 0, 1, 1, 0, 0, 0])
  }
}
