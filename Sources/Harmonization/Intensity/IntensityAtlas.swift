import Foundation
import Foundations

/// What a site tells of its scans for one contrast's scale: how many, and the sum of their stretched landmarks. No scan,
/// no histogram and no single scan's landmarks are in it.
package struct LandmarkSums: Sendable, Equatable {
  package let contrast: String
  package private(set) var scans = 0
  /// One for each of `IntensityLandmarks.percents`.
  package private(set) var sums = [Double](repeating: 0, count: IntensityLandmarks.percents.count)

  package init(contrast: String) { self.contrast = contrast }

  /// Adds a scan.
  package mutating func add(_ landmarks: IntensityLandmarks) {
    scans += 1
    for (index, value) in landmarks.standardised.enumerated() { sums[index] += value }
  }
}

/// Standard scales that sites agree on without a scan leaving any of them (Nyúl & Udupa's, federated): the mean over
/// all sites' scans follows from counts and sums alone.
package struct IntensityAtlas: Sendable, Equatable, Codable {
  package static let schemaVersion = 1

  package struct Contrast: Sendable, Equatable, Codable {
    package let name: String
    package let scale: IntensityScale
    /// Scans that the scale is the mean of.
    package let scans: Int

    package init(name: String, scale: IntensityScale, scans: Int) {
      (self.name, self.scale, self.scans) = (name, scale, scans)
    }
  }

  package let schemaVersion: Int
  /// By name.
  package let contrasts: [Contrast]

  enum CodingKeys: String, CodingKey {
    case schemaVersion = "schema_version"
    case contrasts
  }

  package init(contrasts: [Contrast]) {
    schemaVersion = Self.schemaVersion
    self.contrasts = contrasts.sorted { $0.name < $1.name }
  }

  /// A contrast's scale; nil where the atlas has none.
  package func scale(of contrast: String) -> IntensityScale? {
    contrasts.first { $0.name == contrast }?.scale
  }
}

extension IntensityAtlas {
  /// Reads an atlas that sites agreed on earlier. Throws `FileError` or `HarmonizationError.atlasFile`.
  package static func read(_ path: String) throws -> IntensityAtlas {
    guard FileManager.default.fileExists(atPath: path) else { throw FileError.notFound(path: path) }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw FileError.unreadable(path: path, reason: "not a readable file")
    }
    struct Version: Decodable {
      let number: Int

      enum CodingKeys: String, CodingKey { case number = "schema_version" }
    }
    let version = try? JSONDecoder().decode(Version.self, from: data).number
    guard version == schemaVersion else {
      throw HarmonizationError.atlasFile(
        path: path, found: version.map { "schema_version \($0)" } ?? "no schema_version",
        expected: "\(schemaVersion)")
    }
    do { return try JSONDecoder().decode(IntensityAtlas.self, from: data) } catch {
      throw HarmonizationError.atlasFile(
        path: path, found: "something else than scales",
        expected:
          "contrasts, each with a name, scans and \(IntensityLandmarks.percents.count) ascending landmarks")
    }
  }

  /// Writes the atlas, atomically. Throws `FileError.notWritable`.
  package func write(to path: String) throws { try AtomicFile.write(json: self, to: path) }
}
