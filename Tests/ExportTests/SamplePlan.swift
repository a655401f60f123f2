import Training

/// Plans as small as they get: YAML resolved for data of that many contrasts and labels.
enum SamplePlan {
  static func planar(contrasts: Int, labels: Int, widths: [Int]) -> TrainingPlan {
    plan(contrasts: contrasts, labels: labels, widths: widths, patch: [16, 24, 1], size: SIMD3(32, 32, 1))
  }

  /// `network` is more YAML of the network.
  static func solid(
    contrasts: Int, labels: Int, widths: [Int], patch: [Int] = [8, 16, 24], network: String = ""
  ) -> TrainingPlan {
    plan(
      contrasts: contrasts, labels: labels, widths: widths, patch: patch, size: SIMD3(32, 32, 32),
      network: network)
  }

  private static func plan(
    contrasts: Int, labels: Int, widths: [Int], patch: [Int], size: SIMD3<Int>,
    network: String = ""
  ) -> TrainingPlan {
    let text = """
      schema_version: 1
      name: sample
      dimensions: \(patch[2] == 1 ? 2 : 3)
      patch: \(patch)
      batch: 1
      network: {widths: \(widths), convolutions_per_stage: 2\(network)}
      optimizer: {name: adam, learning_rate: 0.01, weight_decay: 0, momentum: 0.9}
      foreground_oversampling: 0.5
      mirror: [x]
      rounds: 1
      local_steps: 1
      split: {validation: 0.2, test: 0.2}
      """
    let data = DataFingerprint(
      contrasts: (0..<contrasts).map { "contrast \($0)" }, labelValues: (0..<labels).map(UInt16.init),
      medianSpacing: SIMD3(1.5, 2, 3), medianSize: size)
    do {
      return try PlanFile.parse(text, file: "sample").resolved(for: data, file: "sample")
    } catch {
      preconditionFailure("\(error)")
    }
  }
}
