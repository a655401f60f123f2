import Foundation
import TestSupport
import Testing
import Training

/// The plans of `Models/`, which are built into the program.
struct BuiltInPlansTests {
  private let models = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Models")

  @Test func filesAreBuiltIn() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: models.path)
      .filter { $0.hasSuffix(".yaml") }.sorted()
    #expect(files == BuiltInPlans.all.map { $0.name + ".yaml" })
    for file in files {
      let plan = try PlanFile.read(models.appendingPathComponent(file).path)
      #expect(plan == BuiltInPlans.all.first { $0.name + ".yaml" == file }, "Models/\(file)")
    }
  }

  @Test(arguments: BuiltInPlans.all.map(\.name))
  func everyPlanHasItsCard(name: String) throws {
    let card = try String(contentsOf: models.appendingPathComponent(name + ".md"), encoding: .utf8)
    #expect(card.hasPrefix("# \(name)\n"))
    for part in ["Input", "Output", "Intended use", "Limits"] { #expect(card.contains("## " + part)) }
  }

  private static let volumes = DataFingerprint(
    contrasts: ["t1", "t1ce", "t2", "flair"], labelValues: [0, 1, 2, 4], medianSpacing: SIMD3(1, 1, 1.004),
    medianSize: SIMD3(140, 170, 140))

  /// Every plan makes a network for BraTS.
  @Test(arguments: BuiltInPlans.all.map(\.name))
  func everyPlanResolves(name: String) throws {
    let file = try #require(BuiltInPlans.named(name))
    let plan = try file.resolved(for: Self.volumes, file: name)
    #expect(plan.architecture.parameterLayout.count > 10_000)
    #expect(plan.regions.map(\.name) == ["WT", "TC", "ET"])
  }

  @Test func plansAreFoundByNameOrFile() throws {
    #expect(try BuiltInPlans.find("tiny").plan.name == "tiny")
    #expect(try BuiltInPlans.find("tiny").name == "built-in plan tiny")
    let folder = try TemporaryFolder()
    let path = try folder.write(
      Data(contentsOf: models.appendingPathComponent("unet2d.yaml")), "mine.yaml")
    let found = try BuiltInPlans.find(path)
    #expect(found.plan == BuiltInPlans.unet2d && found.name == path)
    #expect {
      try BuiltInPlans.find("brats-3d")
    } throws: { error in
      "\(error)".contains("brats3d") && (error as? PlanError)?.description.contains("mean brats3d?") == true
    }
  }

  /// The defaults fit the data that they are the defaults for.
  @Test func defaultsResolve() throws {
    let plan = try BuiltInPlans.fitting(Self.volumes).resolved(for: Self.volumes, file: "unet3d")
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
