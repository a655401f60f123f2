import Foundations
import Harmonization

extension TrainingPlan {
  /// Throws `PlanError.field` for the version of a newer release.
  static func checkSchema(_ version: Int, file: String) throws {
    guard (1...schemaVersion).contains(version) else {
      throw PlanError.field(
        file: file, field: "schema_version", found: "\(version)", expected: "1 to \(schemaVersion)")
    }
  }

  /// Throws `PlanError` or `NetworkError` where a field cannot be, `file` naming the plan in messages.
  package func validate(file: String) throws {
    func check(_ holds: Bool, _ field: String, _ found: String, _ expected: String) throws {
      guard holds else {
        throw PlanError.field(file: file, field: field, found: found, expected: expected)
      }
    }
    try Self.checkSchema(schemaVersion, file: file)
    try check(!contrasts.isEmpty, "contrasts", "none", "at least one")
    try check(Set(contrasts).count == contrasts.count, "contrasts", "a name twice", "different names")
    try check(
      labels.first?.value == 0, "labels", labels.first.map { "\($0.value) first" } ?? "none",
      "background (value 0) first")
    try check((2...64).contains(labels.count), "labels", "\(labels.count)", "2 to 64")
    try check(Set(labelValues).count == labels.count, "labels", "a value twice", "different values")
    try check(
      !labelValues.contains(HarmonizedCase.outside), "labels", "\(HarmonizedCase.outside)",
      "values up to \(HarmonizedCase.outside - 1)")
    try check(!regions.isEmpty, "regions", "none", "at least one")
    try check(Set(regions.map(\.name)).count == regions.count, "regions", "a name twice", "different names")
    for region in regions {
      let unknown = region.labels.filter { !labelValues.contains($0) || $0 == 0 }
      try check(
        unknown.isEmpty && !region.labels.isEmpty, "regions, \(region.name)", "\(region.labels)",
        "some of the labels \(labelValues.dropFirst().map { "\($0)" }.joined(separator: ", "))")
    }
    if let spacing {
      try check(
        spacing.count == 3 && spacing.allSatisfy { $0.isFinite && $0 > 0.01 && $0 < 100 }, "spacing",
        "\(spacing)", "three sizes in mm along x, y, z")
    }
    try validateHarmonisation(check)
    try augmentation.validate(check)
    try check(
      patch.count == 3 && patch.allSatisfy { $0 >= 1 }, "patch", "\(patch)",
      "three numbers of voxels along x, y, z (z is 1 in 2D)")
    try check((1...256).contains(batch), "batch", "\(batch)", "1 to 256")
    try validateLoss(check)
    try validateOptimizer(check)
    try check(
      (0...1).contains(foregroundOversampling), "foreground_oversampling", "\(foregroundOversampling)",
      "0 to 1")
    try check(mirror.allSatisfy { ["x", "y", "z"].contains($0) }, "mirror", "\(mirror)", "some of x, y, z")
    try check((1...100_000).contains(rounds), "rounds", "\(rounds)", "1 to 100000")
    try check((1...1_000_000).contains(localSteps), "local_steps", "\(localSteps)", "1 to 1000000")
    if let patience = earlyStopping?.patience {
      try check((1...100_000).contains(patience), "early_stopping, patience", "\(patience)", "1 to 100000")
    }
    try check(
      (1...1_000_000).contains(checkpointSteps), "checkpoint_steps", "\(checkpointSteps)", "1 to 1000000")
    for (name, share) in [("validation", split.validation), ("test", split.test)] {
      try check((0...0.9).contains(share), "split, \(name)", "\(share)", "0 to 0.9")
    }
    try check(
      split.validation + split.test < 1, "split", "\(split.validation) + \(split.test)",
      "less than 1 together")
    try validateNetwork(check)
    try check(
      inference.step > 0 && inference.step <= 1, "inference, step", "\(inference.step)", "above 0, up to 1")
    try architecture.validate(batch: batch, patch: patchAxes)
  }

  private func validateHarmonisation(
    _ check: (_ holds: Bool, _ field: String, _ found: String, _ expected: String) throws -> Void
  ) throws {
    if let clip = harmonisation.clip {
      try check(
        clip.count == 2 && clip[0] >= 0 && clip[0] < clip[1] && clip[1] <= 100, "harmonisation, clip",
        "\(clip)",
        "two percentiles, such as [0.5, 99.5]")
    }
    if let atlas = harmonisation.atlas {
      try check(
        harmonisation.intensity == .atlas, "harmonisation, atlas",
        "one beside intensity \(harmonisation.intensity.rawValue)",
        "intensity: atlas")
      let missing = contrasts.filter { atlas.scale(of: $0) == nil }
      try check(
        missing.isEmpty, "harmonisation, atlas", "no scale of \(missing.joined(separator: ", "))",
        "one for each contrast of the plan")
    }
  }
}
