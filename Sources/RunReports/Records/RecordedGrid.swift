import Foundation
import Foundations

/// What `segfed sweep` came to so far: the scores of each run and site, in the grid's order.
struct RecordedGrid {
  /// One combination of the axes' values, with all of its seeds.
  struct Setting {
    /// The axes' values, in their order.
    let name: String
    /// By seed.
    var runs: [Run] = []
  }

  struct Run {
    let seed: String
    /// Honest sites with their Dice, mean over regions.
    var sites: [(site: String, dice: Double)] = []
    let bytes: Double
    let seconds: Double
    let steps: Double

    /// Mean over the honest sites.
    var mean: Double { sites.reduce(0) { $0 + $1.dice } / Double(sites.count) }
    var worst: (site: String, dice: Double)? { sites.min { $0.dice < $1.dice } }
  }

  let path: String
  /// What settings differ in.
  let axes: [String]
  let settings: [Setting]
  let isGoingOn: Bool

  /// Reads `results.csv`. Throws `FileError`, `CSVError`, and `ReportError.nothing` where no run is in it.
  init(_ path: String) throws {
    self.path = path
    isGoingOn = FolderLock.isHeld(path)
    let file = path + "/results.csv"
    guard let text = FileManager.default.contents(atPath: file) else { throw FileError.notFound(path: file) }
    let table = try CSVTable(String(decoding: text, as: UTF8.self), path: file)
    let names = ["seed", "site", "hostile", "mean", "bytes_down", "bytes_up", "seconds", "steps"]
    let columns = names.compactMap { table.column($0) }
    guard columns.count == names.count else { throw ReportError.nothing(path: path) }
    let axes = Array(table.columns[..<columns[0]])
    self.axes = axes
    var settings: [Setting] = []
    for row in table.rows {
      let fields = columns.map { row[$0] }
      let numbers = fields[3...].map { Double($0) ?? .nan }
      guard fields[2] == "0", numbers.allSatisfy(\.isFinite) else { continue }
      let name = row.prefix(axes.count).joined(separator: " · ")
      let place = settings.firstIndex { $0.name == name } ?? settings.count
      if place == settings.count { settings.append(Setting(name: name)) }
      let run = settings[place].runs.firstIndex { $0.seed == fields[0] } ?? settings[place].runs.count
      if run == settings[place].runs.count {
        settings[place].runs.append(
          Run(seed: fields[0], bytes: numbers[1] + numbers[2], seconds: numbers[3], steps: numbers[4]))
      }
      settings[place].runs[run].sites.append((fields[1], numbers[0]))
    }
    if settings.isEmpty { throw ReportError.nothing(path: path) }
    self.settings = settings
  }
}
