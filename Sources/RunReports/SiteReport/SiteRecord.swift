import Experiment
import Foundation
import Foundations
import Metrics

/// A site's half of a run as its folder tells it: the model that was tested there, and how each test case fared.
struct SiteRecord {
  struct Case {
    let name: String
    /// One for each of the plan's regions; nil where it has none.
    let dice: [Double?]
    /// In mm; infinite where one of the masks is empty and the convention says so.
    let hausdorff: [Double?]

    /// Mean Dice over the regions that have one.
    var mean: Double? {
      let known = dice.compactMap { $0 }
      return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
    }
  }

  let folder: RunFolder
  let name: String
  let configuration: RunConfiguration
  let model: ModelFile
  /// Those with a mean Dice, best first, of equals by name; then the others by name.
  let cases: [Case]

  /// Throws `FileError`, `CSVError`, `ExperimentError` where there is no model, and `ReportError.unknownSite` or `.notTested`.
  init(run path: String, site: String) throws {
    folder = RunFolder(path: path)
    name = site
    configuration = try RunConfiguration.read(folder.configuration)
    let known = Set(folder.sites + configuration.sites)
    guard known.contains(site) else {
      throw ReportError.unknownSite(run: path, found: site, known: known.sorted())
    }
    let table = try folder.table("metrics.csv", of: site)
    // A site that is a process of its own has no metrics.json: its scores are written when all is over.
    guard table != nil || FileManager.default.fileExists(atPath: folder.metrics) else {
      throw ReportError.notTested(run: path, site: site)
    }
    guard let model = try ModelFile.ofRun(path, sites: [site])[site] else {
      throw ExperimentError.noModelOfSite(path: path, site: site)
    }
    self.model = model
    cases = table.map { Self.cases($0, regions: model.plan.regions.map(\.name)) } ?? []
  }

  var regions: [String] { model.plan.regions.map(\.name) }

  /// Those with a mean Dice, best first.
  var ranked: [Case] { cases.filter { $0.mean != nil } }

  /// The run's folder by its name.
  var runName: String { URL(fileURLWithPath: folder.path).lastPathComponent }

  private static func cases(_ table: CSVTable, regions: [String]) -> [Case] {
    guard let name = table.column("case"), let region = table.column("region") else { return [] }
    let columns = [Metric.dice, .hausdorff95].map { table.column($0.rawValue) }
    let found = Dictionary(grouping: table.rows) { $0[name] }.map { name, rows in
      func values(_ column: Int?) -> [Double?] {
        regions.map { wanted in
          column.flatMap { column in
            rows.first { $0[region] == wanted }.flatMap { Double($0[column]) }
          }
        }
      }
      return Case(name: name, dice: values(columns[0]), hausdorff: values(columns[1]))
    }
    return found.sorted { a, b in
      let (first, second) = (a.mean ?? -1, b.mean ?? -1)
      return first == second ? a.name < b.name : first > second
    }
  }
}

/// A case that is shown, and why it is.
struct ChosenCase {
  /// Such as `Best case`: unlike the others'.
  let title: String
  let name: String
  /// nil where it was not scored.
  let score: SiteRecord.Case?

  /// Best, median and worst of the scored cases; of two the best and the worst. The median is the lower of two middle ones.
  static func scored(_ ranked: [SiteRecord.Case]) -> [ChosenCase] {
    guard let best = ranked.first, let worst = ranked.last else { return [] }
    if ranked.count == 1 { return [ChosenCase(title: "The one test case", best)] }
    var chosen = [ChosenCase(title: "Best case", best)]
    if ranked.count > 2 { chosen.append(ChosenCase(title: "Median case", ranked[ranked.count / 2])) }
    return chosen + [ChosenCase(title: "Worst case", worst)]
  }

  /// The first, the middle and the last of cases that nobody has scored.
  static func unscored(_ names: [String]) -> [ChosenCase] {
    guard let first = names.first, let last = names.last else { return [] }
    var chosen = [ChosenCase(title: "First case", name: first, score: nil)]
    if names.count > 2 {
      chosen.append(ChosenCase(title: "Middle case", name: names[names.count / 2], score: nil))
    }
    if names.count > 1 { chosen.append(ChosenCase(title: "Last case", name: last, score: nil)) }
    return chosen
  }

  private init(title: String, name: String, score: SiteRecord.Case?) {
    (self.title, self.name, self.score) = (title, name, score)
  }

  private init(title: String, _ score: SiteRecord.Case) {
    self.init(title: title, name: score.name, score: score)
  }
}
