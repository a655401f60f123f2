import Foundation
import Foundations

/// `matrix.json` of `segfed matrix`: the model of each site at every site.
struct RecordedMatrix: Decodable {
  private static let newest = 1

  let schemaVersion: Int
  let leftOut: Int
  /// Dice by the model's site, the tested site, and the region (`mean`: over regions); `cases` is their number.
  let models: [String: [String: [String: Double?]]]

  private enum CodingKeys: String, CodingKey {
    case schemaVersion = "schema_version"
    case leftOut = "left_out"
    case models
  }

  /// Throws `FileError.unreadable`, `ReportError.newer`.
  static func read(_ path: String) throws -> RecordedMatrix {
    guard let data = FileManager.default.contents(atPath: path),
      let matrix = try? JSONDecoder().decode(RecordedMatrix.self, from: data)
    else { throw FileError.unreadable(path: path, reason: "not a cross-site matrix of segfed matrix") }
    guard matrix.schemaVersion <= newest else {
      throw ReportError.newer(path: path, found: matrix.schemaVersion, expected: newest)
    }
    return matrix
  }
}
