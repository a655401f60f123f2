import Foundation
import Foundations
import Imaging
import TestSupport
import Testing
import Training

struct LabelCleanupTests {
  private static let size = SIMD3(23, 19, 17)

  /// Blobs and specks of three labels.
  private static func map(spacing: SIMD3<Double>, seed: Int) -> LabelVolume {
    var stream = RandomStream(seed: 11, purpose: .test, sample: seed)
    let geometry = Geometry(size: size, affine: AffineTransform(spacing: spacing))
    var labels = (0..<geometry.count).map { _ in
      stream.uniform() < 0.04 ? UInt16(1 + stream.integer(below: 3)) : 0
    }
    for _ in 0..<6 {
      let label = UInt16(1 + stream.integer(below: 3))
      let start = (0..<3).map { stream.integer(below: size[$0] - 4) }
      for k in 0..<4 {
        for j in 0..<3 {
          for i in 0..<4 { labels[geometry.offset(start[0] + i, start[1] + j, start[2] + k)] = label }
        }
      }
    }
    return LabelVolume(geometry: geometry, labels: labels)
  }

  @Test(
    .enabled(if: PythonReference.isWanted, PythonReference.skipMessage),
    arguments: [
      (LabelCleanup(largest: .foreground), "foreground 0"), (LabelCleanup(largest: .each), "each 0"),
      (LabelCleanup(minimum: .voxels(3)), "none 3"),
      (LabelCleanup(largest: .each, minimum: .voxels(9)), "each 9"),
      (LabelCleanup(minimum: .cubicMillimetres(9)), "none 3"),
      (LabelCleanup(minimum: .cubicMillimetres(9.1)), "none 4"),
    ], TrainingPlan.Targets.allCases)
  func equalsSciPy(choice: (cleanup: LabelCleanup, asReference: String), targets: TrainingPlan.Targets) throws
  {
    var plan = SampleCases.plan(patch: [8, 8, 8], labels: 4)
    plan.targets = targets
    plan.regions = [.init(name: "all", labels: [1, 2, 3]), .init(name: "core", labels: [1, 3])]
    let groups = targets == .labels ? ["1", "2", "3"] : ["1,2,3", "1,3"]
    for seed in 0..<3 {
      let map = Self.map(spacing: SIMD3(1, 1.5, 2), seed: seed)
      let output = try PythonReference.run(
        script: "cleanup_reference.py",
        arguments: (0..<3).map { "\(Self.size[$0])" }
          + choice.asReference.split(separator: " ").map(String.init) + groups,
        input: Data(map.labels.map { UInt8($0) }))
      let found = choice.cleanup.applied(to: map, plan: plan, loop: ParallelLoop(threads: 2))
      #expect(found.labels == output.map { UInt16($0) })
      #expect(found.labels != map.labels, "something was taken out")
    }
  }

  @Test func sizesAreRead() {
    #expect(LabelCleanup.Size("50") == .voxels(50) && LabelCleanup.Size("50 voxels") == .voxels(50))
    #expect(LabelCleanup.Size("12.5mm3") == .cubicMillimetres(12.5))
    for text in ["", "0", "-3", "0mm3", "nanmm3", "mm3", "5cm3", "2.5"] {
      #expect(LabelCleanup.Size(text) == nil, "\(text)")
    }
  }
}
