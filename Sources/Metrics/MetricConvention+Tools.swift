extension MetricConvention {
  /// The conventions by name, in the order of help texts.
  package static let all: [MetricConvention] = [monai, deepmind, medpy, nnunet, brats2023, brats2025]

  package static let names = all.map(\.name)

  package static func named(_ name: String) -> MetricConvention? { all.first { $0.name == name } }

  private static let undefined = EmptyValues(both: .nan, prediction: .nan, reference: .nan)

  /// MONAI 1.6's functions with their defaults (`ignore_empty`), distances between border voxels.
  ///
  /// HD95 against an empty mask is NaN: `torch.quantile` interpolates between infinities; the maximum is infinite.
  package static let monai = MetricConvention(
    name: "monai", tool: "MONAI 1.6",
    emptyRule: "an empty reference is left out, an empty prediction counts 0",
    surface: SurfaceRule(
      kind: .borderVoxels, percentile: .linearOfEach, average: .together, overlap: .together,
      isSinglePrecision: true),
    volumeDifferenceHasSign: false,
    empty: [
      .dice: EmptyValues(both: .nan, reference: .nan),
      .jaccard: EmptyValues(both: .nan, reference: .nan),
      .volumeDifference: EmptyValues(both: .nan, reference: .nan),
      .hausdorff95: undefined,
      .hausdorff: EmptyValues(both: .nan, prediction: .infinity, reference: .infinity),
      .averageDistance: EmptyValues(both: .nan, prediction: .infinity, reference: .infinity),
      .averageDistanceFromReference: EmptyValues(both: .nan, prediction: .infinity, reference: .infinity),
      .averageSymmetricDistance: EmptyValues(both: .nan, prediction: .infinity, reference: .infinity),
      .surfaceDice: EmptyValues(both: .nan, prediction: 0, reference: 0),
    ])

  private static let byArea = SurfaceRule(
    kind: .elements, percentile: .byAreaOfEach, average: .eachAlike, overlap: .together)

  /// DeepMind's `surface-distance` 0.1 (Nikolov et al. 2018, 1809.04430): surface elements and their areas.
  package static let deepmind = MetricConvention(
    name: "deepmind", tool: "DeepMind's surface-distance 0.1",
    emptyRule: "a region empty in both is left out, in one of them counts 0", surface: byArea,
    empty: distancesByArea.merging(
      [
        .hausdorff95: EmptyValues(both: .infinity, prediction: .infinity, reference: .infinity),
        .hausdorff: EmptyValues(both: .infinity, prediction: .infinity, reference: .infinity),
      ]) { $1 })

  /// The mean of no elements is NaN; elements without another surface are infinitely far from it.
  private static let distancesByArea: [Metric: EmptyValues] = [
    .averageDistance: EmptyValues(both: .nan, prediction: .nan, reference: .infinity),
    .averageDistanceFromReference: EmptyValues(both: .nan, prediction: .infinity, reference: .nan),
    .averageSymmetricDistance: undefined,
    .surfaceDice: EmptyValues(both: .nan, prediction: 0, reference: 0),
  ]

  /// medpy 0.5.2 on today's NumPy (2.3 and later: 0/0 is NaN; before, Dice of two empty masks was 1). Where it raises
  /// an error, the value is NaN.
  package static let medpy = MetricConvention(
    name: "medpy", tool: "medpy 0.5",
    emptyRule: "a region empty in both is left out, in one of them counts 0",
    surface: SurfaceRule(
      kind: .borderVoxels, percentile: .linearOfBoth, average: .together, overlap: .together),
    empty: [
      .jaccard: EmptyValues(both: 1),
      .hausdorff95: undefined, .hausdorff: undefined, .averageDistance: undefined,
      .averageDistanceFromReference: undefined, .averageSymmetricDistance: undefined, .surfaceDice: undefined,
    ])

  /// nnU-Net v2's `compute_metrics`: Dice and IoU, no distances.
  package static let nnunet = MetricConvention(
    name: "nnunet", tool: "nnU-Net 2.8",
    emptyRule: "a region empty in both is left out, in one of them counts 0", surface: nil, empty: [:])

  /// BraTS 2023's evaluation: whole images with DeepMind's distances, and lesions merged by dilation.
  ///
  /// segfed's default. BraTS up to 2022 and FeTS have the same Dice, and 373.128664 for the distance to an empty mask.
  package static let brats2023 = MetricConvention(
    name: "brats2023", tool: "BraTS 2023",
    emptyRule: "empty in both reference and prediction counts 1, in one of them 0", surface: byArea,
    lesions: .dilation(penalty: 374), specificityWithoutBackground: 0,
    empty: distancesByArea.merging(
      [
        .dice: EmptyValues(both: 1),
        .jaccard: EmptyValues(both: 1),
        .sensitivity: EmptyValues(both: 1, reference: 0),
        .hausdorff95: EmptyValues(both: 0, prediction: 374, reference: 374),
        .hausdorff: EmptyValues(both: 0, prediction: 374, reference: 374),
      ]) { $1 })

  /// The evaluator of BraTS 2025 and later (`brats-evaluation` on `panoptica`): masks that do not meet are as far as an
  /// empty one, lesions matched one to one. Distances between whole masks are in voxels, which are mm on BraTS' grid.
  package static let brats2025 = MetricConvention(
    name: "brats2025", tool: "BraTS 2025 (brats-evaluation 0.0.10)",
    emptyRule: "a region empty in both is left out, in one of them counts 0",
    surface: SurfaceRule(
      kind: .borderVoxels, percentile: .linearOfBoth, average: .eachAlike, overlap: .eachAlike,
      tolerance: 0.5),
    lesions: .bipartite(penalty: 373), measuresWholeMasksInVoxels: true,
    empty: [
      .relativeVolumeDifference: EmptyValues(both: 0),
      .hausdorff95: EmptyValues(both: .nan, prediction: 373, reference: 373, overlap: 373),
      .hausdorff: EmptyValues(both: .nan, prediction: 373, reference: 373),
      .averageDistance: EmptyValues(both: .nan, prediction: .infinity, reference: .infinity),
      .averageDistanceFromReference: EmptyValues(both: .nan, prediction: .infinity, reference: .infinity),
      .averageSymmetricDistance: EmptyValues(both: .nan, prediction: .infinity, reference: .infinity),
      .surfaceDice: EmptyValues(both: .nan, prediction: 0, reference: 0, overlap: 0),
    ])
}
