import Foundation
import Foundations
import Imaging
import Training

/// A study's file as a person begins with it: what the data says, and what else could be said, commented.
package struct StudyDraft: Sendable {
  package let name: String
  package let plan: TrainingPlan
  /// As the study's file names the plan.
  package let planName: String
  /// In mm; nil for pictures.
  package let voxelEdges: (least: Double, most: Double)?
  /// Of `participants.tsv` at the sites, each once.
  package let columns: [String]

  package init(
    name: String, plan: TrainingPlan, planName: String, voxelEdges: (least: Double, most: Double)?,
    columns: [String]
  ) {
    self.name = name
    self.plan = plan
    self.planName = planName
    self.voxelEdges = voxelEdges
    var seen: Set<String> = []
    self.columns = columns.filter { seen.insert($0.lowercased()).inserted }
  }

  /// The columns that a site's `participants.tsv` has. Throws what reading it throws.
  package static func columns(of site: SiteListing, data: String) throws -> [String] {
    try Participants(site: site, data: data).columns
  }

  /// The smallest and the largest edge of a voxel in mm, of every case's first scan. Throws `FileError`, `ImagingError`.
  package static func voxelEdges(_ data: DatasetFolder) throws -> (least: Double, most: Double)? {
    var found: (least: Double, most: Double)?
    for item in data.sites.flatMap(\.cases) {
      guard let path = item.images.first?.path, !PNG.isNamed(path) else { continue }
      let spacing = try NIfTI.header(path).affine(path: path).spacing
      found = (min(found?.least ?? .infinity, spacing.min()), max(found?.most ?? 0, spacing.max()))
    }
    return found
  }

  package func yaml() -> String {
    (head + cohort + labels + features + training + ending).map { $0 + "\n" }.joined()
  }

  private var head: [String] {
    [
      "# A study: what its sites agree on before anything is trained. Change what you like, then",
      "#   segfed study check FILE --data DIR   at every site: what would be included, what does not fit",
      "#   segfed study lock FILE               fixes it: every run, update and result carries its SHA-256",
      "#   segfed train --study FILE --data DIR --output RUN",
      "schema_version: 1", "name: \(Self.quoted(name))",
      "question: \"Does a model that the sites train together segment better than each site's own?\"", "",
    ]
  }

  private var cohort: [String] {
    let known =
      columns.isEmpty
      ? "no participants.tsv was found: its columns could be used here"
      : "columns of participants.tsv: \(columns.joined(separator: ", "))"
    return [
      "# Which cases are in the study: every rule has to hold. A rule is one condition in SQL's language (comparisons, AND, OR, NOT, IN,",
      "# BETWEEN, LIKE, IS NULL) over \(known);",
      "# and of scans: \(ScanProperty.ofHeader.joined(separator: ", ")),",
      "# label_ml (all labels' volume), label_1_ml (one label's).",
      "cohort:", "  # What the columns hold; a site that has other values is found.", "  columns: []",
      "  #  - {name: age, units: years, least: 18, most: 120}", "  #  - {name: sex, levels: [F, M]}",
      "  rules:", "    - {name: has a label map, where: \"labelled = 1\"}",
      "  #  - {name: adult, where: \"age >= 18 AND diagnosis IN ('glioblastoma', 'astrocytoma')\"}", "",
    ]
  }

  private var labels: [String] {
    ["# What the values of label maps mean, at every site.", "labels:"]
      + plan.labels.map { "  - {value: \($0.value), name: \(Self.quoted($0.name))}" }
      + ["# What is scored: unions of labels.", "regions:"]
      + plan.regions.map {
        "  - {name: \(Self.quoted($0.name)), labels: [\($0.labels.map(String.init).joined(separator: ", "))]}"
      } + [""]
  }

  private var features: [String] {
    var lines = [
      "features:",
      "  contrasts: [\(plan.contrasts.map(Self.quoted).joined(separator: ", "))] # in the network's order",
    ]
    if let voxelEdges {
      // Room for sites that are not here, not for another unit.
      let range = [voxelEdges.least / 3, voxelEdges.most * 3].map { Self.text($0) }
      lines.append(
        "  voxel_mm: [\(range.joined(separator: ", "))] # edges that voxels may have; here \(Self.text(voxelEdges.least)) to "
          + "\(Self.text(voxelEdges.most))")
    }
    if let spacing = plan.spacing {
      lines.append(
        "  spacing: [\(spacing.map { Self.text($0) }.joined(separator: ", "))] # mm along x, y, z that scans are resampled to"
      )
    }
    let intensity = plan.harmonisation.intensity.rawValue
    return lines + [
      "  harmonisation: {intensity: \(intensity)} # or atlas: landmarks that the sites agree on", "",
    ]
  }

  private var training: [String] {
    [
      "training:", "  plan: \(Self.quoted(planName)) # a built-in plan, or a file beside this one",
      "  strategy: fedavg # segfed strategies lists all", "  weights: cases", "  participation: all",
      "  codec_down: fp32 # segfed codecs lists all", "  codec_up: fp32", "  rounds: \(plan.rounds)",
      "  local_steps: \(plan.localSteps)", "  model_choice: last # or best-validation",
      "  seeds: [1] # a run for each", "",
    ]
  }

  private var ending: [String] {
    [
      "# Shares of each site's cases that are kept from training.",
      "split: {validation: \(Self.text(plan.split.validation)), test: \(Self.text(plan.split.test))}",
      "evaluation: {convention: brats2023}",
    ]
  }

  private static func text(_ value: Double) -> String {
    let rounded = (value * 1000).rounded() / 1000
    return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
  }

  /// As JSON writes it, which YAML reads too.
  private static func quoted(_ text: String) -> String {
    guard let data = try? JSONEncoder().encode(text) else { return "\"\"" }
    return String(decoding: data, as: UTF8.self)
  }
}
