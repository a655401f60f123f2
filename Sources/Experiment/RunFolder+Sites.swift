import Foundation
import Foundations

extension RunFolder {
  /// The sites that have a folder in the run, by name.
  var sites: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path + "/sites")) ?? []).sorted()
  }

  /// Those of which there is a model of their own.
  var sitesWithModels: [String] {
    sites.filter { FileManager.default.fileExists(atPath: site($0) + "/model.safetensors") }
  }

  /// A table of a site's folder; nil where it has none. Throws `CSVError`.
  func table(_ name: String, of site: String) throws -> CSVTable? {
    let file = self.site(site) + "/" + name
    return try FileManager.default.contents(atPath: file).map {
      try CSVTable(String(decoding: $0, as: UTF8.self), path: file)
    }
  }
}
