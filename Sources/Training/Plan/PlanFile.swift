import Foundation
import Foundations
import Harmonization
import Metrics
import Yams

/// A plan as a person writes it: what follows from the data may be left out.
///
/// `resolved(for:)` makes it a `TrainingPlan`.
package struct PlanFile: Sendable, Equatable, Codable {
  package var schemaVersion: Int
  package var name: String
  package var dimensions: Int
  /// Left out: the contrasts that the data has.
  package var contrasts: [String]?
  /// Left out: the label values that the data has.
  package var labels: [TrainingPlan.Label]?
  /// Left out: BraTS' three regions for its labels, else one for each label.
  package var regions: [Region]?
  /// Left out: `labels`.
  package var targets: TrainingPlan.Targets?
  /// Left out: the data's median spacing by nnU-Net's rule (none for PNG).
  package var spacing: [Double]?
  /// Left out, wholly or in part: nnU-Net's.
  package var harmonisation: HarmonizationChoice?
  package var patch: [Int]
  package var batch: Int
  /// Left out in part: a plain network that halves the grid at each stage.
  package var network: NetworkChoice
  /// Left out, wholly or in part: Dice of the whole batch, all classes alike.
  package var loss: TrainingPlan.Loss?
  package var optimizer: TrainingPlan.OptimizerSettings
  package var foregroundOversampling: Double
  package var mirror: [String]
  /// Left out: `gain-offset`.
  package var augmentation: AugmentationChoice?
  package var rounds: Int
  package var localSteps: Int
  /// Left out: all rounds are run.
  package var earlyStopping: TrainingPlan.EarlyStopping?
  /// Left out: 250.
  package var checkpointSteps: Int?
  package var split: TrainingPlan.Split
  /// Left out, wholly or in part: half-patch steps, no mirroring.
  package var inference: InferenceChoice?

  typealias CodingKeys = TrainingPlan.CodingKeys

  /// Reads a plan. Throws `FileError` or `PlanError`.
  package static func read(_ path: String) throws -> PlanFile {
    guard FileManager.default.fileExists(atPath: path) else { throw FileError.notFound(path: path) }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw FileError.unreadable(path: path, reason: "not a readable file")
    }
    return try parse(String(decoding: data, as: UTF8.self), file: path)
  }

  /// Parses YAML; `file` names it in messages. Throws `PlanError`.
  package static func parse(_ text: String, file: String) throws -> PlanFile {
    do {
      try checkKeys(text, file: file)
      return try YAMLDecoder().decode(PlanFile.self, from: text)
    } catch let error as PlanError {
      throw error
    } catch let error as DecodingError {
      throw PlanError.syntax(file: file, reason: Self.reason(error))
    } catch {
      throw PlanError.syntax(file: file, reason: "not YAML (\(error))".singleLine)
    }
  }

  /// A misspelt key must not pass for a default.
  private static func checkKeys(_ text: String, file: String) throws {
    guard let mapping = try Yams.compose(yaml: text)?.mapping else {
      throw PlanError.syntax(file: file, reason: "found no mapping of keys")
    }
    // A newer release's plan may have keys that are not misspelt.
    if let version = mapping["schema_version"]?.int { try TrainingPlan.checkSchema(version, file: file) }
    try checkKeys(mapping, known: TrainingPlan.CodingKeys.allCases.map(\.rawValue), below: "", file: file)
    for (field, known) in keysBelow {
      let node = mapping[field]
      for entry in node?.sequence.map(Array.init) ?? (node.map { [$0] } ?? []) {
        if let entry = entry.mapping { try checkKeys(entry, known: known, below: field + ", ", file: file) }
      }
    }
  }

  /// Keys of the mappings, or lists of mappings, in a plan.
  private static let keysBelow = [
    ("labels", ["value", "name"]), ("regions", ["name", "labels"]),
    ("harmonisation", HarmonizationSettings.CodingKeys.allCases.map(\.rawValue)),
    ("augmentation", AugmentationChoice.CodingKeys.allCases.map(\.rawValue)),
    ("network", TrainingPlan.Network.CodingKeys.allCases.map(\.rawValue)),
    ("loss", TrainingPlan.Loss.CodingKeys.allCases.map(\.rawValue)),
    ("optimizer", TrainingPlan.OptimizerSettings.CodingKeys.allCases.map(\.rawValue)),
    ("early_stopping", ["patience"]),
    ("split", ["validation", "test"]),
    ("inference", InferenceSettings.CodingKeys.allCases.map(\.rawValue)),
  ]

  private static func checkKeys(
    _ mapping: Node.Mapping, known: [String], below field: String, file: String
  ) throws {
    let unknown = mapping.keys.map { $0.string ?? "?" }.filter { !known.contains($0) }
    guard unknown.isEmpty else {
      throw PlanError.unknownKeys(file: file, keys: unknown.map { field + $0 }, known: known)
    }
  }

  /// What a decoder found wrong, in one line.
  package static func reason(_ error: DecodingError) -> String {
    func path(_ context: DecodingError.Context) -> String {
      context.codingPath.map(\.stringValue).joined(separator: ", ")
    }
    switch error {
    case .keyNotFound(let key, let context):
      let field = [path(context), key.stringValue].filter { !$0.isEmpty }.joined(separator: ", ")
      return "the field \(field) is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      return "the field \(path(context)) holds another kind of value (\(context.debugDescription))".singleLine
    @unknown default: return "\(error)".singleLine
    }
  }
}
