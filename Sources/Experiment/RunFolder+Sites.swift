import Foundation
import Foundations

extension RunFolder {
  /// The sites that have a folder in the run, by name.
  package var sites: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path + "/sites")) ?? []).sorted()
  }

  /// Those of which there is a model of their own.
  var sitesWithModels: [String] {
    sites.filter { FileManager.default.fileExists(atPath: site($0) + "/model.safetensors") }
  }

  /// A table of a site's folder; nil where it has none. Throws `CSVError`.
  package func table(_ name: String, of site: String) throws -> CSVTable? {
    try Self.table(self.site(site) + "/" + name)
  }

  /// A table of the coordinator's folder; nil where it has none. Throws `CSVError`.
  package func coordinatorTable(_ name: String) throws -> CSVTable? {
    try Self.table(coordinator + "/" + name)
  }

  private static func table(_ file: String) throws -> CSVTable? {
    return try FileManager.default.contents(atPath: file).map {
      try CSVTable(String(decoding: $0, as: UTF8.self), path: file)
    }
  }
}
