import Foundation
import Foundations
import Imaging

/// A case that is to be looked at, found as `segfed predict` finds cases, or by its name in a data set.
struct ViewedCase {
  /// Empty for a scan by itself.
  let site: String
  let files: CaseFiles
  /// What the data calls its labels; empty where nothing does.
  let labelNames: [LabelName]

  /// `path` is a scan, a case folder, a data set with one case, or `<data>/<case>` or `<data>/<site>/<case>` where the layout has no
  /// folder of that name. Throws `FileError`, the layouts' errors, and `ViewError`.
  static func find(_ path: String, layout: DatasetLayout?) throws -> ViewedCase {
    guard FileManager.default.fileExists(atPath: path) else { return try named(path, layout: layout) }
    if !Folder.exists(path) && !path.lowercased().hasSuffix(".csv") { return try singleScan(path) }
    if Folder.exists(path), let files = try DatasetFolder.caseFolder(path) {
      let parent = URL(fileURLWithPath: path).deletingLastPathComponent().lastPathComponent
      let found = try? FoundLabels.of(files)
      return ViewedCase(site: parent, files: files, labelNames: found ?? [])
    }
    do {
      let data = try DatasetFolder.discover(path, layout: layout, requireLabels: false)
      let all = all(data)
      guard all.count == 1 else { throw ViewError.severalCases(path: path, found: all.count) }
      return all[0]
    } catch let error as ViewError {
      throw error
    } catch {
      // A folder of one case that is no data set, as BIDS has for each subject.
      guard let found = below(path, layout: layout) else { throw error }
      return found
    }
  }

  private static func all(_ data: DatasetFolder) -> [ViewedCase] {
    data.sites.flatMap { site in
      site.cases.map { ViewedCase(site: site.name, files: $0, labelNames: data.labels) }
    }
  }

  private static func singleScan(_ path: String) throws -> ViewedCase {
    let volumes = PNG.isNamed(path) ? 1 : try NIfTI.header(path).volumes
    let images = (0..<max(1, volumes)).map {
      CaseFiles.Image(
        contrast: volumes > 1 ? "volume-\($0)" : "scan", path: path, volume: volumes > 1 ? $0 : nil)
    }
    return ViewedCase(
      site: "", files: CaseFiles(name: CaseFiles.stem(of: path), images: images, label: nil),
      labelNames: [])
  }

  /// The case of a data set whose folder or table is the nearest above `path` that is there.
  private static func named(_ path: String, layout: DatasetLayout?) throws -> ViewedCase {
    var (data, rest) = (path as NSString, "")
    while data.length > 0, data != "/", !FileManager.default.fileExists(atPath: data as String) {
      rest = rest.isEmpty ? data.lastPathComponent : data.lastPathComponent + "/" + rest
      data = data.deletingLastPathComponent as NSString
    }
    let folder = data.length == 0 ? "." : data as String
    // Without a folder that could be a data set's there is nothing to look for.
    guard data.length > 0, data != "/" else { throw FileError.notFound(path: path) }
    guard let found = try? DatasetFolder.discover(folder, layout: layout, requireLabels: false) else {
      throw FileError.notFound(path: path)
    }
    let matching = all(found).filter { $0.files.name == rest || "\($0.site)/\($0.files.name)" == rest }
    guard let first = matching.first else { throw ViewError.noCase(path: path, data: folder) }
    guard matching.count == 1 else { throw ViewError.severalCases(path: path, found: matching.count) }
    return first
  }

  /// The one case of a data set above a folder all of whose scans lie in it; nil where there is none, or more than one.
  private static func below(_ path: String, layout: DatasetLayout?) -> ViewedCase? {
    let folder = Folder.place(path) + "/"
    var above = URL(fileURLWithPath: path)
    for _ in 0..<3 {
      above.deleteLastPathComponent()
      guard let data = try? DatasetFolder.discover(above.path, layout: layout, requireLabels: false) else {
        continue
      }
      let inside = all(data).filter { item in
        item.files.imagePaths.allSatisfy { Folder.place($0).hasPrefix(folder) }
      }
      if inside.count == 1 { return inside[0] }
    }
    return nil
  }
}

/// What the files' names tell of a case folder's labels.
private enum FoundLabels {
  static func of(_ files: CaseFiles) throws -> [LabelName] {
    guard let path = files.imagePaths.first else { return [] }
    let site = URL(fileURLWithPath: path).deletingLastPathComponent().deletingLastPathComponent().path
    return try DatasetFolder.discover(site, requireLabels: false).labels
  }
}
