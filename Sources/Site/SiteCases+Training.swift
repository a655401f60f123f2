import Harmonization

/// Changes a case before a site trains on it; `position` and `count` are those of the site's training cases.
///
/// For simulated sites that are hostile.
package typealias CaseChange =
  @Sendable (_ item: HarmonizedCase, _ position: Int, _ count: Int) -> HarmonizedCase

extension SiteCases {
  /// Voxels of the training cases, as they are trained on.
  package var trainingVoxels: Int {
    split.training.reduce(0) { $0 + records[$1].voxels }
  }
}
