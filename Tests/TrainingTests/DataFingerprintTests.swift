import Imaging
import Testing
import Training

@Suite struct DataFingerprintTests {
  /// Eleven scans of thick slices: the median, or nnU-Net's 10th percentile where slices are few too.
  @Test func coarseAxesTakeTheirTenthPercentile() {
    let spacings = (0...10).map { SIMD3(1.5, 1.4 + 0.02 * Double($0), 5 + Double($0)) }
    func target(slices: Double) -> SIMD3<Double> {
      DataFingerprint.spacing(spacings, medianSize: SIMD3(256, 240, slices))
    }
    let few = target(slices: 12)
    #expect(few.x == 1.5 && abs(few.y - 1.5) < 1e-12 && abs(few.z - 6) < 1e-12)
    // Not anisotropic in voxels: the median.
    #expect(abs(target(slices: 100).z - 10) < 1e-12)
    // The 10th percentile would be finer than the other axes: it stays just above them.
    let mixed = [
      SIMD3(2.0, 2, 0.5), SIMD3(2.0, 2, 0.5), SIMD3(2.0, 2, 9), SIMD3(2.0, 2, 9), SIMD3(2.0, 2, 9),
    ]
    let held = DataFingerprint.spacing(mixed, medianSize: SIMD3(256, 240, 12))
    #expect(held.z > 2 && held.z < 2.0001)
    #expect(DataFingerprint.spacing([SIMD3(1, 1, 1)], medianSize: SIMD3(9, 9, 9)) == SIMD3(1, 1, 1))
  }

  private func fingerprint(
    _ values: [UInt16], names: [LabelName] = [], regions: [LabelGroup] = []
  ) -> DataFingerprint {
    DataFingerprint(
      contrasts: ["t1"], labelValues: values, medianSpacing: .one, medianSize: SIMD3(64, 64, 64),
      labelNames: names,
      regions: regions)
  }

  /// What a data set calls its labels is what the plan calls them.
  @Test func labelsKeepTheirNames() throws {
    let names = [LabelName(value: 1, name: "liver"), LabelName(value: 2, name: "tumour")]
    let plan = try BuiltInPlans.unet3d.resolved(for: fingerprint([0, 1, 2], names: names), file: "plan")
    #expect(plan.labels.map(\.name) == ["background", "liver", "tumour"])
    #expect(plan.regions.map(\.name) == ["liver", "tumour"])
    let grouped = fingerprint(
      [0, 1, 2], names: names,
      regions: [LabelGroup(name: "whole", values: [1, 2]), LabelGroup(name: "tumour", values: [2])])
    let regions = try BuiltInPlans.unet3d.resolved(for: grouped, file: "plan").regions
    #expect(regions.map(\.name) == ["whole", "tumour"] && regions.map(\.labels) == [[1, 2], [2]])
  }

  /// BraTS 2023 counts enhancing tumour as 3.
  @Test func regionsFollowTheYear() throws {
    let names = [
      LabelName(value: 1, name: "necrotic core"), LabelName(value: 2, name: "edema"),
      LabelName(value: 3, name: "enhancing tumour"),
    ]
    let plan = try BuiltInPlans.unet3d.resolved(for: fingerprint([0, 1, 2, 3], names: names), file: "plan")
    #expect(plan.regions.map(\.labels) == [[1, 2, 3], [1, 3], [3]])
    let other = try BuiltInPlans.unet3d.resolved(for: fingerprint([0, 1, 2, 3]), file: "plan")
    #expect(other.regions.map(\.labels) == [[1], [2], [3]])
  }
}
