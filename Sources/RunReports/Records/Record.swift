import Experiment
import Foundation
import Foundations

/// What a folder holds that a report is asked of.
enum Record {
  case run(RecordedRun)
  case folds(RecordedFolds)
  /// Runs (or cross-validations) with several seeds, in the order of the seeds.
  case seeds(path: String, [Record])
  case matrix(path: String, RecordedMatrix)
  /// The table of `segfed bandwidth`.
  case codecs(path: String, CSVTable)
  /// The runs of `segfed sweep`.
  case grid(RecordedGrid)

  /// Throws `ReportError.nothing`, and what reading throws.
  init(_ path: String) throws {
    func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(name)") }
    if has("config.yaml") {
      self = has("folds") ? .folds(try RecordedFolds(path)) : .run(try RecordedRun(path))
    } else if has("matrix.json") {
      self = .matrix(path: path, try RecordedMatrix.read(path + "/matrix.json"))
    } else if let text = FileManager.default.contents(atPath: path + "/bandwidth.csv") {
      let table = try CSVTable(String(decoding: text, as: UTF8.self), path: path + "/bandwidth.csv")
      self = .codecs(path: path, table)
    } else if has("results.csv") {
      self = .grid(try RecordedGrid(path))
    } else {
      let seeds = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).compactMap { name in
        name.hasPrefix("seed-") ? UInt64(name.dropFirst(5)) : nil
      }
      guard !seeds.isEmpty else { throw ReportError.nothing(path: path) }
      self = .seeds(path: path, try seeds.sorted().map { try Record("\(path)/seed-\($0)") })
    }
  }

  var path: String {
    switch self {
    case .run(let run): run.path
    case .folds(let folds): folds.path
    case .seeds(let path, _), .matrix(let path, _), .codecs(let path, _): path
    case .grid(let grid): grid.path
    }
  }

  var name: String { URL(fileURLWithPath: path).standardizedFileURL.lastPathComponent }

  /// Of one run or cross-validation; nil of several.
  var configuration: RunConfiguration? {
    switch self {
    case .run(let run): run.configuration
    case .folds(let folds): folds.configuration
    case .seeds, .matrix, .codecs, .grid: nil
    }
  }

  /// Those of one run or cross-validation; nil of several, and while nothing was tested.
  var scores: RecordedScores? {
    switch self {
    case .run(let run): run.scores
    case .folds(let folds): folds.scores
    case .seeds, .matrix, .codecs, .grid: nil
    }
  }
}
