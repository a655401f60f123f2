import FederationProtocol
import Foundation
import Foundations

/// `run.json` in a site's inbox: what a site that is a process of its own is told of a run before it is asked anything.
///
/// The run's settings without paths, and what the coordinator takes its identity to be. JSON, since YAML keeps fewer digits of a
/// number than there are.
struct RunAnnouncement: Sendable, Equatable, Codable {
  static let schemaVersion = 1

  let schemaVersion: Int
  let site: String
  let runID: String
  let planDigest: String
  let studyDigest: String
  let configuration: RunConfiguration

  enum CodingKeys: String, CodingKey {
    case schemaVersion = "schema_version"
    case site
    case runID = "run_id"
    case planDigest = "plan_sha256"
    case studyDigest = "study_sha256"
    case configuration
  }

  init(site: String, configuration: RunConfiguration) {
    schemaVersion = Self.schemaVersion
    self.site = site
    self.configuration = configuration.canonical
    let identity = configuration.identity
    runID = identity.runID
    planDigest = Digest.hex(identity.planDigest)
    studyDigest = Digest.hex(identity.studyDigest)
  }

  var data: Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self) else {
      preconditionFailure("a configuration that JSON cannot hold")
    }
    return data + Data("\n".utf8)
  }

  /// nil for what is no JSON: a file that is still being copied. Throws `ExperimentError.announcement` for a field that cannot be,
  /// among them digests that are not those of the settings.
  static func read(_ data: Data, path: String) throws -> RunAnnouncement? {
    guard let object = try? JSONSerialization.jsonObject(with: data) else { return nil }
    let version = (object as? [String: Any])?[CodingKeys.schemaVersion.rawValue] as? Int
    guard version == schemaVersion else {
      throw ExperimentError.announcement(
        path: path, field: "schema_version", found: version.map { "\($0)" } ?? "missing",
        expected: "\(schemaVersion)")
    }
    let run: RunAnnouncement
    do {
      run = try JSONDecoder().decode(RunAnnouncement.self, from: data)
    } catch {
      throw ExperimentError.announcement(
        path: path, field: "configuration", found: "another kind of value", expected: "a run's settings")
    }
    let expected = RunAnnouncement(site: run.site, configuration: run.configuration)
    for (field, found, expected) in [
      (CodingKeys.planDigest, run.planDigest, expected.planDigest),
      (.studyDigest, run.studyDigest, expected.studyDigest), (.runID, run.runID, expected.runID),
    ] where found != expected {
      throw ExperimentError.announcement(
        path: path, field: field.rawValue, found: String(found.prefix(64)),
        expected: "\(expected), that of the settings")
    }
    guard run.configuration.sites.contains(run.site) else {
      throw ExperimentError.announcement(
        path: path, field: "site", found: run.site,
        expected: "one of \(run.configuration.sites.joined(separator: ", "))")
    }
    return run
  }
}
