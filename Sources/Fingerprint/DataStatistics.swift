/// What a plan needs to know of many cases, at one site or at all: counts and sums, so that sites can be added up to
/// exactly what pooled cases give.
package struct DataStatistics: Sendable, Equatable {
  package let contrasts: [String]
  package let cases: Int
  /// Voxel sizes in thousandths of a millimetre; empty for pictures.
  package let micrometres: AxisCounts
  /// Voxels after cropping.
  package let sizes: AxisCounts
  /// The crop's share of a scan in hundredths.
  package let croppedPercent: ValueCounts
  /// Ascending, without background.
  package let labels: [LabelVolumes]
  /// One for each contrast.
  package let intensities: [IntensityStatistics]

  /// `intensities` are those of `contrasts`, in their order; left out, there is no foreground.
  package init(
    contrasts: [String], cases: Int = 0, micrometres: AxisCounts = AxisCounts(),
    sizes: AxisCounts = AxisCounts(), croppedPercent: ValueCounts = ValueCounts(),
    labels: [LabelVolumes] = [], intensities: [IntensityStatistics]? = nil
  ) {
    let intensities = intensities ?? contrasts.map { IntensityStatistics(contrast: $0) }
    precondition(intensities.map(\.contrast) == contrasts, "each contrast has its statistics")
    (self.contrasts, self.cases) = (contrasts, cases)
    (self.micrometres, self.sizes, self.croppedPercent) = (micrometres, sizes, croppedPercent)
    (self.labels, self.intensities) = (labels, intensities)
  }

  /// The cases of both.
  package func merged(with other: DataStatistics) -> DataStatistics {
    precondition(contrasts == other.contrasts, "statistics of the same contrasts are added up")
    return DataStatistics(
      contrasts: contrasts, cases: cases + other.cases,
      micrometres: micrometres.merged(with: other.micrometres), sizes: sizes.merged(with: other.sizes),
      croppedPercent: croppedPercent.merged(with: other.croppedPercent),
      labels: LabelVolumes.merging(labels, other.labels),
      intensities: zip(intensities, other.intensities).map { $0.merged(with: $1) })
  }
}
