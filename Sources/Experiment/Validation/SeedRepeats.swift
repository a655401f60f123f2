import Coordinator
import Foundation
import Foundations
import Metrics
import Reporting

/// The same work with several seeds, each in a folder of its own, and what the seeds make of the scores.
package struct SeedRepeats: Sendable {
  /// Does the work of one seed, or finds it done, and returns its test scores.
  package typealias Work = @Sendable (_ request: RunRequest, _ console: Console) async throws -> [SiteScores]

  private let seeds: [UInt64]

  package init(_ seeds: [UInt64]) { self.seeds = seeds }

  /// Runs each seed into `output/seed-<n>`, and writes `seeds.csv` and, last, `seeds.json`.
  ///
  /// Throws what the work throws; what is whole is kept, and taken as it is when resuming.
  package func execute(_ request: RunRequest, console: Console, work: Work) async throws {
    let document = request.output + "/seeds.json"
    if request.force { try? FileManager.default.removeItem(atPath: document) }
    if request.resume, let found = FileManager.default.contents(atPath: document),
      isOurs(found, study: request.studyDigest)
    {
      for seed in seeds {
        var one = request
        one.seed = seed
        try RunFolder(path: "\(request.output)/seed-\(seed)").checkIsAskedFor(one)
      }
      console.print(
        console.isJSON
          ? String(decoding: found, as: UTF8.self)
          : "\(document): the runs are whole, there is nothing to resume.")
      return
    }
    try checkAvailable(request)
    var scores: [(seed: UInt64, tests: [SiteScores])] = []
    for seed in seeds {
      var one = request
      one.seed = seed
      one.output = "\(request.output)/seed-\(seed)"
      console.tell("seed \(seed)")
      scores.append((seed, try await work(one, console.withoutResults.ofPart("seed \(seed)"))))
    }
    let table = SeedTable(scores)
    let json = table.json(study: request.studyDigest).rendered()
    try AtomicFile.write(table.csv(), to: request.output + "/seeds.csv")
    try AtomicFile.write(json, to: document)
    console.print(console.isJSON ? json : "\n" + table.text())
  }

  /// Whether a result is that of these seeds, and of the study.
  private func isOurs(_ document: Data, study: String?) -> Bool {
    let found = (try? JSONSerialization.jsonObject(with: document)) as? [String: Any]
    return found?["seeds"] as? [Int] == seeds.map { Int(clamping: $0) }
      && found?["study_sha256"] as? String == study
  }

  /// Each seed's run looks at its own folder; this one holds nothing else. Throws `FileError.alreadyExists`.
  private func checkAvailable(_ request: RunRequest) throws {
    let found = (try? FileManager.default.contentsOfDirectory(atPath: request.output)) ?? []
    let isOurs = found.allSatisfy { name in
      name.hasPrefix("seed-") || name.hasPrefix("seeds.") || AtomicFile.isTemporary(name)
    }
    if found.isEmpty || isOurs && (request.force || request.resume) { return }
    throw FileError.alreadyExists(path: request.output)
  }
}

/// Scores of several seeds: mean and standard deviation over the seeds, site by site.
struct SeedTable {
  private let scores: [(seed: UInt64, tests: [SiteScores])]
  private let sites: [String]
  private let regions: [String]

  init(_ scores: [(seed: UInt64, tests: [SiteScores])]) {
    self.scores = scores
    sites = Set(scores.flatMap(\.tests).map(\.site)).sorted()
    regions = scores.first?.tests.first?.regions.map(\.region) ?? []
  }

  private func values(_ site: String?, _ region: String) -> [Double] {
    scores.compactMap { seed in
      guard let site else {
        return ScoreSummary(seed.tests).regions.first { $0.region == region }?.meanOverSites
      }
      return seed.tests.first { $0.site == site }?.regions.first { $0.region == region }?.mean
    }
  }

  /// Over the regions.
  private func means(_ site: String) -> [Double] {
    scores.compactMap { $0.tests.first { $0.site == site }?.meanOverRegions }
  }

  private var worst: String? {
    sites.min { (MetricSummary(means($0)).mean ?? 1) < (MetricSummary(means($1)).mean ?? 1) }
  }

  func text() -> String {
    var table = TextTable(columns: [.text("site")] + regions.map { .number($0) } + [.number("mean")])
    for site in sites {
      table.add(
        [site] + regions.map { SweepTable.spread(values(site, $0)) } + [SweepTable.spread(means(site))],
        note: site == worst && sites.count > 1 ? "◂ worst" : "")
    }
    table.addRule()
    table.add(
      ["mean over sites"] + regions.map { SweepTable.spread(values(nil, $0)) } + [
        SweepTable.spread(scores.compactMap { ScoreSummary($0.tests).meanOfSiteMeans })
      ])
    return table.rendered()
      + "Dice on the test cases, mean ± standard deviation over the seeds \(scores.map { "\($0.seed)" }.joined(separator: ", ")).\n"
  }

  func csv() -> String {
    var document = CSVDocument(columns: ["seed", "site", "cases"] + regions + ["mean"])
    for (seed, tests) in scores {
      for site in tests {
        let dice = regions.map { name in site.regions.first { $0.region == name }?.mean }
        document.add(
          ["\(seed)", site.site, "\(site.cases)"]
            + (dice + [site.meanOverRegions]).map { $0.map { "\($0)" } ?? "" })
      }
    }
    return document.rendered()
  }

  func json(study: String?) -> JSONValue {
    func spread(_ values: [Double]) -> JSONValue {
      let summary = MetricSummary(values)
      return .object([("mean", .number(summary.mean)), ("deviation", .number(summary.deviation))])
    }
    func row(_ site: String?) -> JSONValue { .object(regions.map { ($0, spread(values(site, $0))) }) }
    var members: [(String, JSONValue)] = [
      ("schema_version", .integer(1)), ("seeds", .array(scores.map { .integer(Int(clamping: $0.seed)) })),
    ]
    if let study { members.append(("study_sha256", .string(study))) }
    return .object(
      members + [
        ("dice_by_site_mean", row(nil)), ("sites", .object(sites.map { ($0, row($0)) })),
        ("worst_site", worst.map { .string($0) } ?? .null),
      ])
  }
}
