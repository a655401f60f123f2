import Foundations
import Testing
import Training

@Suite struct ClassBalanceTests {
  private func plan(_ targets: TrainingPlan.Targets) -> TrainingPlan {
    var plan = SampleCases.plan(patch: [8, 8, 8])
    plan.targets = targets
    plan.regions = [
      .init(name: "all", labels: [1, 2, 3]), .init(name: "two", labels: [1, 2]),
      .init(name: "one", labels: [3]),
    ]
    return plan
  }

  /// `compute_class_weight("balanced", …)` of scikit-learn 1.7 for 70, 20, 10 voxels: 0.47619048, 1.66666667, 3.33333333.
  @Test func labelsFollowScikitLearn() {
    let found = ClassBalance(voxels: [70, 20, 10]).weights(for: plan(.labels))
    #expect(zip(found, [0.47619048, 1.66666667, 3.33333333]).allSatisfy { abs($0 - $1) < 1e-6 })
    // A class that never occurs is never weighed, and does not count.
    #expect(
      ClassBalance(voxels: [70, 0, 20, 10]).weights(for: plan(.labels)) == [found[0], 1, found[1], found[2]])
  }

  @Test func regionsWeighTheInsideAsMuchAsTheOutside() {
    #expect(ClassBalance(voxels: [70, 10, 10, 10]).weights(for: plan(.regions)) == [70.0 / 30, 4, 9])
    #expect(ClassBalance(voxels: [90, 10, 0, 0]).weights(for: plan(.regions)) == [9, 9, 1])
  }

  @Test func voxelsOfAllCasesAreCounted() throws {
    func item(_ targets: [UInt8]) -> TrainingCase {
      TrainingCase(
        size: SIMD3(targets.count, 1, 1), channels: 1,
        image: FixedArray([Float](repeating: 0, count: targets.count)), targets: targets, classes: 4)
    }
    let cases = [item([0, 0, 1, 3]), item([3, 0])]
    #expect(ClassBalance(cases, classes: 4).voxels == [3, 1, 0, 2])
  }

  /// Foreground is looked for by region: nnU-Net's `class_locations` where it trains regions.
  @Test func placesOfRegionsAreKept() {
    let targets: [UInt8] = [0, 1, 2, 3, 0, 2]
    func foreground(_ regions: [[Int]]?) -> [[Int32]] {
      TrainingCase(
        size: SIMD3(6, 1, 1), channels: 1, image: FixedArray([Float](repeating: 0, count: 6)),
        targets: targets,
        classes: 5, regions: regions
      ).foreground
    }
    #expect(foreground(nil) == [[1], [2, 5], [3]])
    #expect(foreground([[1, 2, 3], [1, 3], [4], [3]]) == [[1, 2, 3, 5], [1, 3], [3]])
  }
}
