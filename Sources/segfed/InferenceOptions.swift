import ArgumentParser
import Training

/// How a model is applied to a scan.
struct InferenceOptions: ParsableArguments {
  @Option(
    name: .long,
    help: "Distance of neighbouring windows as a share of the patch, above 0 to 1. (default: the plan's)")
  var step: Double?

  @Flag(
    inversion: .prefixedNo,
    help:
      "Average over the plan's mirror axes, all combinations: up to 8 times as long. (default: the plan's)")
  var mirror: Bool?

  var choice: InferenceChoice { InferenceChoice(step: step, mirror: mirror) }

  func validate() throws {
    if let step, !(step > 0 && step <= 1) {
      throw ValidationError("--step: found \(step), expected above 0, up to 1.")
    }
  }
}

extension LabelCleanup.Largest: ExpressibleByArgument {}

/// What is taken out of predicted label maps.
struct CleanupOptions: ParsableArguments {
  @Option(
    name: .long,
    help: "Keep the largest component only: of all labels together (foreground), or of each label or region.")
  var keepLargest: LabelCleanup.Largest?

  @Option(
    name: .long, help: "Take out components of a label or region below a size: 50 (voxels), or 12.5mm3.")
  var minimumSize: String?

  var cleanup: LabelCleanup {
    LabelCleanup(largest: keepLargest, minimum: minimumSize.flatMap { LabelCleanup.Size($0) })
  }

  func validate() throws {
    if let minimumSize, LabelCleanup.Size(minimumSize) == nil {
      throw ValidationError("--minimum-size: found \(minimumSize), expected such as 50 or 12.5mm3.")
    }
  }
}
