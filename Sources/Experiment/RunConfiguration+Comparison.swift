import Foundation
import Foundations
import Yams

extension RunConfiguration {
  /// Reads `config.yaml`. Throws `FileError.unreadable`, or `ExperimentError.configurationSchema` for one of a newer release.
  static func read(_ path: String) throws -> RunConfiguration {
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
    guard let difference = Self.difference(found, expected, below: []) else { return }
    throw ExperimentError.otherSettings(
      path: path, field: difference.field, found: difference.found, expected: difference.expected)
  }

  /// The first field, in order of the keys, that two JSON values differ in; `mode` before what follows from it.
  private static func difference(
    _ found: Any, _ expected: Any, below path: [String]
  ) -> (field: String, found: String, expected: String)? {
    if let found = found as? [String: Any], let expected = expected as? [String: Any] {
      let keys = Set(found.keys).union(expected.keys)
      for key in keys.sorted(by: { $0 != "mode" && $1 != "mode" ? $0 < $1 : $0 == "mode" }) {
        let inner = difference(
          found[key] ?? NSNull(), expected[key] ?? NSNull(), below: path + [key])
        if let inner { return inner }
      }
      return nil
    }
    if let found = found as? [Any], let expected = expected as? [Any], found.count == expected.count {
      for (index, pair) in zip(found, expected).enumerated() {
        let inner = difference(pair.0, pair.1, below: path + ["\(index + 1)"])
        if let inner { return inner }
      }
      return nil
    }
    if (found as? NSObject) == (expected as? NSObject) { return nil }
    return (path.joined(separator: ", "), text(found), text(expected))
  }

  /// A value in few words.
  private static func text(_ value: Any) -> String {
    if value is NSNull { return "not given" }
    if let value = value as? String { return value }
    guard JSONSerialization.isValidJSONObject([value]),
      let data = try? JSONSerialization.data(withJSONObject: [value], options: .sortedKeys)
    else { return "\(value)" }
    return String(String(decoding: data, as: UTF8.self).dropFirst().dropLast().prefix(120))
  }
}
