import Foundation
import Foundations

/// What the scans of sites take, in bytes, and how many cases they are.
struct ScanSizes: Sendable, Equatable {
  var cases = 0
  var compressed = 0
  var uncompressed = 0

  /// Those of several sites together.
  static func sum(_ sizes: some Sequence<ScanSizes>) -> ScanSizes {
    sizes.reduce(into: ScanSizes()) { sum, site in
      sum.cases += site.cases
      sum.compressed += site.compressed
      sum.uncompressed += site.uncompressed
    }
  }

  /// Reads a table `site,cases,compressed_bytes,uncompressed_bytes`, for scans elsewhere than those that are trained on.
  ///
  /// Throws `FileError`, `CSVError`, and `BandwidthError` naming line and column.
  static func read(_ path: String) throws -> [String: ScanSizes] {
    guard let data = FileManager.default.contents(atPath: path) else { throw FileError.notFound(path: path) }
    let table = try CSVTable(String(decoding: data, as: UTF8.self), path: path)
    let names = ["site", "cases", "compressed_bytes", "uncompressed_bytes"]
    let columns = try names.map { name in
      guard let column = table.column(name) else {
        throw BandwidthError.scans(
          path: path, place: "columns", found: table.columns.joined(separator: ", "),
          expected: names.joined(separator: ", "))
      }
      return column
    }
    var sizes: [String: ScanSizes] = [:]
    for (index, row) in table.rows.enumerated() {
      let place = "row \(index + 1)"
      let numbers = try columns.dropFirst().map { column in
        guard let number = Int(row[column]), 1...(1 << 53) ~= number else {
          throw BandwidthError.scans(
            path: path, place: "\(place), \(table.columns[column])", found: row[column],
            expected: "a whole number, 1 or more")
        }
        return number
      }
      guard sizes[row[columns[0]]] == nil else {
        throw BandwidthError.scans(path: path, place: place, found: "a site twice", expected: "each once")
      }
      sizes[row[columns[0]]] = ScanSizes(cases: numbers[0], compressed: numbers[1], uncompressed: numbers[2])
    }
    return sizes
  }
}

/// What can be wrong with a study of bandwidth.
package enum BandwidthError: DescribedError {
  case scans(path: String, place: String, found: String, expected: String)
  /// Its runs trained at sites that the table of scans does not have, or it has others.
  case sites(path: String, found: String, expected: String)
  case grid(path: String)

  package var description: String {
    switch self {
    case .scans(let path, let place, let found, let expected):
      "\(path): \(place): found \(found.prefix(80)), expected \(expected)."
    case .sites(let path, let found, let expected):
      "\(path): found the sites \(found), expected those of the runs: \(expected)."
    case .grid(let path):
      "\(path): grid: found axes beside codec, expected codec alone (or none): each row of the table is a codec. "
        + "segfed sweep runs larger grids."
    }
  }
}
