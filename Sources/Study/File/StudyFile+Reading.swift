import Coordinator
import FederationProtocol
import Foundation
import Foundations
import Harmonization
import Metrics
import Training
import Yams

extension StudyFile {
  /// Reads a study, everything that can be told from the file alone checked, and values written one way.
  ///
  /// Throws `FileError`, and `StudyError` naming file and field.
  package static func read(_ path: String) throws -> StudyFile {
    guard FileManager.default.fileExists(atPath: path) else { throw FileError.notFound(path: path) }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw FileError.unreadable(path: path, reason: "not a readable file")
    }
    return try parse(String(decoding: data, as: UTF8.self), path: path)
  }

  static func parse(_ text: String, path: String) throws -> StudyFile {
    var file: StudyFile
    do {
      try checkKeys(text, path: path)
      file = try YAMLDecoder().decode(StudyFile.self, from: text)
    } catch let error as any DescribedError {
      throw error
    } catch YamlError.duplicatedKeysInMapping(let duplicates, _) {
      throw StudyError.doubledKey(path: path, field: duplicates.first ?? "?")
    } catch let error as DecodingError {
      throw StudyError.value(path: path, field: "the file", reason: PlanFile.reason(error) + ".")
    } catch {
      throw StudyError.field(
        path: path, field: "the file", found: "no YAML (\(error))".singleLine, expected: "fields and values")
    }
    try file.validate(path)
    return file
  }

  /// Keys of the mappings, and of lists of mappings, by where they stand.
  private static let keys: [(place: [String], known: [String])] = [
    ([], CodingKeys.allCases.map(\.rawValue)),
    (["cohort"], CohortDefinition.CodingKeys.allCases.map(\.rawValue)),
    (["cohort", "columns"], Column.CodingKeys.allCases.map(\.rawValue)),
    (["cohort", "rules"], Rule.CodingKeys.allCases.map(\.rawValue)),
    (["labels"], ["name", "value"]), (["regions"], ["name", "labels"]),
    (["features"], Features.CodingKeys.allCases.map(\.rawValue)),
    (["features", "harmonisation"], HarmonizationSettings.CodingKeys.allCases.map(\.rawValue)),
    (["training"], Training.CodingKeys.allCases.map(\.rawValue)),
    (["split"], ["validation", "test"]),
    (["evaluation"], Evaluation.CodingKeys.allCases.map(\.rawValue)),
  ]

  /// A misspelt key must not pass for a default.
  private static func checkKeys(_ text: String, path: String) throws {
    guard let root = try Yams.compose(yaml: text), root.mapping != nil else {
      throw StudyError.field(
        path: path, field: "the file", found: "no mapping", expected: "fields and values")
    }
    // A newer release's study may have keys that are not misspelt.
    if let version = root["schema_version"]?.int, version != schemaVersion {
      throw StudyError.field(
        path: path, field: "schema_version", found: "\(version)", expected: "\(schemaVersion)")
    }
    for (place, known) in keys {
      let node = place.reduce(Optional(root)) { $0?[$1] }
      for entry in node?.sequence.map(Array.init) ?? (node.map { [$0] } ?? []) {
        for key in entry.mapping?.keys.map({ $0.string ?? "?" }) ?? [] where !known.contains(key) {
          throw StudyError.unknownKey(
            path: path, field: (place + [key]).joined(separator: "."), known: known)
        }
      }
    }
  }

  // MARK: Values

  private mutating func validate(_ path: String) throws {
    try validateCohort(path)
    try validateLabels(path)
    try validateFeatures(path)
    try validateTraining(path)
    try Self.check(
      MetricConvention.names.contains(evaluation.convention), path, "evaluation.convention",
      evaluation.convention, "one of \(MetricConvention.names.joined(separator: ", "))")
    try Self.check(
      evaluation.surfaceTolerance.map { $0.isFinite && $0 >= 0 } ?? true, path,
      "evaluation.surface_tolerance", "\(evaluation.surfaceTolerance ?? 0)", "0 mm or more")
    try Self.check(
      evaluation.lesionRules == nil || metrics.scoresLesions, path, "evaluation.lesion_rules",
      "the convention \(evaluation.convention)", "brats2023 or brats2025, whose rules they are")
  }

  private static func check(
    _ holds: Bool, _ path: String, _ field: String, _ found: @autoclosure () -> String, _ expected: String
  ) throws {
    if !holds { throw StudyError.field(path: path, field: field, found: found(), expected: expected) }
  }

  /// What another rule refuses, with the field's name.
  static func naming<Value>(_ path: String, _ field: String, _ body: () throws -> Value) throws
    -> Value
  {
    do { return try body() } catch let error as any DescribedError {
      throw StudyError.value(path: path, field: field, reason: error.description)
    }
  }

  /// Throws where one of `names` is there twice or empty.
  private static func checkNames(_ names: [String], _ path: String, _ field: String) throws {
    var seen: Set<String> = []
    for name in names {
      try check(
        !name.trimmingCharacters(in: .whitespaces).isEmpty && seen.insert(name.lowercased()).inserted, path,
        field, name.isEmpty ? "an empty name" : "\(name) twice", "each name once")
    }
  }

  private mutating func validateCohort(_ path: String) throws {
    try Self.checkNames(cohort.columns.map(\.name), path, "cohort.columns")
    try Self.checkNames(cohort.rules.map(\.name), path, "cohort.rules")
    for column in cohort.columns {
      let field = "cohort.columns, \(column.name)"
      for bound in [column.least, column.most].compactMap({ $0 }) {
        try Self.check(bound.isFinite, path, field, "\(bound)", "a finite number")
      }
      if let least = column.least, let most = column.most {
        try Self.check(least <= most, path, field, "least \(least) above most \(most)", "least up to most")
      }
      try Self.check(
        column.levels == nil || column.least == nil && column.most == nil, path, field,
        "levels and a range", "one of the two")
    }
    for index in cohort.rules.indices {
      let rule = cohort.rules[index]
      cohort.rules[index].condition = try Self.naming(path, "cohort.rules, \(rule.name)") {
        let written = try CohortRule(name: rule.name, condition: rule.condition).condition.description
        _ = try CohortRule(name: rule.name, condition: written)
        return written
      }
    }
  }

  private mutating func validateLabels(_ path: String) throws {
    if !labels.contains(where: { $0.value == 0 }) {
      labels.insert(TrainingPlan.Label(value: 0, name: "background"), at: 0)
    }
    labels.sort { $0.value < $1.value }
    try Self.checkNames(labels.map(\.name), path, "labels")
    try Self.checkNames(regions.map(\.name), path, "regions")
    try Self.check(labels.count > 1, path, "labels", "none but background", "one or more")
    let values = labels.map(\.value)
    try Self.check(Set(values).count == values.count, path, "labels", "a value twice", "each value once")
    try Self.check(!regions.isEmpty, path, "regions", "none", "one or more")
    for region in regions {
      try Self.check(
        !region.labels.isEmpty && region.labels.allSatisfy { $0 != 0 && values.contains($0) }, path,
        "regions, \(region.name)", "\(region.labels)", "values of labels other than background")
    }
  }

  private func validateFeatures(_ path: String) throws {
    try Self.check(!features.contrasts.isEmpty, path, "features.contrasts", "none", "one or more")
    try Self.checkNames(features.contrasts, path, "features.contrasts")
    if let edges = features.voxelEdges {
      try Self.check(
        edges.count == 2 && edges[0] > 0 && edges[0] < edges[1] && edges[1].isFinite, path,
        "features.voxel_mm", "\(edges)", "the smallest and the largest edge of a voxel in mm")
    }
    if let spacing = features.spacing {
      try Self.check(
        spacing.count == 3 && spacing.allSatisfy { $0 > 0 && $0.isFinite }, path, "features.spacing",
        "\(spacing)", "three sizes in mm")
    }
  }

  private mutating func validateTraining(_ path: String) throws {
    training.strategy = try Self.naming(path, "training.strategy") {
      try StrategyChoice(training.strategy).description
    }
    guard let participation = Participation(training.participation) else {
      throw StudyError.field(
        path: path, field: "training.participation", found: training.participation,
        expected: Participation.spellings)
    }
    training.participation = participation.description
    let codecs = try Self.naming(path, "training.codec_down, codec_up") {
      try CodecPair(down: training.codecDown, up: training.codecUp)
    }
    (training.codecDown, training.codecUp) = (codecs.down.description, codecs.up.description)
    for (name, value, most) in [
      ("rounds", training.rounds, 1_000_000), ("local_steps", training.localSteps, 1_000_000_000),
      ("local_epochs", training.localEpochs, 10_000),
    ] {
      try Self.check(
        value.map { (1...most).contains($0) } ?? true, path, "training.\(name)", "\(value ?? 0)",
        "1 to \(most)")
    }
    try Self.check(
      (training.localSteps == nil) != (training.localEpochs == nil), path, "training.local_steps",
      training.localSteps == nil ? "neither steps nor epochs" : "local_epochs too", "one of the two")
    try Self.check(
      !training.seeds.isEmpty && Set(training.seeds).count == training.seeds.count, path, "training.seeds",
      "\(training.seeds)", "one or more, each once")
    for (name, share) in [("validation", split.validation), ("test", split.test)] {
      try Self.check(
        (0..<1).contains(share) && split.validation + split.test < 1, path, "split.\(name)", "\(share)",
        "0 or more, the two together below 1")
    }
  }
}
