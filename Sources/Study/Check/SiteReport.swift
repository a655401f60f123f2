/// What a site tells of itself before a study: counts, and statistics over all of its cases. No case's name, no path.
package struct SiteReport: Sendable, Equatable, Codable {
  package static let schemaVersion = 1

  /// A definition of the study that the site does not meet.
  package struct Problem: Sendable, Equatable, Codable {
    /// Where the study defines it, such as `labels`.
    package let definition: String
    package let found: String
    package let expected: String

    package init(definition: String, found: String, expected: String) {
      (self.definition, self.found, self.expected) = (definition, found, expected)
    }
  }

  package struct Exclusion: Sendable, Equatable, Codable {
    package let rule: String
    package let cases: CellCount
  }

  package var schemaVersion = Self.schemaVersion
  /// SHA-256 of the study.
  package let study: String
  package let site: String
  /// nil where small numbers could be told from it.
  package let found: CellCount?
  /// nil where the rules could not be asked.
  package let included: CellCount?
  package let excluded: [Exclusion]
  /// Cases that each label (but background) is in, in the study's order.
  package let labelCases: [CellCount]
  /// Places in the study's order of labels that no case has.
  package let absentLabels: [Int]
  package let profile: ContrastProfile?
  package var problems: [Problem]

  /// Whether it has a place for each label and contrast of a study.
  package func fits(_ study: StudyFile) -> Bool {
    let (labels, contrasts) = (study.labels.count { $0.value != 0 }, study.features.contrasts.count)
    guard labelCases.count == labels, absentLabels.allSatisfy((0..<labels).contains) else { return false }
    guard let profile else { return true }
    return profile.labels.count == labels && profile.labels.allSatisfy { $0.count == contrasts }
      && profile.correlations.count == contrasts
      && profile.correlations.allSatisfy { $0.count == contrasts } && profile.skewness.count == contrasts
  }

  enum CodingKeys: String, CodingKey {
    case schemaVersion = "schema_version"
    case study, site, found, included, excluded
    case labelCases = "label_cases"
    case absentLabels = "absent_labels"
    case profile, problems
  }
}
