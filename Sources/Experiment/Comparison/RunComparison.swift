import Foundation
import Foundations
import Reporting
import Statistics

/// `segfed compare`: runs or evaluations on the same cases, with intervals, tests of pairs, and how unequal their sites fare.
package enum RunComparison {
  package struct Request: Sendable {
    /// Folders of runs, evaluations, or cross-validations; the first is what the others are compared with.
    package var runs: [String]
    /// nil: nothing is written.
    package var output: String?
    package var resamples = 10_000
    package var seed: UInt64 = 0
    package var force = false

    package init(runs: [String]) { self.runs = runs }
  }

  /// Reads each case's Dice from the sites' halves of the folders, and prints and (with `output`) writes `compare.csv` and
  /// `compare.json`.
  ///
  /// Throws `FileError`, `CSVError`, `ComparisonError`.
  package static func execute(_ request: Request, console: Console) throws {
    if let output = request.output {
      let found = Set((try? FileManager.default.contentsOfDirectory(atPath: output)) ?? [])
      guard found.isEmpty || request.force && found.contains("compare.json") else {
        throw FileError.alreadyExists(path: output)
      }
    }
    let scores = try request.runs.map { try CaseDice(run: $0) }
    for other in scores.dropFirst() {
      if let difference = other.difference(from: scores[0]) { throw difference }
    }
    let table = ComparisonTable(
      scores, bootstrap: ClusterBootstrap(resamples: request.resamples, seed: request.seed))
    let json = table.json().rendered()
    if let output = request.output {
      try Folder.make(output)
      try AtomicFile.write(table.csv(), to: output + "/compare.csv")
      try AtomicFile.write(json, to: output + "/compare.json")
    }
    console.print(console.isJSON ? json : table.text())
  }
}

/// Runs that cannot be compared.
package enum ComparisonError: DescribedError {
  case noCases(path: String)
  case otherCases(path: String, first: String, site: String, found: Int, expected: Int)
  case otherRegions(path: String, first: String, found: [String], expected: [String])

  package var description: String {
    switch self {
    case .noCases(let path):
      "\(path): found no sites/<name>/metrics.csv with a Dice of each case, expected a run's or an evaluation's folder with the sites' "
        + "half."
    case .otherCases(let path, let first, let site, let found, let expected):
      "\(path): found \(found) cases at \(site), expected the \(expected) of \(first). Score both on the same cases (segfed evaluate)."
    case .otherRegions(let path, let first, let found, let expected):
      "\(path): found the regions \(found.joined(separator: ", ")), expected \(expected.joined(separator: ", ")) as in \(first)."
    }
  }
}
