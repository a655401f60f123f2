import Foundation
import Foundations
import Yams

extension RunConfiguration {
  /// Reads `config.yaml`. Throws `FileError.unreadable`, or `ExperimentError.configurationSchema` for one of a newer release.
  package static func read(_ path: String) throws -> RunConfiguration {
    struct Version: Decodable {
      let schemaVersion: Int
      enum CodingKeys: String, CodingKey { case schemaVersion = "schema_version" }
    }
    guard let data = FileManager.default.contents(atPath: path),
      let version = try? YAMLDecoder().decode(Version.self, from: data)
    else { throw FileError.unreadable(path: path, reason: "not a run's configuration") }
    guard version.schemaVersion <= schemaVersion else {
      throw ExperimentError.configurationSchema(
        path: path, found: version.schemaVersion, expected: schemaVersion)
    }
    do {
      return try YAMLDecoder().decode(RunConfiguration.self, from: data)
    } catch let error as any DescribedError {
      throw FileError.unreadable(path: path, reason: error.description)
    } catch {
      throw FileError.unreadable(path: path, reason: "not a run's configuration")
    }
  }

  /// Throws `ExperimentError.otherSettings` naming the first field in which a run that is to be resumed was begun otherwise.
  ///
  /// `path` names the earlier one's file. An atlas is agreed on after the plan is known: `ignoringAtlas` leaves it out.
  func checkContinues(_ earlier: RunConfiguration, path: String, ignoringAtlas: Bool) throws {
    func compared(_ configuration: RunConfiguration) throws -> Any {
      var canonical = configuration.canonical
      if ignoringAtlas {
        canonical.plan.harmonisation.atlas = nil
        canonical.initialDigest = nil
        canonical.rootDigest = nil
        canonical.hostileSites = nil
      }
      // Both through the same text: YAML keeps fewer digits of a number than there are.
      let text = try YAMLEncoder().encode(canonical)
      let read = try YAMLDecoder().decode(RunConfiguration.self, from: text)
      return try JSONSerialization.jsonObject(with: JSONEncoder().encode(read))
    }
    guard let found = try? compared(self), let expected = try? compared(earlier) else {
      preconditionFailure("a configuration that YAML cannot hold")
    }
    // `mode` before what follows from it.
    guard let difference = JSONDifference.all(found, expected, first: CodingKeys.mode.rawValue).first else {
      return
    }
    throw ExperimentError.otherSettings(
      path: path, field: difference.field, found: difference.found, expected: difference.expected)
  }
}
