import Foundations
import Imaging

/// A site's cases as they lie on disk, faulty ones too.
package struct SiteListing: Sendable {
  package let name: String
  /// Where they lie.
  package let path: String
  /// Sorted by name.
  package let cases: [CaseFiles]
  /// Labels that the data set itself names (`dataset.json`); empty where it names none.
  package let namedLabels: [LabelName]

  /// Every site of a data set. Throws what listing does.
  package static func all(_ path: String, layout: DatasetLayout?) throws -> [SiteListing] {
    let survey = try DatasetSurvey(path, layout: layout)
    // Other layouts' names are segfed's own.
    let isNamed = survey.layout == .nnunet || survey.layout == .decathlon
    return survey.sites.map { site in
      let folder = path + "/" + site.name
      return SiteListing(
        name: site.name, path: Folder.exists(folder) ? folder : path, cases: site.cases.map(\.files),
        namedLabels: isNamed ? survey.labels : [])
    }
  }
}
