import Foundation
import Foundations
import Reporting

/// An audit on disk, with the wall in it: `inspection.json` is shared, `sites/<name>/` stays at the site.
struct InspectionFolder: Sendable {
  let path: String

  var report: String { path + "/inspection.json" }
  private var sites: String { path + "/sites" }

  /// Touches nothing. Throws `FileError.alreadyExists`, or with `force` `InspectionError.notAnInspection` for a folder that
  /// holds anything else.
  func checkAvailable(force: Bool) throws {
    let found = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    if found.isEmpty && !FileManager.default.fileExists(atPath: path) { return }
    if found.isEmpty && Folder.exists(path) { return }
    guard force else { throw FileError.alreadyExists(path: path) }
    guard Folder.exists(path), Set(found).isSubset(of: ["inspection.json", "sites"]) else {
      throw InspectionError.notAnInspection(path: path)
    }
  }

  /// Makes the folder, without what an earlier audit left. Throws `FileError.notWritable`.
  func prepare() throws {
    for item in [report, sites] where FileManager.default.fileExists(atPath: item) {
      do { try FileManager.default.removeItem(atPath: item) } catch {
        throw FileError.notWritable(path: item, reason: (error as NSError).localizedDescription)
      }
    }
    try Folder.make(sites)
  }

  /// A site's folder, made where it is not there. Throws `FileError.notWritable`.
  func folder(of site: String) throws -> String {
    let folder = sites + "/" + site
    try Folder.make(folder)
    return folder
  }

  /// Writes what a site keeps. Throws `FileError.notWritable`.
  func write(_ site: SiteInspection) throws {
    let folder = try folder(of: site.name)
    try AtomicFile.write(site.csv(), to: folder + "/cases.csv")
    try AtomicFile.write(site.json().rendered(), to: folder + "/cases.json")
  }
}
