import Coordinator
import Foundation
import Foundations
import Imaging
import Metrics
import Reporting
import Study
import Training

/// `segfed matrix`: the model of each site at every site.
package enum CrossSiteMatrix {
  package struct Request: Sendable {
    /// A run folder with a model for each site, such as one of `--mode local`.
    package var run: String
    package var data: String
    package var layout: DatasetLayout?
    package var output: String
    package var metrics = MetricSettings.diceOnly()
    package var policy = CasePolicy.strict
    package var study: LockedStudy?
    package var leastCell = StudyCheck.leastCell
    package var threads: Int
    package var force = false

    package init(run: String, data: String, output: String, threads: Int) {
      (self.run, self.data, self.output, self.threads) = (run, data, output, threads)
    }
  }

  /// Scores every site's model on every site's cases, without those that any of them trained or chose on, and writes `matrix.csv` and
  /// `matrix.json`.
  ///
  /// Throws what evaluation throws, `ExperimentError.noModel`, `ExperimentError.noTestCases`.
  package static func execute(_ request: Request, console: Console) throws {
    let found = Set((try? FileManager.default.contentsOfDirectory(atPath: request.output)) ?? [])
    guard found.isEmpty || request.force && found.contains("matrix.json") else {
      throw FileError.alreadyExists(path: request.output)
    }
    let run = RunFolder(path: request.run)
    let sites = run.sitesWithModels
    guard !sites.isEmpty else { throw ExperimentError.noModel(path: request.run) }
    let loop = ParallelLoop(threads: request.threads)
    let data = try DatasetFolder.discover(
      request.data, layout: request.layout, requireLabels: request.study == nil)
    let trained = try TrainedCases(runs: [request.run]).found(in: data, loop: loop)
    let all = data.sites.reduce(0) { $0 + $1.cases.count }
    guard trained.count < all else { throw ExperimentError.noTestCases(data: request.data, run: request.run) }
    try Folder.make(request.output)
    let scratch = request.output + "/.work"
    defer { try? FileManager.default.removeItem(atPath: scratch) }
    var rows: [(model: String, scores: [SiteScores])] = []
    for site in sites {
      console.tell("model of \(site)")
      var evaluation = Evaluation.Request(
        source: .models([run.site(site) + "/model.safetensors"]), data: request.data,
        output: scratch + "/scores", threads: request.threads)
      evaluation.layout = request.layout
      evaluation.metrics = request.metrics
      evaluation.study = request.study
      evaluation.leastCell = request.leastCell
      evaluation.policy = request.policy
      evaluation.cache = scratch + "/cases"
      evaluation.excluded = Set(trained.map(\.name))
      evaluation.force = true
      rows.append((site, try Evaluation.scores(evaluation, console: .ofGrid).tests))
    }
    let table = CrossSiteTable(rows, without: trained.count)
    try AtomicFile.write(table.csv(), to: request.output + "/matrix.csv")
    let json = table.json().rendered()
    try AtomicFile.write(json, to: request.output + "/matrix.json")
    console.print(console.isJSON ? json : table.text())
  }
}

/// Dice of each model (row) at each site (column).
struct CrossSiteTable {
  private let rows: [(model: String, scores: [SiteScores])]
  private let sites: [String]
  /// Cases that were left out, since a model had seen them.
  private let seen: Int

  init(_ rows: [(model: String, scores: [SiteScores])], without seen: Int) {
    self.rows = rows
    self.seen = seen
    sites = rows.first?.scores.map(\.site) ?? []
  }

  private func value(_ row: [SiteScores], _ site: String) -> Double? {
    row.first { $0.site == site }?.meanOverRegions
  }

  func text() -> String {
    var table = TextTable(
      columns: [.text("model of")] + sites.map { .number("at \($0)") } + [
        .number("at others"), .number("lost"),
      ])
    for (model, scores) in rows {
      let others = MetricSummary(sites.filter { $0 != model }.compactMap { value(scores, $0) }).mean
      let own = value(scores, model)
      let lost = own.flatMap { own in others.map { own - $0 } }
      table.add(
        [model]
          + sites.map { NumberText.dice(value(scores, $0)) + ($0 == model ? "*" : "") }
          + [NumberText.dice(others), NumberText.dice(lost)])
    }
    return table.rendered()
      + "Dice, mean over regions; * a model at its own site; lost: own site minus the mean of the others."
      + (seen == 0 ? "\n" : " Left out: \(seen) cases that a model was trained or chosen on.\n")
  }

  func csv() -> String {
    let regions = rows.first?.scores.first?.regions.map(\.region) ?? []
    var document = CSVDocument(columns: ["model", "site", "cases"] + regions + ["mean"])
    for (model, scores) in rows {
      for site in scores {
        let dice = regions.map { name in site.regions.first { $0.region == name }?.mean }
        document.add(
          [model, site.site, "\(site.cases)"] + (dice + [site.meanOverRegions]).map(CSVDocument.field))
      }
    }
    return document.rendered()
  }

  func json() -> JSONValue {
    .object([
      ("schema_version", .integer(1)), ("left_out", .integer(seen)),
      (
        "models",
        .object(
          rows.map { model, scores in
            (
              model,
              .object(
                scores.map { site in
                  (
                    site.site,
                    .object(
                      [("cases", .integer(site.cases)), ("mean", .number(site.meanOverRegions))]
                        + site.regions.map { ($0.region, .number($0.mean)) })
                  )
                })
            )
          })
      ),
    ])
  }
}
