import Adversary
import Coordinator
import FederationProtocol
import Foundation
import Foundations
import Harmonization
import Study
import Training
import Yams

/// A grid of runs, as its YAML file says: one run for each combination of the grid's values and seeds.
package struct SweepFile: Sendable, Equatable, Codable {
  package static let schemaVersion = 1

  var schemaVersion: Int
  /// Training data, and fresh cases of the same sites that the models are tested on; both relative to the file.
  var data: String
  var test: String?
  /// The coordinator's own cases, given to the strategies that need some; relative to the file.
  var coordinatorData: String?
  /// Whether every run names updates that stand out.
  var screen: Bool?
  /// Whether HD95 is told beside Dice.
  var distances: Bool?
  /// A plan's file, relative to this one, or a built-in plan's name; a study has its own.
  var plan: String?
  /// A locked study, relative to this file, that every run follows.
  var study: String?
  var seeds: [UInt64]
  var rounds: Int?
  var localSteps: Int?
  var localEpochs: Int?
  /// Values of `train`'s options, by their names without the dashes.
  var grid: [String: [String]]

  enum CodingKeys: String, CodingKey, CaseIterable {
    case schemaVersion = "schema_version"
    case data, test
    case coordinatorData = "coordinator_data"
    case screen, distances, plan, study, seeds, rounds
    case localSteps = "local_steps"
    case localEpochs = "local_epochs"
    case grid
  }

  /// Reads a file. Throws `FileError`, and `SweepError` naming file and field.
  package static func read(_ path: String) throws -> SweepFile {
    guard let text = FileManager.default.contents(atPath: path) else { throw FileError.notFound(path: path) }
    let keys: [String]
    do {
      guard let mapping = try Yams.compose(yaml: String(decoding: text, as: UTF8.self))?.mapping else {
        throw SweepError.field(
          path: path, field: "the file", found: "no mapping", expected: "fields and values")
      }
      keys = mapping.keys.compactMap(\.string)
    } catch let error as SweepError {
      throw error
    } catch {
      throw SweepError.field(
        path: path, field: "the file", found: "no YAML (\(error))".singleLine, expected: "fields and values")
    }
    let known = CodingKeys.allCases.map(\.rawValue)
    if let unknown = keys.first(where: { !known.contains($0) }) {
      throw SweepError.field(
        path: path, field: unknown, found: "a field that is not known",
        expected: known.joined(separator: ", "))
    }
    var file: SweepFile
    do {
      file = try YAMLDecoder().decode(SweepFile.self, from: text)
    } catch {
      throw Self.fault(error, path: path)
    }
    try file.validate(path)
    file.data = Self.resolved(file.data, beside: path)
    file.test = file.test.map { Self.resolved($0, beside: path) }
    if let test = file.test, Folder.place(test) == Folder.place(file.data) {
      throw SweepError.field(
        path: path, field: "test", found: "the folder of data, on which runs train",
        expected: "other cases, or none")
    }
    if let plan = file.plan.map({ Self.resolved($0, beside: path) }),
      FileManager.default.fileExists(atPath: plan), !Folder.exists(plan)
    {
      file.plan = plan
    }
    file.study = file.study.map { Self.resolved($0, beside: path) }
    if let study = file.study { try file.validate(study: LockedStudy.read(study), path) }
    file.coordinatorData = file.coordinatorData.map { Self.resolved($0, beside: path) }
    return file
  }

  private static func fault(_ error: any Error, path: String) -> SweepError {
    let (place, found): ([String], String)
    switch error {
    case DecodingError.keyNotFound(let key, _): (place, found) = ([key.stringValue], "nothing")
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
      DecodingError.dataCorrupted(let context):
      (place, found) = (context.codingPath.map(\.stringValue), "a value of another kind")
    default: (place, found) = ([], "a value of another kind")
    }
    let field = place.isEmpty ? "the file" : place.joined(separator: ".")
    return .field(path: path, field: field, found: found, expected: kind(of: place.first ?? ""))
  }

  private static func kind(of field: String) -> String {
    switch CodingKeys(rawValue: field) {
    case .schemaVersion, .rounds, .localSteps, .localEpochs: "a whole number"
    case .data, .test, .coordinatorData, .plan, .study: "a path or name"
    case .screen, .distances: "true or false"
    case .seeds: "a list of whole numbers"
    case .grid: "a list of values for each option"
    case nil: "schema_version, data, plan, seeds and a grid"
    }
  }

  private static func resolved(_ path: String, beside file: String) -> String {
    if path.hasPrefix("/") { return path }
    let folder = (file as NSString).deletingLastPathComponent
    return folder.isEmpty ? path : folder + "/" + path
  }

  private func validate(_ path: String) throws {
    func check(_ holds: Bool, _ field: String, _ found: String, _ expected: String) throws {
      if !holds { throw SweepError.field(path: path, field: field, found: found, expected: expected) }
    }
    try check(
      schemaVersion == Self.schemaVersion, "schema_version", "\(schemaVersion)", "\(Self.schemaVersion)")
    try check(
      (plan == nil) != (study == nil), "plan", plan == nil ? "neither plan nor study" : "study too",
      "one of the two")
    try check(
      !seeds.isEmpty && Set(seeds).count == seeds.count, "seeds", "\(seeds)", "one or more, each once")
    try check(localSteps == nil || localEpochs == nil, "local_epochs", "local_steps too", "one of the two")
    for (name, value) in [("rounds", rounds), ("local_steps", localSteps), ("local_epochs", localEpochs)] {
      let most = name == "local_epochs" ? 10_000 : 1_000_000
      try check(value.map { (1...most).contains($0) } ?? true, name, "\(value ?? 0)", "1 to \(most)")
    }
    let isLocal = grid[SweepAxis.mode.rawValue]?.contains(RunRequest.Mode.local.rawValue) == true
    for (axis, harmless) in [(SweepAxis.holdOutSite, { $0 == "none" }), (.intensity, { $0 != "atlas" })] {
      let other = isLocal ? grid[axis.rawValue]?.first { !harmless($0) } : nil
      try check(
        other == nil, "grid.\(axis.rawValue)", "\(other ?? "") beside mode local",
        "no site held out and no atlas where sites train alone: two grids")
    }
    for (name, values) in grid.sorted(by: { $0.key < $1.key }) {
      guard let axis = SweepAxis(rawValue: name) else {
        throw SweepError.field(
          path: path, field: "grid.\(name)", found: "an option that no grid has",
          expected: SweepAxis.allCases.map(\.rawValue).joined(separator: ", "))
      }
      try check(
        !values.isEmpty && Set(values).count == values.count, "grid.\(name)", "\(values)",
        "one or more values, each once")
      for value in values {
        var request = RunRequest(data: data, output: "", threads: 1)
        do { try axis.apply(value, to: &request) } catch let error as any DescribedError {
          throw SweepError.value(path: path, field: "grid.\(name)", reason: error.description)
        }
      }
    }
  }

  /// What a study says, no grid may vary. Throws `SweepError.field`, `StudyError.seed`.
  private func validate(study: LockedStudy, _ path: String) throws {
    let own: Set<SweepAxis> = [.mode, .holdOutSite, .attack, .excludeAfter, .fineTuneSteps]
    let given =
      (rounds == nil ? [] : ["rounds"]) + (localSteps == nil ? [] : ["local_steps"])
      + (localEpochs == nil ? [] : ["local_epochs"])
      + SweepAxis.allCases.filter { grid[$0.rawValue] != nil && !own.contains($0) }.map {
        "grid.\($0.rawValue)"
      }
    if let field = given.first {
      throw SweepError.field(
        path: path, field: field, found: "a field that the study says",
        expected: "none: \(study.path) says it")
    }
    for seed in seeds where !study.file.training.seeds.contains(seed) {
      throw StudyError.seed(study: study.path, found: seed, expected: study.file.training.seeds)
    }
  }

  /// All runs, seeds turning fastest, then the axes from the last on.
  var cells: [SweepCell] {
    var cells = [SweepCell(values: [:], seed: 0)]
    for axis in SweepAxis.allCases {
      guard let values = grid[axis.rawValue] else { continue }
      cells = cells.flatMap { cell in
        values.map { value in
          var cell = cell
          cell.values[axis.rawValue] = value
          return cell
        }
      }
    }
    // Where nothing is federated, options of a federation make no difference: one run instead of many.
    var seen: Set<[String: String]> = []
    cells = cells.compactMap { cell in
      let mode = cell.values[SweepAxis.mode.rawValue] ?? RunRequest.Mode.federated.rawValue
      let values =
        mode == RunRequest.Mode.federated.rawValue
        ? cell.values
        : cell.values.filter { [SweepAxis.mode, .holdOutSite, .intensity].map(\.rawValue).contains($0.key) }
      return seen.insert(values).inserted ? SweepCell(values: values, seed: 0) : nil
    }
    return cells.flatMap { cell in seeds.map { SweepCell(values: cell.values, seed: $0) } }
  }
}

/// An option of `train` that a grid may vary, in the order in which tables show them.
enum SweepAxis: String, CaseIterable {
  case mode
  case holdOutSite = "hold-out-site"
  case attack
  case strategy
  case weights
  case participation
  case codec
  case codecDown = "codec-down"
  case codecUp = "codec-up"
  case excludeAfter = "exclude-after"
  case fineTuneSteps = "fine-tune-steps"
  case intensity

  /// Throws `StrategyError` or another described error for a value that is none.
  func apply(_ value: String, to request: inout RunRequest) throws {
    func parsed<Value>(_ value: Value?, _ expected: String, _ found: String) throws -> Value {
      guard let value else { throw SweepError.option(rawValue, found: found, expected: expected) }
      return value
    }
    func count(_ unit: String) throws -> Int? {
      if value == "none" { return nil }
      let count = Int(value).flatMap { (1...1_000_000).contains($0) ? $0 : nil }
      return try parsed(count, "none, or 1 to 1000000 \(unit)", value)
    }
    switch self {
    case .mode:
      request.mode = try parsed(
        RunRequest.Mode(rawValue: value), RunRequest.Mode.allCases.map(\.rawValue).joined(separator: ", "),
        value)
    case .holdOutSite: request.holdOut = value == "none" ? nil : value
    case .intensity:
      request.harmonisation.intensity = try parsed(
        IntensityMethod(rawValue: value), IntensityMethod.allCases.map(\.rawValue).joined(separator: ", "),
        value)
    case .attack: request.attack = value == "none" ? nil : try AttackChoice(value)
    case .strategy: request.strategy = try StrategyChoice(value)
    case .weights:
      request.weighting = try parsed(
        Weighting(rawValue: value), Weighting.allCases.map(\.rawValue).joined(separator: ", "), value)
    case .participation:
      request.participation = try parsed(Participation(value), Participation.spellings, value)
    case .codec: request.codecs = try CodecPair(down: CodecChain(value), up: CodecChain(value))
    case .codecDown: request.codecs = try CodecPair(down: CodecChain(value), up: request.codecs.up)
    case .codecUp: request.codecs = try CodecPair(down: request.codecs.down, up: CodecChain(value))
    case .excludeAfter: request.excludeAfter = try count("rounds")
    case .fineTuneSteps: request.fineTuneSteps = try count("steps")
    }
  }
}

/// One run of a grid.
struct SweepCell: Sendable, Equatable, Hashable, Codable {
  /// By the axes' names.
  var values: [String: String]
  let seed: UInt64

  /// What tells it from all others, in the axes' order.
  var title: String {
    SweepAxis.allCases.compactMap { values[$0.rawValue] }.joined(separator: " ") + " seed \(seed)"
  }

  /// The name of its run's folder.
  var folder: String {
    String(Digest.sha256Hex(Data(title.utf8)).prefix(16))
  }

  /// The same but for the seed.
  var group: [String] { SweepAxis.allCases.map { values[$0.rawValue] ?? "" } }
}

/// What can be wrong with a sweep.
package enum SweepError: DescribedError {
  case field(path: String, field: String, found: String, expected: String)
  case value(path: String, field: String, reason: String)
  case option(String, found: String, expected: String)
  case notASweep(path: String)
  /// The folder holds another sweep's results.
  case otherSweep(path: String, field: String)
  case damaged(path: String, line: Int)
  /// A run's training cases are not those of an earlier one.
  case otherData(path: String, data: String, cell: String)

  package var description: String {
    switch self {
    case .field(let path, let field, let found, let expected):
      "\(path): \(field): found \(found), expected \(expected)."
    case .value(let path, let field, let reason): "\(path): \(field): \(reason)"
    case .option(let name, let found, let expected): "--\(name): found \(found), expected \(expected)."
    case .notASweep(let path):
      "\(path): is not empty and not a sweep's folder (no sweep.yaml). Choose another output folder; --force replaces only sweeps."
    case .otherSweep(let path, let field):
      "\(path): \(field) is not what the results there were made with. Choose another output folder, or --force to begin again."
    case .damaged(let path, let line):
      "\(path): line \(line) is none of a sweep's results, expected a JSON object with counts and Dice that can be. Take it out; its "
        + "run is repeated then."
    case .otherData(let path, let data, let cell):
      "\(data): the training cases are not those of \(path), run \(cell), expected the same. Choose another output folder, or --force "
        + "to begin again."
    }
  }
}
