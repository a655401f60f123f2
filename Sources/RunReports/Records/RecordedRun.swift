import Coordinator
import Experiment
import Foundation
import Foundations

/// A run as its folder tells it, whether it is over or not: everything of the coordinator's half, and of the sites' half, where it lies
/// beside it, numbers without names of cases.
struct RecordedRun {
  let path: String
  let configuration: RunConfiguration
  /// Of the coordinator; of sites that trained alone, all sites' together.
  let rounds: [RoundRecord]
  let state: State
  /// nil while the run is not over.
  let scores: RecordedScores?
  /// Cases by part (training, validation, test, none), by site; empty where the sites' half is elsewhere.
  let parts: [String: [String: Int]]
  let contribution: CSVTable?
  /// Cases by a study's rules, as the sites told; nil without a study.
  let cohort: CSVTable?
  /// Who worked on it; nil of a run of an earlier release.
  let history: RunHistory?
  /// What of it is damaged or missing, in sentences: the report is made of the rest.
  let faults: [String]

  enum State: Equatable {
    case finished
    /// A process works on it.
    case goingOn
    /// Nobody does: it was stopped, or killed.
    case cutOff
  }

  /// Throws `FileError`, `CSVError`, `ReportError.newer`, `ExperimentError.configurationSchema`.
  init(_ path: String) throws {
    let folder = RunFolder(path: path)
    self.path = path
    configuration = try RunConfiguration.read(folder.configuration)
    scores = try RecordedScores(
      path, document: "metrics.json", regions: configuration.plan.regions.map(\.name))
    rounds = try Self.rounds(folder)
    state =
      scores != nil ? .finished : FolderLock.isHeld(path) ? .goingOn : .cutOff
    parts = try Self.parts(folder)
    contribution = try folder.coordinatorTable("contribution.csv")
    cohort = try folder.coordinatorTable("cohort.csv")
    history = RunHistory.read(folder)
    faults = try Self.faults(folder, isFinished: state == .finished)
  }

  /// Its name in a comparison: the folder's.
  var name: String { URL(fileURLWithPath: path).standardizedFileURL.lastPathComponent }

  var regions: [String] { configuration.plan.regions.map(\.name) }

  var metrics: RecordedMetrics? { scores?.metrics }

  /// Of sites that trained alone, their rounds are put together by number.
  private static func rounds(_ folder: RunFolder) throws -> [RoundRecord] {
    let files = try folder.journalFiles().filter { FileManager.default.fileExists(atPath: $0) }
    if files.count == 1 { return try RunJournal.rounds(at: files[0]) }
    let all = try files.flatMap { try RunJournal.rounds(at: $0) }
    return Dictionary(grouping: all, by: \.round).sorted { $0.key < $1.key }.map { number, rounds in
      RoundRecord(
        round: number, sites: rounds.flatMap(\.sites).sorted { $0.site < $1.site },
        leftOut: rounds.flatMap(\.leftOut), scoresElsewhere: rounds.flatMap(\.scoresElsewhere))
    }
  }

  /// A last line that is torn is none: a process was killed while it wrote, and the run goes on behind it.
  private static func faults(_ folder: RunFolder, isFinished: Bool) throws -> [String] {
    var faults: [String] = try folder.journalFiles().compactMap { path in
      guard let text = FileManager.default.contents(atPath: path) else {
        return isFinished ? "\(path) is missing: nothing can be told of its rounds." : nil
      }
      let count = text.split(separator: UInt8(ascii: "\n")).count
      guard let line = try RunJournal.firstBrokenLine(at: path), isFinished || line < count else {
        return nil
      }
      return
        "\(path): line \(line) was damaged or changed after the run wrote it. What follows of rounds may be wrong or incomplete."
    }
    let history = RunHistory.path(folder)
    if FileManager.default.fileExists(atPath: history), RunHistory.read(folder) == nil {
      faults.append("\(history) is damaged, or of a newer segfed: who worked on the run is not told.")
    }
    return faults
  }

  private static func parts(_ folder: RunFolder) throws -> [String: [String: Int]] {
    var found: [String: [String: Int]] = [:]
    for site in folder.sites {
      guard let table = try folder.table("cases.csv", of: site), let part = table.column("part") else {
        continue
      }
      for row in table.rows { found[site, default: [:]][row[part], default: 0] += 1 }
    }
    return found
  }
}
