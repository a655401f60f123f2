import Foundation
import Foundations

/// The plans that come with the binary: the files of `Models/`, each with its card there.
package enum BuiltInPlans {
  /// By name.
  package static let all: [PlanFile] = EmbeddedTexts.all.map { name, text in
    do { return try PlanFile.parse(text, file: "Models/\(name)") } catch {
      preconditionFailure("a plan that does not parse was built in: \(error)")
    }
  }

  /// The default for volumes.
  package static var unet3d: PlanFile { required("unet3d") }

  /// The default for single slices.
  package static var unet2d: PlanFile { required("unet2d") }

  /// The plan that fits the data.
  package static func fitting(_ data: DataFingerprint) -> PlanFile {
    data.isPlanar ? unet2d : unet3d
  }

  package static func named(_ name: String) -> PlanFile? { all.first { $0.name == name } }

  /// What `--plan` names: a file, or a built-in plan by its name; with how messages name it.
  ///
  /// Throws `FileError`, `PlanError`, or `PlanError.unknownPlan` for what is neither.
  package static func find(_ plan: String) throws -> (plan: PlanFile, name: String) {
    let isName = !plan.contains("/") && !plan.contains(".")
    // A folder of that name is no plan.
    guard isName, !FileManager.default.fileExists(atPath: plan) || Folder.exists(plan) else {
      return (try PlanFile.read(plan), plan)
    }
    guard let known = named(plan) else {
      let names = all.map(\.name)
      throw PlanError.unknownPlan(
        found: plan, known: names,
        nearest: names.min { Spelling.distance(plan, $0) < Spelling.distance(plan, $1) })
    }
    return (known, "built-in plan \(plan)")
  }

  private static func required(_ name: String) -> PlanFile {
    guard let plan = named(name) else { preconditionFailure("Models/\(name).yaml was not built in") }
    return plan
  }
}
