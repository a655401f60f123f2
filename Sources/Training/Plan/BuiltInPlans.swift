/// The plans that come with the binary; `Models/` holds the same as files, with their cards (a test compares them).
package enum BuiltInPlans {
  /// The default for volumes.
  package static let unet3d = PlanFile(
    schemaVersion: 2, name: "unet3d", dimensions: 3, contrasts: nil, labels: nil, regions: nil, targets: nil,
    spacing: nil, harmonisation: nil, patch: [48, 64, 48], batch: 1,
    network: .init(widths: [8, 16, 32, 64], convolutionsPerStage: 2),
    loss: nil, optimizer: .init(name: .adamw, learningRate: 0.015, weightDecay: 1e-5),
    foregroundOversampling: 0.33, mirror: ["x"], augmentation: .gainOffset, rounds: 12, localSteps: 13,
    split: .init(validation: 0.15, test: 0.25))

  /// The default for single slices.
  package static let unet2d = PlanFile(
    schemaVersion: 2, name: "unet2d", dimensions: 2, contrasts: nil, labels: nil, regions: nil, targets: nil,
    spacing: nil, harmonisation: nil, patch: [64, 64, 1], batch: 8,
    network: .init(widths: [16, 32, 64, 128], convolutionsPerStage: 2),
    loss: nil, optimizer: .init(name: .adamw, learningRate: 0.003, weightDecay: 1e-5),
    foregroundOversampling: 0.33, mirror: ["x", "y"], augmentation: .gainOffset, rounds: 10, localSteps: 10,
    split: .init(validation: 0.15, test: 0.25))

  package static let all = [unet3d, unet2d]

  /// The plan that fits the data.
  package static func fitting(_ data: DataFingerprint) -> PlanFile {
    data.isPlanar ? unet2d : unet3d
  }
}
