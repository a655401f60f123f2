import Foundations
import Harmonization
import Imaging
import Metrics

/// What a plan needs to know of the data: names, label values and typical grids, no voxels.
package struct DataFingerprint: Sendable, Equatable {
  /// In the data set's order.
  package var contrasts: [String]
  /// Ascending, with 0.
  package var labelValues: [UInt16]
  /// Median voxel sizes in mm along x, y, z after reorientation; nil for PNG.
  package var medianSpacing: SIMD3<Double>?
  /// Median voxels along x, y, z.
  package var medianSize: SIMD3<Int>
  /// What the data set calls its labels; empty where it does not say.
  package var labelNames: [LabelName]
  /// The data set's own regions; empty where it has none.
  package var regions: [LabelGroup]

  package init(
    contrasts: [String], labelValues: [UInt16], medianSpacing: SIMD3<Double>?, medianSize: SIMD3<Int>,
    labelNames: [LabelName] = [], regions: [LabelGroup] = []
  ) {
    self.labelNames = labelNames
    self.regions = regions
    self.contrasts = contrasts
    self.labelValues = labelValues
    self.medianSpacing = medianSpacing
    self.medianSize = medianSize
  }

  /// The same with a label to train on: scans without label maps can be harmonised for a plan all the same.
  package var labelled: DataFingerprint {
    var data = self
    if labelValues.count < 2 { data.labelValues = [0, 1] }
    return data
  }

  /// Whether the data are single slices.
  package var isPlanar: Bool { medianSize.z == 1 }
}

extension PlanFile {
  /// The plan with everything that it left to the data filled in. Throws `PlanError` or `NetworkError`.
  package func resolved(for data: DataFingerprint, file: String) throws -> TrainingPlan {
    if let contrasts, contrasts != data.contrasts, Set(contrasts).subtracting(data.contrasts).isEmpty == false
    {
      throw PlanError.contrasts(file: file, found: data.contrasts, expected: contrasts)
    }
    let labels = labels ?? Self.labels(of: data)
    let unknown = Set(data.labelValues).subtracting(labels.map(\.value))
    guard unknown.isEmpty else {
      throw PlanError.labels(
        file: file, found: data.labelValues.map(Int.init), expected: labels.map { Int($0.value) })
    }
    if dimensions == 3 && data.isPlanar {
      throw PlanError.field(
        file: file, field: "dimensions", found: "3", expected: "2, since the scans are single slices")
    }
    var plan = TrainingPlan(
      schemaVersion: schemaVersion, name: name, dimensions: dimensions,
      contrasts: contrasts ?? data.contrasts, labels: labels,
      regions: regions ?? Self.regions(of: labels, in: data), targets: targets ?? .labels,
      spacing: spacing ?? Self.spacing(of: data),
      harmonisation: (harmonisation ?? HarmonizationChoice()).resolved, patch: patch, batch: batch,
      network: network.resolved(dimensions: dimensions), loss: loss ?? TrainingPlan.Loss(),
      optimizer: optimizer.read(fromSchema: schemaVersion),
      foregroundOversampling: foregroundOversampling, mirror: mirror,
      augmentation: augmentation ?? .gainOffset, rounds: rounds, localSteps: localSteps,
      earlyStopping: earlyStopping, checkpointSteps: checkpointSteps ?? TrainingPlan.defaultCheckpointSteps,
      split: split, inference: (inference ?? InferenceChoice()).applied(to: InferenceSettings()))
    try plan.validate(file: file)
    plan.schemaVersion = TrainingPlan.schemaVersion
    return plan
  }

  /// The plan where there is no data to fill in what it leaves out: contrasts, labels and, for volumes, the spacing must
  /// be there. Throws `PlanError` (`needsData` names the fields) or `NetworkError`.
  package func resolvedWithoutData(file: String) throws -> TrainingPlan {
    let missing = [
      contrasts == nil ? "contrasts" : nil, labels == nil ? "labels" : nil,
      // Pictures, in 2D, have none.
      spacing == nil && dimensions == 3 ? "spacing" : nil,
    ].compactMap { $0 }
    guard let contrasts, let labels, missing.isEmpty else {
      throw PlanError.needsData(file: file, fields: missing)
    }
    let data = DataFingerprint(
      contrasts: contrasts, labelValues: labels.map(\.value), medianSpacing: nil,
      medianSize: SIMD3(1, 1, dimensions == 3 ? 2 : 1))
    return try resolved(for: data, file: file)
  }

  private static func spacing(of data: DataFingerprint) -> [Double]? {
    data.medianSpacing.map { spacing in
      // Two decimals: a spacing is read by people, and rounding noise of headers must not show.
      (0..<3).map { (spacing[$0] * 100).rounded() / 100 }
    }
  }

  private static let bratsNames: [UInt16: String] = [
    1: "necrotic core", 2: "edema", 4: "enhancing tumour",
  ]

  /// Names for the label values that the data has: the data set's own, BraTS' for its values, else numbers.
  package static func labels(of data: DataFingerprint) -> [TrainingPlan.Label] {
    let brats = Set(data.labelValues) == [0, 1, 2, 4]
    return data.labelValues.map { value in
      let own = data.labelNames.first { $0.value == value }?.name
      let name = own ?? (brats ? bratsNames[value] : nil) ?? "label \(value)"
      return TrainingPlan.Label(value: value, name: value == 0 ? "background" : name)
    }
  }

  /// The data set's own regions; else BraTS' whole tumour, tumour core and enhancing tumour (Menze et al. 2015) for its
  /// labels of either year; else each label alone.
  package static func regions(of labels: [TrainingPlan.Label], in data: DataFingerprint) -> [Region] {
    if !data.regions.isEmpty { return data.regions.map { Region(name: $0.name, labels: $0.values) } }
    let values = Set(labels.map(\.value))
    let is2023 = values == [0, 1, 2, 3] && labels.map(\.name).contains("enhancing tumour")
    if values == [0, 1, 2, 4] || is2023 {
      let enhancing: UInt16 = is2023 ? 3 : 4
      return [
        Region(name: "WT", labels: [1, 2, enhancing]), Region(name: "TC", labels: [1, enhancing]),
        Region(name: "ET", labels: [enhancing]),
      ]
    }
    return labels.filter { $0.value != 0 }.map { Region(name: $0.name, labels: [$0.value]) }
  }
}
