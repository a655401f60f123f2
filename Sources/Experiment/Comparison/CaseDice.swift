import Foundation
import Foundations

/// Dice of each test case of a run, by site and region. It lies at the sites; whoever compares runs by pairs has them all.
package struct CaseDice: Sendable {
  package struct Case: Sendable {
    package let name: String
    /// By region, in the order of `regions`; nil where it is not defined.
    package let dice: [Double?]
  }

  package let path: String
  package let regions: [String]
  /// By name, cases by name.
  package let sites: [(name: String, cases: [Case])]

  /// Throws `FileError`, `CSVError`, `ComparisonError.noCases`.
  package init(run path: String) throws {
    self.path = path
    var found: [String: [String: [String: Double?]]] = [:]
    var regions: [String] = []
    for (run, site) in Self.tested(path) {
      guard let table = try run.table("metrics.csv", of: site), let name = table.column("case"),
        let region = table.column("region"), let dice = table.column("dice")
      else { continue }
      for row in table.rows {
        if !regions.contains(row[region]) { regions.append(row[region]) }
        let value = Double(row[dice]).flatMap { $0.isFinite ? $0 : nil }
        found[site, default: [:]][row[name], default: [:]][row[region]] = .some(value)
      }
    }
    let tested = try Self.testedRegions(path, among: regions)
    self.regions = tested
    sites = found.sorted { $0.key < $1.key }.map { site, cases in
      (
        site,
        cases.sorted { $0.key < $1.key }.map { name, dice in
          Case(name: name, dice: tested.map { dice[$0] ?? nil })
        }
      )
    }
    if sites.isEmpty { throw ComparisonError.noCases(path: path) }
  }

  /// Those of the regions that `metrics.json` (or a cross-validation's) has; labels that are no region stand in the tables too.
  private static func testedRegions(_ path: String, among found: [String]) throws -> [String] {
    struct Document: Decodable {
      struct Overall: Decodable { let dice: [String: Double?] }
      let overall: Overall
    }
    for name in ["metrics.json", "loso.json", "kfold.json"] {
      guard let data = FileManager.default.contents(atPath: "\(path)/\(name)"),
        let document = try? JSONDecoder().decode(Document.self, from: data)
      else { continue }
      let known = found.filter { document.overall.dice.keys.contains($0) }
      if !known.isEmpty { return known }
    }
    return found
  }

  /// A run's sites, or those of a cross-validation's folds; of a leave-one-site-out fold the held-out site alone.
  private static func tested(_ path: String) -> [(run: RunFolder, site: String)] {
    let folds = ((try? FileManager.default.contentsOfDirectory(atPath: path + "/folds")) ?? []).sorted()
    let leavesSitesOut = FileManager.default.fileExists(atPath: path + "/loso.json")
    if folds.isEmpty {
      let run = RunFolder(path: path)
      return run.sites.map { (run, $0) }
    }
    return folds.flatMap { fold in
      let run = RunFolder(path: "\(path)/folds/\(fold)")
      return run.sites.filter { !leavesSitesOut || $0 == fold }.map { (run, $0) }
    }
  }

  /// What is not the same in another one; nil where the cases are.
  package func difference(from first: CaseDice) -> ComparisonError? {
    guard regions == first.regions else {
      return .otherRegions(path: path, first: first.path, found: regions, expected: first.regions)
    }
    for name in Set(sites.map(\.name) + first.sites.map(\.name)).sorted() {
      let own = sites.first { $0.name == name }?.cases.map(\.name) ?? []
      let theirs = first.sites.first { $0.name == name }?.cases.map(\.name) ?? []
      if own != theirs {
        return .otherCases(
          path: path, first: first.path, site: name, found: own.count, expected: theirs.count)
      }
    }
    return nil
  }

  /// A region's numbers, site by site, without cases that have none; nil: each case's mean over its regions.
  func values(_ region: Int?) -> [[Double]] { sites.map { $0.cases.compactMap { Self.value($0, region) } } }

  /// The differences from another one's, case by case, site by site.
  func differences(_ region: Int?, from first: CaseDice) -> [[Double]] {
    zip(sites, first.sites).map { own, other in
      zip(own.cases, other.cases).compactMap { own, other in
        guard let found = Self.value(own, region), let before = Self.value(other, region) else { return nil }
        return found - before
      }
    }
  }

  private static func value(_ item: Case, _ region: Int?) -> Double? {
    if let region { return item.dice[region] }
    let values = item.dice.compactMap { $0 }
    return values.isEmpty ? nil : values.mean
  }
}
