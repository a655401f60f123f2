import ArgumentParser
import Metrics

extension TumourType: ExpressibleByArgument {}

/// By whose rules cases are scored.
struct MetricOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Whose numbers scores are: \(MetricConvention.names.joined(separator: ", ")). They differ in borders, percentiles and empty masks.",
      valueName: "name"))
  var convention = MetricConvention.brats2023.name

  @Option(
    name: .long,
    help: ArgumentHelp("Tolerance of surface Dice in mm. (default: the convention's, 1)", valueName: "mm"))
  var surfaceTolerance: Double?

  @Option(
    name: .long,
    help: "Score lesions one by one, by BraTS' rules for a tumour type; with a BraTS convention.")
  var lesionRules: TumourType?

  func validate() throws {
    let names = MetricConvention.names
    guard names.contains(convention) else {
      throw ValidationError(
        "--convention: found \(convention), expected one of \(names.joined(separator: ", ")).")
    }
    if let surfaceTolerance, !(surfaceTolerance.isFinite && surfaceTolerance >= 0) {
      throw ValidationError("--surface-tolerance: found \(surfaceTolerance), expected 0 mm or more.")
    }
    if lesionRules != nil && !settings.scoresLesions {
      throw ValidationError(
        "--lesion-rules are BraTS': found --convention \(convention), expected brats2023 or brats2025.")
    }
  }

  var settings: MetricSettings {
    MetricSettings(
      MetricConvention.named(convention) ?? .brats2023, surfaceTolerance: surfaceTolerance,
      lesions: lesionRules)
  }
}
