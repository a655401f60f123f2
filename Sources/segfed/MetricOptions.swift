import ArgumentParser
import Metrics

extension TumourType: ExpressibleByArgument {}

/// By whose rules cases are scored.
struct MetricOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Whose numbers scores are: \(MetricConvention.names.joined(separator: ", ")). They differ in borders, percentiles and empty masks. (default: brats2023)",
      valueName: "name"), completion: .convention)
  var convention: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Tolerance of surface Dice in mm. (default: the convention's, 1)", valueName: "mm"))
  var surfaceTolerance: Double?

  @Option(
    name: .long,
    help: "Score lesions one by one, by BraTS' rules for a tumour type; with a BraTS convention.")
  var lesionRules: TumourType?

  /// An option that was given, each of which a study says.
  var given: String? {
    if convention != nil { return "--convention" }
    if surfaceTolerance != nil { return "--surface-tolerance" }
    return lesionRules != nil ? "--lesion-rules" : nil
  }

  func validate() throws {
    let names = MetricConvention.names
    if let convention, !names.contains(convention) {
      throw ValidationError(
        "--convention: found \(convention), expected one of \(names.joined(separator: ", ")).")
    }
    if let surfaceTolerance, !(surfaceTolerance.isFinite && surfaceTolerance >= 0) {
      throw ValidationError("--surface-tolerance: found \(surfaceTolerance), expected 0 mm or more.")
    }
    if lesionRules != nil && !settings.scoresLesions {
      throw ValidationError(
        "--lesion-rules are BraTS': found --convention \(convention ?? ""), expected brats2023 or brats2025.")
    }
  }

  var settings: MetricSettings {
    MetricSettings(
      convention.flatMap { MetricConvention.named($0) } ?? .brats2023, surfaceTolerance: surfaceTolerance,
      lesions: lesionRules)
  }
}
