/// What is let pass that is refused otherwise, each by a flag of its own.
package struct CasePolicy: Sendable, Equatable, Codable {
  /// `--skip-bad-cases`: a case that fails a check is left out and reported.
  package var skipsBadCases = false
  /// `--allow-labels-outside-brain`.
  package var allowsLabelsOutsideBrain = false
  /// `--resample-labels`: a label map of another grid is brought to its scan's, each voxel the nearest label.
  package var resamplesLabels = false
  /// `--allow-duplicates`: the same scan may lie at two sites, or in training and test.
  package var allowsDuplicates = false

  enum CodingKeys: String, CodingKey {
    case skipsBadCases = "skip_bad_cases"
    case allowsLabelsOutsideBrain = "allow_labels_outside_brain"
    case resamplesLabels = "resample_labels"
    case allowsDuplicates = "allow_duplicates"
  }

  /// Nothing is let pass.
  package static let strict = CasePolicy()
  package init() {}
}
