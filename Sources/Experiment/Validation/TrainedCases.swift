import Foundation
import Foundations
import Imaging
import Site

/// The cases that runs trained or chose on, told by what their scans hold.
struct TrainedCases: Sendable {
  /// Content hash, as `cases.csv` has it → what it was there.
  private var known: [String: String] = [:]

  /// Of run folders, from each site's `cases.csv`; files of single models tell none. Throws `FileError`, `CSVError`.
  init(runs paths: [String]) throws {
    for run in paths.map(RunFolder.init) {
      for site in run.sites {
        guard let table = try run.table("cases.csv", of: site), let name = table.column("case"),
          let part = table.column("part"), let scan = table.column("scan")
        else { continue }
        for row in table.rows where ["training", "validation"].contains(row[part]) {
          known[row[scan]] = "\(site)/\(row[name]) (\(row[part]))"
        }
      }
    }
  }

  /// Of a data set on which runs train. The first scan of every case is read.
  init(data: DatasetFolder, loop: ParallelLoop) throws {
    for (name, hash) in try Self.hashes(data, loop: loop) {
      if let hash { known[hash] = "\(name.site)/\(name.name) (training)" }
    }
  }

  /// Each case's first scan's hash; nil for one that cannot be read, which is told of where it is needed.
  private static func hashes(
    _ data: DatasetFolder, loop: ParallelLoop
  ) throws -> [(name: CaseName, hash: String?)] {
    let cases = data.sites.flatMap { site in site.cases.map { (CaseName(site: site.name, name: $0.name), $0) }
    }
    let found = try loop.map(cases.count) { index -> String? in
      guard let first = cases[index].1.images.first else { return nil }
      let alone = CaseFiles(name: cases[index].1.name, images: [first], label: nil)
      return (try? CaseLoader.loadCase(alone).images.first).map { ContentHash.text($0.contentHash) }
    }
    return zip(cases, found).map { ($0.0, $1) }
  }

  var isEmpty: Bool { known.isEmpty }

  /// Those of a data set's cases that are among them. The first scan of every case is read; one that cannot be is told of later.
  func found(in data: DatasetFolder, loop: ParallelLoop) throws -> [(name: CaseName, trained: String)] {
    try Self.hashes(data, loop: loop).compactMap { name, hash in
      hash.flatMap { known[$0] }.map { (name, $0) }
    }
  }

  /// Throws `ExperimentError.duplicates` where a case that is to be tested is among them.
  func refuse(_ data: DatasetFolder, loop: ParallelLoop) throws {
    if isEmpty { return }
    guard let first = try found(in: data, loop: loop).first else { return }
    throw ExperimentError.duplicates(
      first: first.trained, second: "\(first.name.site)/\(first.name.name) (test)")
  }
}

/// A scan's content in a table.
enum ContentHash {
  /// 16 hexadecimal digits.
  static func text(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
