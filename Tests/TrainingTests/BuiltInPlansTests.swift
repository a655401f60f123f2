import Foundation
import Testing
import Training

/// `Models/` and the code say the same.
struct BuiltInPlansTests {
  private let models = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Models")

  @Test func filesEqualTheCode() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: models.path)
      .filter { $0.hasSuffix(".yaml") }.sorted()
    #expect(files == BuiltInPlans.all.map { $0.name + ".yaml" }.sorted())
    for file in files {
      let plan = try PlanFile.read(models.appendingPathComponent(file).path)
      #expect(plan == BuiltInPlans.all.first { $0.name + ".yaml" == file }, "Models/\(file)")
    }
  }

  @Test(arguments: BuiltInPlans.all.map(\.name))
  func everyPlanHasItsCard(name: String) throws {
    let card = try String(contentsOf: models.appendingPathComponent(name + ".md"), encoding: .utf8)
    for part in ["Input", "Output", "Intended use", "Limits"] { #expect(card.contains("## " + part)) }
  }

  /// The defaults fit the data that they are the defaults for.
  @Test func defaultsResolve() throws {
    let volumes = DataFingerprint(
      contrasts: ["t1", "t1ce", "t2", "flair"], labelValues: [0, 1, 2, 4], medianSpacing: SIMD3(1, 1, 1.004),
      medianSize: SIMD3(140, 170, 140))
    let plan = try BuiltInPlans.fitting(volumes).resolved(for: volumes, file: "unet3d")
    #expect(plan.name == "unet3d" && plan.spacing == [1, 1, 1])
    #expect(plan.regions.map(\.name) == ["WT", "TC", "ET"])
    #expect(plan.regions.map(\.labels) == [[1, 2, 4], [1, 4], [4]])
    let pictures = DataFingerprint(
      contrasts: ["fluorescence"], labelValues: [0, 1], medianSpacing: nil, medianSize: SIMD3(256, 256, 1))
    let planar = try BuiltInPlans.fitting(pictures).resolved(for: pictures, file: "unet2d")
    #expect(planar.name == "unet2d" && planar.spacing == nil)
    #expect(planar.regions.map(\.name) == ["label 1"])
  }
}
